"""What needs a person today, and how business goes."""
