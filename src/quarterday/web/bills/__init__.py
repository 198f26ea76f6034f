"""The tab Billing: bills, charges, payments, the run."""
