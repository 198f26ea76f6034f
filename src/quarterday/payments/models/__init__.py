"""Till. Money in, what it settles, money back, what is given up; reminders sent."""

from quarterday.payments.models.money import Allocation, Payment, Refund, WriteOff
from quarterday.payments.models.reminders import Reminder

__all__ = ["Allocation", "Payment", "Refund", "Reminder", "WriteOff"]
