"""A customer's account over a range of days, and the paper about it. All inside `acting(scope)`.

The statement lists what moved the account: bills, credit notes, payments, refunds, write-offs and what was reversed,
with the balance after each. The consolidated bill is one PDF of all its bills: a cover that is not an invoice, and
copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from quarterday.bills.collect import BUYER_FIELDS, SELLER_FIELDS
from quarterday.bills.letterhead import customer_party, letterhead_of
from quarterday.bills.printing import font_folder, papers_of_copies
from quarterday.customers.models import Customer
from quarterday.documents.printing import print_consolidated, print_statement
from quarterday.documents.values import (
    ConsolidatedSummary,
    EntryKind,
    Letterhead,
    Party,
    StatementEntry,
    StatementPaper,
)
from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import Period, local_date
from quarterday.provider.models import Provider
from quarterday.provider.queries import get_provider

ZERO = Decimal(0)


class Movement(NamedTuple):
    """What moved an account on a day: bills, refunds and reversals raise what is owed, the others lower it."""

    on: date
    kind: EntryKind
    reference: str
    amount: Decimal
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A customer's account in one currency: what was owed before the period, each movement, what is owed after it.

    A balance below 0 is the customer's credit.
    """

    customer_id: int
    currency: str
    period: Period
    opening: Decimal
    movements: tuple[Movement, ...]

    @property
    def closing(self) -> Decimal:
        """What is owed when the period is over."""
        return self.opening + sum((movement.amount for movement in self.movements), ZERO)

    def running(self) -> Iterator[tuple[Movement, Decimal]]:
        """Each movement with the balance after it."""
        balance = self.opening
        for movement in self.movements:
            balance += movement.amount
            yield movement, balance


def statement_of(customer: Customer, period: Period, *, currency: str | None = None) -> Statement:
    """The account in one currency (the customer's own, if none is named) over whole days.

    A bill moves it on its date of issue, money on the day it came or went; a credit note names the bill that it
    credits. A payment that is withdrawn and a write-off that is taken back stay where they were, and are reversed on
    the day that happened (in the ledger too): what the bank took back, on the day of the bank's statement.
    """
    chosen = currency or customer.currency
    digits = digits_of(chosen)
    opening, movements = ZERO, []
    for row in _movements(customer.pk, chosen, before=period.end):
        movement = row._replace(amount=round_half_up(row.amount, digits))
        if movement.on < period.start:
            opening += movement.amount
        else:
            movements.append(movement)
    return Statement(customer.pk, chosen, period, round_half_up(opening, digits), tuple(movements))


def currencies_of(customer: Customer) -> list[str]:
    """The currencies in which a customer was billed or paid, its own first: each has a statement of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT currency FROM bills_bill b JOIN bills_billissue i ON i.bill_id = b.id
            WHERE b.customer_id = %(customer)s
            UNION SELECT currency FROM payments_payment WHERE customer_id = %(customer)s
            """,
            {"customer": customer.pk},
        )
        found = {currency for (currency,) in cursor.fetchall()}
    return [customer.currency, *sorted(found - {customer.currency})]


def statement_pdf(customer: Customer, period: Period, *, now: datetime, currency: str | None = None) -> bytes:
    """The statement of account on paper, in the customer's language."""
    return print_statement(_statement_paper(customer, period, now, currency), font_folder=font_folder())


def consolidated_pdf(customer: Customer, period: Period, *, now: datetime) -> bytes:
    """All bills and credit notes that a customer was issued in a period, as one PDF behind a cover.

    The cover is marked as not an invoice, the bills as copies: each says what its print says. A period without bills
    gives a cover that says so.
    """
    provider = get_provider()
    papers = papers_of_copies(_issued_between(customer.pk, period), provider)
    summary = ConsolidatedSummary(
        letterhead=_letterhead(provider, customer),
        customer=_party(customer, provider),
        period=period,
        printed_on=local_date(now, customer.time_zone),
        language=customer.language,
    )
    return print_consolidated(summary, papers, font_folder=font_folder())


