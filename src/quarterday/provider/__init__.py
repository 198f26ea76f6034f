"""Ourselves: the provider's party, bank, logo, number series, tax codes, device classes."""
