"""Money for the accounts office, as CSV: the general ledger, what is late, a statement of account.

Amounts have the currency's decimals and a point; text that a spreadsheet would run is defused (bills/export.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice

from quarterday.bills.export import cell, rows_as_text
from quarterday.engine.money import in_currency
from quarterday.payments.queries import Booked, CustomerAge
from quarterday.payments.statements import Statement

CHUNK = 500

LEDGER = ("booked_on", "what", "document", "customer_number", "customer", "account", "debit", "credit", "currency")
AGEING = (
    *("customer_number", "customer", "currency", "open", "not_due", "overdue_1_30", "overdue_31_60"),
    *("overdue_61_90", "overdue_over_90", "unused_credit"),
)
STATEMENT = ("day", "what", "reference", "due_on", "amount", "balance", "currency")


def csv_of_ledger(postings: Iterable[Booked]) -> Iterator[str]:
    """The file in pieces: the names of the columns, then a row a posting, debit and credit beside each other."""
    yield rows_as_text([LEDGER])
    left = iter(postings)
    while some := list(islice(left, CHUNK)):
        yield rows_as_text(_posting(row) for row in some)


def csv_of_ageing(ages: Iterable[CustomerAge]) -> str:
    """A row a customer and currency: what is open, by how long it is overdue, and the credit that is not used."""
    rows = [
        [
            cell(age.number),
            cell(age.customer),
            age.currency,
            *(
                _figure(amount, age.currency)
                for amount in (age.open, age.not_due, age.up_to_30, age.up_to_60, age.up_to_90, age.older, age.credit)
            ),
        ]
        for age in ages
    ]
    return rows_as_text([AGEING, *rows])


def csv_of_statement(statement: Statement) -> str:
    """A row a movement between the opening and the closing balance, with the balance after each."""
    code = statement.currency
    first, last = statement.period.start.isoformat(), statement.period.last_day.isoformat()
    rows = [
        [
            movement.on.isoformat(),
            movement.kind,
            cell(movement.reference),
            cell(movement.due_on),
            _figure(movement.amount, code),
            _figure(balance, code),
            code,
        ]
        for movement, balance in statement.running()
    ]
    opening = [first, "opening balance", "", "", "", _figure(statement.opening, code), code]
    closing = [last, "closing balance", "", "", "", _figure(statement.closing, code), code]
    return rows_as_text([STATEMENT, opening, *rows, closing])


def _posting(row: Booked) -> list[str]:
    debit = _figure(row.amount, row.currency) if row.amount > 0 else ""
    credit = _figure(-row.amount, row.currency) if row.amount < 0 else ""
    return [
        row.booked_on.isoformat(),
        row.what,
        *map(cell, (row.document, row.customer_number, row.customer)),
        row.account,
        debit,
        credit,
        row.currency,
    ]


def _figure(amount: Decimal, currency: str) -> str:
    return format(in_currency(amount, currency), "f")