def _statement_paper(customer: Customer, period: Period, now: datetime, currency: str | None) -> StatementPaper:
    provider = get_provider()
    statement = statement_of(customer, period, currency=currency)
    return StatementPaper(
        letterhead=_letterhead(provider, customer),
        customer=_party(customer, provider),
        period=period,
        printed_on=local_date(now, customer.time_zone),
        currency=statement.currency,
        opening=statement.opening,
        closing=statement.closing,
        entries=tuple(StatementEntry(*movement) for movement in statement.movements),
        language=customer.language,
        is_collected=customer.direct_debit,
    )


def _letterhead(provider: Provider, customer: Customer) -> Letterhead:
    """Today's stationery: a statement is about bills and is none itself."""
    reader = {"language": customer.language, "country": customer.country}
    return letterhead_of({name: getattr(provider, name) for name in SELLER_FIELDS}, provider, reader=reader)


def _party(customer: Customer, provider: Provider) -> Party:
    return customer_party({name: getattr(customer, name) for name in BUYER_FIELDS}, home=provider.country)


def _movements(customer_id: int, currency: str, *, before: date) -> list[Movement]:
    """Everything that moved the account before a day, in the order of its days."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT moved_on, kind, reference, amount, due_on FROM (
                SELECT i.issued_on AS moved_on, 1 AS place, i.bill_id AS id,
                       CASE i.kind WHEN 'invoice' THEN 'bill' ELSE i.kind END AS kind,
                       CASE WHEN o.number IS NULL THEN i.number ELSE format('%%s (%%s)', i.number, o.number) END
                           AS reference,
                       CASE i.kind WHEN 'invoice' THEN b.total ELSE -b.total END AS amount,
                       CASE i.kind WHEN 'invoice' THEN i.due_on END AS due_on, b.currency
                FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
                LEFT JOIN bills_billissue o ON o.bill_id = b.corrects_id
                WHERE i.customer_id = %(customer)s
                UNION ALL
                SELECT received_on, 2, id, 'payment', reference, -amount, NULL, currency
                FROM payments_payment WHERE customer_id = %(customer)s
                UNION ALL
                SELECT greatest(coalesce(p.withdrawn_on, (p.withdrawn_at AT TIME ZONE c.time_zone)::date),
                                p.received_on),
                       5, p.id, 'withdrawal', p.reference, p.amount, NULL, p.currency
                FROM payments_payment p JOIN customers_customer c ON c.id = p.customer_id
                WHERE p.customer_id = %(customer)s AND p.withdrawn_at IS NOT NULL
                UNION ALL
                SELECT r.refunded_on, 3, r.id, 'refund', r.reference, r.amount, NULL, p.currency
                FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
                WHERE r.customer_id = %(customer)s
                UNION ALL
                SELECT w.written_off_on, 4, w.id, 'write_off', i.number, -w.amount, NULL, b.currency
                FROM payments_writeoff w
                JOIN bills_bill b ON b.id = w.bill_id JOIN bills_billissue i ON i.bill_id = w.bill_id
                WHERE w.customer_id = %(customer)s
                UNION ALL
                SELECT (w.undone_at AT TIME ZONE c.time_zone)::date, 6, w.id, 'write_off_undone', i.number, w.amount,
                       NULL, b.currency
                FROM payments_writeoff w JOIN customers_customer c ON c.id = w.customer_id
                JOIN bills_bill b ON b.id = w.bill_id JOIN bills_billissue i ON i.bill_id = w.bill_id
                WHERE w.customer_id = %(customer)s AND w.undone_at IS NOT NULL
            ) AS account
            WHERE currency = %(currency)s AND moved_on < %(before)s ORDER BY moved_on, place, id
            """,
            {"customer": customer_id, "currency": currency, "before": before},
        )
        return [Movement(*row) for row in cursor.fetchall()]


def _issued_between(customer_id: int, period: Period) -> list[int]:
    """The customer's bills and credit notes with a date of issue in the period, in the order of their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bill_id FROM bills_billissue WHERE customer_id = %s AND issued_on >= %s AND issued_on < %s"
            " ORDER BY issued_on, kind DESC, year, sequence",
            [customer_id, period.start, period.end],
        )
        return [bill_id for (bill_id,) in cursor.fetchall()]
