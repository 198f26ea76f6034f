"""Across the rooms: the promises of the books, asked of all rows."""
