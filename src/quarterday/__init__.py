"""Quarterday: billing for managed service providers."""
