"""A deterministic MSP, built only with the rooms' actions."""
