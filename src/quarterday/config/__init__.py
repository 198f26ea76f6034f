"""How an installation is set up: its environment, its database, Django's settings."""
