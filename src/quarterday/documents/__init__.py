"""The print room: values in, bytes out. No tables, no clock, no network.

`values` is what other rooms fill in, `printing` what they call.
"""
