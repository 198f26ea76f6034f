"""A backup is one file: every table as text, and a manifest that says what must be in it."""
