"""What every change of an account needs: its lock, a look at the amount, and the spreading over invoices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from quarterday.engine.money import decimals_of, digits_of
from quarterday.engine.periods import local_date
from quarterday.payments.models import Allocation, Payment, WriteOff
from quarterday.payments.queries import Settlement
from quarterday.shared.refusal import Refused

ACCOUNT_LOCK = 7702  # the class of the advisory locks, beside the customer's id


class PaymentRefused(Refused):
    """A payment, allocation, refund or write-off cannot be taken as it was told."""


def lock_accounts(customer_ids: Iterable[int]) -> None:
    """Let nobody else change these customers' accounts until the transaction ends, in one order for everybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, id::int) FROM unnest(%s::bigint[]) AS id ORDER BY id",
            [ACCOUNT_LOCK, sorted(customer_ids)],
        )


def check_amount(field: str, amount: Decimal, currency: str) -> None:
    """Raise PaymentRefused for what is no amount of money in the currency."""
    digits = digits_of(currency)
    if not amount.is_finite() or amount <= 0:
        raise PaymentRefused(field, f"{amount} is not more than nothing: write an amount above 0.")
    # First its size: the decimals are looked for in the number as it is written out.
    if amount >= Decimal(10) ** 12:
        raise PaymentRefused(field, f"{amount} is absurdly large: check the decimal point.")
    if decimals_of(amount) > digits:
        raise PaymentRefused(field, f"{amount} has more than the {digits} decimals of {currency}: round it.")


def allocate(
    amount: Decimal,
    invoices: Iterable[Settlement],
    now: datetime,
    on: date,
    *,
    payment: Payment | None = None,
    note_id: int | None = None,
    write_off: WriteOff | None = None,
    is_of_before: bool = False,
) -> Decimal:
    """Spread an amount over invoices in their order; answers what is left of it.

    Nothing is settled before its day: a payment that came before the bill was issued, or (of a day that may be over)
    before it was known that another one bounced, was credit until then.
    """
    invoices = list(invoices)
    reopened = _reopened_on([invoice.bill_id for invoice in invoices]) if is_of_before else {}
    rows = []
    for invoice in invoices:
        part = min(amount, invoice.open)
        if part > 0:
            rows.append(
                Allocation(
                    customer_id=invoice.customer_id,
                    bill_id=invoice.bill_id,
                    payment=payment,
                    credit_note_id=note_id,
                    write_off=write_off,
                    amount=part,
                    allocated_on=max(on, invoice.issued_on, reopened.get(invoice.bill_id, on)),
                    recorded_at=now,
                )
            )
            amount -= part
    Allocation.objects.bulk_create(rows)
    return amount


def _reopened_on(bill_ids: Sequence[int]) -> dict[int, date]:
    """The last day on which something that had settled a bill was taken back, by bill, at the customer's."""
    undone = Allocation.objects.filter(bill__in=bill_ids, undone_at__isnull=False)
    days: dict[int, date] = {}
    for bill_id, on, moment, zone in undone.values_list("bill_id", "undone_on", "undone_at", "customer__time_zone"):
        if moment:
            days[bill_id] = max(on or local_date(moment, zone), days.get(bill_id, date.min))
    return days
