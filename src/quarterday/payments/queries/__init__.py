"""Answers about money: how bills stand, what is owed, what came, what was given up, what is late."""

from quarterday.payments.queries.accounts import (
    Balance,
    PaymentRest,
    balance_list,
    balances,
    free_credit,
    open_balance,
    payments_with_rest,
)
from quarterday.payments.queries.ageing import Age, CustomerAge, ages_by_customer, receivables_by_age
from quarterday.payments.queries.bank import (
    BankLineUnknown,
    Suggestion,
    bank_files,
    find_bank_line,
    get_bank_line,
    suggestions,
    waiting_lines,
)
from quarterday.payments.queries.ledger import AccountSum, Booked, ledger_postings, ledger_sums
from quarterday.payments.queries.paused import Paused, pauses_of
from quarterday.payments.queries.received import PaymentUnknown, get_payment, payment_list, payments_of
from quarterday.payments.queries.settled import (
    Settled,
    Settlement,
    open_credit_notes,
    open_invoices,
    settled_by,
    settled_condition,
    settlements,
)
from quarterday.payments.queries.written_off import (
    WriteOffUnknown,
    every_write_off,
    find_write_off,
    get_write_off,
    write_off_list,
    write_offs_of,
)

__all__ = [
    "AccountSum",
    "Age",
    "Balance",
    "BankLineUnknown",
    "Booked",
    "CustomerAge",
    "Paused",
    "PaymentRest",
    "PaymentUnknown",
    "Settled",
    "Settlement",
    "Suggestion",
    "WriteOffUnknown",
    "ages_by_customer",
    "balance_list",
    "balances",
    "bank_files",
    "every_write_off",
    "find_bank_line",
    "find_write_off",
    "free_credit",
    "get_bank_line",
    "get_payment",
    "get_write_off",
    "ledger_postings",
    "ledger_sums",
    "open_balance",
    "open_credit_notes",
    "open_invoices",
    "pauses_of",
    "payment_list",
    "payments_of",
    "payments_with_rest",
    "receivables_by_age",
    "settled_by",
    "settled_condition",
    "settlements",
    "suggestions",
    "waiting_lines",
    "write_off_list",
    "write_offs_of",
]
