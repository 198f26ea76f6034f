"""Store room: devices, the presence ledger, sync runs."""
