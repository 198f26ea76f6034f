"""Money in, what it settles, money back. A customer's account is locked while it changes, so nothing is used twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection

from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.engine.money import digits_of
from quarterday.payments.models import Allocation, Payment, Refund
from quarterday.payments.queries import Settlement, open_credit_notes, open_invoices, payments_with_rest, settlements
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record

A_YEAR = timedelta(days=366)
ACCOUNT_LOCK = 7702  # the class of the advisory locks, beside the customer's id


class PaymentRefused(Refused):
    """A payment, allocation or refund cannot be taken as it was told."""


def record_payment(
    customer: Customer,
    *,
    amount: Decimal,
    currency: str,
    received_on: date,
    now: datetime,
    by: Actor,
    reference: str = "",
    method: str = "transfer",
    bills: Sequence[int] | None = None,
) -> Payment:
    """Record money received and settle invoices with it: those named first, else the oldest; the rest is credit.

    Raises PaymentRefused when the amount has more digits than the currency, is not positive, or a bill is not the
    customer's open invoice in that currency.
    """
    _check_amount("amount", amount, currency)
    if received_on > now.date() + A_YEAR:
        raise PaymentRefused("received_on", f"{received_on} is far in the future: check the year")
    _lock([customer.pk])
    named = _named_invoices(customer, currency, bills or (), received_on)
    payment = Payment.objects.create(
        customer=customer,
        currency=currency,
        amount=amount,
        received_on=received_on,
        method=method,
        reference=reference,
        recorded_at=now,
        recorded_by=str(by),
    )
    rest = _allocate(amount, named, now, received_on, payment=payment)
    if bills is None:
        open_ones = [i for i in open_invoices([customer.pk], on=received_on) if i.currency == currency]
        rest = _allocate(rest, open_ones, now, received_on, payment=payment)
    details = {"amount": str(amount), "currency": currency, "reference": reference, "unused": str(rest)}
    record(by, "recorded payment", payment, at=now, details=details)
    return payment


def settle(customer_ids: Iterable[int], *, on: date, now: datetime) -> int:
    """Use free credit: each credit note on the bill that it corrects, then credit on the oldest open invoices.

    Repeating it changes nothing. Answers how many allocations were made.
    """
    ids = sorted(set(customer_ids))
    _lock(ids)
    made = 0
    notes = open_credit_notes(ids, on=on)
    if notes:
        made += _use_notes_on_their_bills(notes, on, now)
    invoices = open_invoices(ids, on=on)
    for customer_id, currency in {(i.customer_id, i.currency) for i in invoices}:
        made += _use_credit(customer_id, currency, on, now)
    return made


def refund(
    payment: Payment, *, amount: Decimal, refunded_on: date, now: datetime, by: Actor, reference: str = ""
) -> Refund:
    """Give money back: first what the payment had left, then what it settled, newest first, which opens bills again.

    Raises PaymentRefused above what was paid and not given back yet.
    """
    _check_amount("amount", amount, payment.currency)
    _lock([payment.customer_id])
    payment.refresh_from_db()
    if payment.withdrawn_at:
        raise PaymentRefused("payment", "it was withdrawn, so there is nothing to give back")
    given = sum((r.amount for r in payment.refunds.all()), Decimal(0))
    if amount > payment.amount - given:
        left = payment.amount - given
        raise PaymentRefused(
            "amount", f"{amount} is more than the {left} {payment.currency} that is left of the payment"
        )
    free = next((p.rest for p in payments_with_rest([payment.customer_id], payment_id=payment.pk)), Decimal(0))
    _take_back(payment, amount - free, now)
    row = Refund.objects.create(
        customer_id=payment.customer_id,
        payment=payment,
        amount=amount,
        refunded_on=refunded_on,
        reference=reference,
        recorded_at=now,
        recorded_by=str(by),
    )
    record(by, "refunded", payment, at=now, details={"amount": str(amount), "reference": reference})
    return row


def withdraw_payment(payment: Payment, *, reason: str, now: datetime, by: Actor) -> None:
    """A payment that was recorded in error, or bounced: its bills are open again, and it stays to be seen."""
    _lock([payment.customer_id])
    payment.refresh_from_db()
    if payment.withdrawn_at:
        raise PaymentRefused("payment", "it was withdrawn before")
    if payment.refunds.exists():
        raise PaymentRefused("payment", "a part of it was given back, so it cannot be withdrawn")
    if not reason.strip():
        raise PaymentRefused("reason", "say why, for example: the direct debit bounced")
    payment.allocations.filter(undone_at=None).update(undone_at=now)
    payment.withdrawn_at, payment.withdrawn_because = now, reason
    payment.save(update_fields=["withdrawn_at", "withdrawn_because"])
    record(by, "withdrew payment", payment, at=now, details={"reason": reason})


def _lock(customer_ids: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, id::int) FROM unnest(%s::bigint[]) AS id ORDER BY id",
            [ACCOUNT_LOCK, sorted(customer_ids)],
        )


def _check_amount(field: str, amount: Decimal, currency: str) -> None:
    digits = digits_of(currency)
    if not amount.is_finite() or amount <= 0:
        raise PaymentRefused(field, f"{amount} is not more than nothing")
    if amount != round(amount, digits):
        raise PaymentRefused(field, f"{amount} has more than the {digits} decimals of {currency}")
    if amount >= Decimal(10) ** 12:
        raise PaymentRefused(field, f"{amount} is absurdly large: check the decimal point")


def _named_invoices(customer: Customer, currency: str, bill_ids: Sequence[int], on: date) -> list[Settlement]:
    found = settlements(bill_ids, on=on)
    for bill_id in bill_ids:
        row = found.get(bill_id)
        if row is None or row.customer_id != customer.pk or row.kind != "invoice":
            raise PaymentRefused("bills", f"there is no issued invoice {bill_id} of {customer.name}")
        if row.currency != currency:
            raise PaymentRefused("bills", f"{row.number} is in {row.currency}, the payment in {currency}")
    return [found[bill_id] for bill_id in bill_ids]


def _allocate(
    amount: Decimal,
    invoices: Iterable[Settlement],
    now: datetime,
    on: date,
    *,
    payment: Payment | None = None,
    note_id: int | None = None,
) -> Decimal:
    """Spread an amount over invoices in their order; answers what is left of it."""
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
                    amount=part,
                    allocated_on=on,
                    recorded_at=now,
                )
            )
            amount -= part
    Allocation.objects.bulk_create(rows)
    return amount


def _use_notes_on_their_bills(notes: Sequence[Settlement], on: date, now: datetime) -> int:
    corrected = dict(Bill.objects.filter(pk__in=[n.bill_id for n in notes]).values_list("pk", "corrects_id"))
    made = 0
    for note in notes:
        bill_id = corrected[note.bill_id]
        # Asked anew for each note: the one before may have settled the same bill.
        invoices = [i for i in settlements([bill_id] if bill_id else [], on=on).values() if i.open > 0]
        made += len(invoices)
        _allocate(note.open, invoices, now, on, note_id=note.bill_id)
    return made


def _use_credit(customer_id: int, currency: str, on: date, now: datetime) -> int:
    made = 0
    for note in open_credit_notes([customer_id], on=on):
        if note.currency == currency:
            made += _on_the_oldest(note.open, customer_id, currency, on, now, note_id=note.bill_id)
    for rest in payments_with_rest([customer_id]):
        if rest.currency == currency:
            payment = Payment.objects.get(pk=rest.payment_id)
            made += _on_the_oldest(rest.rest, customer_id, currency, on, now, payment=payment)
    return made


def _on_the_oldest(
    amount: Decimal,
    customer_id: int,
    currency: str,
    on: date,
    now: datetime,
    *,
    payment: Payment | None = None,
    note_id: int | None = None,
) -> int:
    invoices = [i for i in open_invoices([customer_id], on=on) if i.currency == currency]
    left = _allocate(amount, invoices, now, on, payment=payment, note_id=note_id)
    return int(left < amount)


def _take_back(payment: Payment, amount: Decimal, now: datetime) -> None:
    """Undo the payment's newest allocations until `amount` is free; a part that stays is allocated anew."""
    for row in payment.allocations.filter(undone_at=None).order_by("-pk"):
        if amount <= 0:
            return
        row.undone_at = now
        row.save(update_fields=["undone_at"])
        if row.amount > amount:
            Allocation.objects.create(
                customer_id=row.customer_id,
                bill_id=row.bill_id,
                payment=payment,
                amount=row.amount - amount,
                allocated_on=row.allocated_on,
                recorded_at=now,
            )
        amount -= row.amount
