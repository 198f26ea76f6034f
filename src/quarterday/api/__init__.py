"""JSON: a door onto queries and actions."""
