"""What people do with money: record, settle, give back, withdraw, write off, propose, confirm the bank's lines.

All are called inside `acting(scope)`, take `now` and who acts, lock the customer's account, and leave an audit entry.
"""

from quarterday.payments.actions.accounts import ACCOUNT_LOCK, PaymentRefused
from quarterday.payments.actions.bank import (
    Imported,
    confirm_line,
    ignore_line,
    import_bank_lines,
    reopen_line,
)
from quarterday.payments.actions.confirming import confirm_suggestion, confirm_sure_lines
from quarterday.payments.actions.pausing import pause_reminders, resume_reminders
from quarterday.payments.actions.proposing import (
    approve_proposal,
    confirm_or_propose,
    credit_or_propose,
    refund_or_propose,
    refuse_proposal,
    waive_or_propose,
    write_off_or_propose,
)
from quarterday.payments.actions.receiving import record_payment, refund, withdraw_payment
from quarterday.payments.actions.settling import settle, settle_everybody
from quarterday.payments.actions.taking_back import undo_write_off
from quarterday.payments.actions.writing_off import write_off
from quarterday.payments.models import Proposal

__all__ = [
    "ACCOUNT_LOCK",
    "Imported",
    "PaymentRefused",
    "Proposal",
    "approve_proposal",
    "confirm_line",
    "confirm_or_propose",
    "confirm_suggestion",
    "confirm_sure_lines",
    "credit_or_propose",
    "ignore_line",
    "import_bank_lines",
    "pause_reminders",
    "record_payment",
    "refund",
    "refund_or_propose",
    "refuse_proposal",
    "reopen_line",
    "resume_reminders",
    "settle",
    "settle_everybody",
    "undo_write_off",
    "waive_or_propose",
    "withdraw_payment",
    "write_off",
    "write_off_or_propose",
]
