"""Till: money in, its matching to bills, balances, reminders, statements."""
