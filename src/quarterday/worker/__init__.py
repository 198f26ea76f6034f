"""Jobs: a door onto actions, driven by the queue in PostgreSQL."""
