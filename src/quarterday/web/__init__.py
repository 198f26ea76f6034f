"""Pages: a door onto queries and actions."""
