"""Loading dock: one folder per source; each yields the one shape of `shape.py` and knows nothing of the others."""
