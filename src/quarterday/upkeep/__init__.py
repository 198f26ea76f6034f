"""Across the rooms: health of the installation."""
