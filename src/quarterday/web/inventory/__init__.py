"""Inventory: sources, devices, mappings, exceptions."""
