"""Which customer has which plan: associate, disassociate, and what was agreed with one customer."""
