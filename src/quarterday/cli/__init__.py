"""Commands: a door onto queries and actions."""
