"""The calculation, pure: values in, values out; no clock, no tables, no network, no randomness."""
