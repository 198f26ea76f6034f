"""Who is billed: names, addresses, time zone, tax, contacts."""
