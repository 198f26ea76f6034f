"""Settings: the provider, numbering, bank, reminders, users, appearance, mail."""
