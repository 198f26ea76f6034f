"""Payments: what is given up, the bank's statements, the ledger, what is late."""
