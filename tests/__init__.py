"""Tests: one folder per room, mirroring src; whole stories are in flows, the house rules in structure."""
