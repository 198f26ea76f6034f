"""Till. Money in, money back, what is given up or proposed; the general ledger; the bank's word; reminders sent."""

from quarterday.payments.models.bank import BankFile, BankLine
from quarterday.payments.models.late_fees import LateFee
from quarterday.payments.models.ledger import Posting
from quarterday.payments.models.money import Allocation, Payment, Refund, WriteOff
from quarterday.payments.models.proposals import Proposal
from quarterday.payments.models.reminders import Reminder, ReminderPause

__all__ = [
    "Allocation",
    "BankFile",
    "BankLine",
    "LateFee",
    "Payment",
    "Posting",
    "Proposal",
    "Refund",
    "Reminder",
    "ReminderPause",
    "WriteOff",
]
