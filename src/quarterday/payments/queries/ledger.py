"""The general ledger by account and posting by posting. All inside `acting(scope)`.

`receivables` is what is open of bills; `customer_credit` what customers may still use or get back, below 0; `revenue`
and `tax` are what was billed, below 0; `bank` is money received less money given back; `bad_debts` was written off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from quarterday.engine.periods import Period

ACCOUNTS = ("receivables", "customer_credit", "revenue", "tax", "bank", "bad_debts")
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class AccountSum:
    """One account in one currency over some days: what it held before, both sides of what was booked, what it holds."""

    account: str
    currency: str
    before: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def after(self) -> Decimal:
        return self.before + self.debit - self.credit


class Booked(NamedTuple):
    """One posting with the words that find its document: a bill's number, a payment's reference or id."""

    booked_on: date
    what: str
    document: str
    customer_number: str
    customer: str
    account: str
    amount: Decimal
    currency: str


def ledger_sums(period: Period, *, customer_id: int | None = None) -> list[AccountSum]:
    """The accounts over whole days, by currency in their usual order; those of a currency add up to 0. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account, currency, coalesce(sum(amount) FILTER (WHERE booked_on < %(start)s), 0),
                   coalesce(sum(amount) FILTER (WHERE booked_on >= %(start)s AND amount > 0), 0),
                   coalesce(-sum(amount) FILTER (WHERE booked_on >= %(start)s AND amount < 0), 0)
            FROM payments_posting
            WHERE booked_on < %(end)s AND (%(customer)s::bigint IS NULL OR customer_id = %(customer)s)
            GROUP BY currency, account
            """,
            {"start": period.start, "end": period.end, "customer": customer_id},
        )
        sums = [AccountSum(*row) for row in cursor.fetchall()]
    return sorted(sums, key=lambda row: (row.currency, ACCOUNTS.index(row.account)))


def ledger_postings(period: Period, *, customer_id: int | None = None) -> Iterator[Booked]:
    """Every posting of some days, oldest first, a few thousand at a time."""
    place: tuple[date, int] | None = None
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                _POSTINGS,
                {
                    "start": period.start,
                    "end": period.end,
                    "customer": customer_id,
                    "day": place[0] if place else None,
                    "id": place[1] if place else None,
                    "chunk": CHUNK,
                },
            )
            rows = cursor.fetchall()
        for posting_id, *row in rows:
            yield Booked(*row)
            place = (row[0], posting_id)
        if len(rows) < CHUNK:
            return


_POSTINGS = """
    SELECT p.id, p.booked_on, p.what,
           coalesce(i.number, n.number, nullif(m.reference, ''), nullif(r.reference, ''), p.document::text),
           c.number, c.name, p.account, p.amount, p.currency
    FROM (
        SELECT * FROM payments_posting
        WHERE booked_on >= %(start)s AND booked_on < %(end)s
          AND (%(customer)s::bigint IS NULL OR customer_id = %(customer)s)
          AND (%(day)s::date IS NULL OR (booked_on, id) > (%(day)s, %(id)s))
        ORDER BY booked_on, id LIMIT %(chunk)s
    ) p
    JOIN customers_customer c ON c.id = p.customer_id
    LEFT JOIN bills_billissue i ON i.bill_id = p.document AND p.what IN ('bill', 'credit_note')
    LEFT JOIN payments_payment m ON m.id = p.document AND p.what IN ('payment', 'withdrawal')
    LEFT JOIN payments_refund r ON r.id = p.document AND p.what = 'refund'
    LEFT JOIN payments_writeoff w ON w.id = p.document AND p.what IN ('write_off', 'write_off_undone')
    LEFT JOIN payments_allocation a ON a.id = p.document AND p.what IN ('allocation', 'allocation_undone')
    LEFT JOIN bills_billissue n ON n.bill_id = coalesce(w.bill_id, a.bill_id)
    ORDER BY p.booked_on, p.id
    """
