"""Across the rooms: invariants and conservation."""
