"""Money in and money back. A customer's account is locked while it changes, so nothing is used twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from quarterday.bills.queries import numbers_of
from quarterday.bills.two_persons import refuse_alone
from quarterday.customers.models import Customer
from quarterday.engine.money import in_currency
from quarterday.engine.periods import local_date
from quarterday.payments.actions.accounts import PaymentRefused, allocate, check_amount, lock_accounts
from quarterday.payments.actions.settling import settle
from quarterday.payments.actions.taking_back import call_notes_home, undo_part
from quarterday.payments.models import Payment, Refund
from quarterday.payments.queries import Settlement, given_back, left_of, open_invoices, payments_with_rest, settlements
from quarterday.provider.words import reason_given, words_given
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record

LONGEST_REFERENCE = 200
"""Characters of what a transfer says."""
LONGEST_BACK = timedelta(days=3660)
LONGEST_AHEAD = timedelta(days=92)
"""From ten years ago to three months ahead, as cheques are dated ahead: what is beyond is a typing error."""


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
    check_amount("amount", amount, currency)
    reference = words_given("reference", reference, longest=LONGEST_REFERENCE)
    _check_day("received_on", received_on, now)
    lock_accounts([customer.pk])
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
    rest = allocate(amount, named, now, received_on, payment=payment, is_of_before=True)
    if bills is None:
        open_ones = [i for i in open_invoices([customer.pk], on=received_on) if i.currency == currency]
        rest = allocate(rest, open_ones, now, received_on, payment=payment, is_of_before=True)
    details = {"amount": str(amount), "currency": currency, "reference": reference, "unused": str(rest)}
    record(by, "recorded payment", payment, at=now, details=details)
    return payment


def refund(
    payment: Payment,
    *,
    amount: Decimal,
    refunded_on: date,
    now: datetime,
    by: Actor,
    reference: str = "",
    second: Actor | None = None,
) -> Refund:
    """Give money back: first what the payment had left, then what it settled, newest first, which opens bills again.

    Raises PaymentRefused above what was paid and not given back yet; TakesTwo above the provider's amount without a
    `second` person.
    """
    check_amount("amount", amount, payment.currency)
    reference = words_given("reference", reference, longest=LONGEST_REFERENCE)
    lock_accounts([payment.customer_id])
    payment.refresh_from_db()
    if payment.withdrawn_at:
        raise PaymentRefused("payment", "It was withdrawn, so there is nothing to give back.")
    _check_day("refunded_on", refunded_on, now)
    if refunded_on < payment.received_on - LONGEST_AHEAD:
        raise PaymentRefused("refunded_on", f"{refunded_on} is long before the money came, on {payment.received_on}.")
    left = left_of(payment)
    if amount > left:
        told = in_currency(left, payment.currency)
        raise PaymentRefused(
            "amount", f"{amount} is more than the {told} {payment.currency} that is left of the payment."
        )
    refuse_alone(amount, payment.currency, before=lambda: given_back(payment), by=by, second=second)
    free = next((p.rest for p in payments_with_rest([payment.customer_id], payment_id=payment.pk)), Decimal(0))
    opened = _take_back(payment, amount - free, refunded_on, now)
    row = Refund.objects.create(
        customer_id=payment.customer_id,
        payment=payment,
        amount=amount,
        refunded_on=refunded_on,
        reference=reference,
        recorded_at=now,
        recorded_by=str(by),
    )
    _credit_what_is_open_again(payment, opened, now)
    record(by, "refunded", payment, at=now, details={"amount": str(amount), "reference": reference})
    return row


def withdraw_payment(payment: Payment, *, reason: str, now: datetime, by: Actor, on: date | None = None) -> None:
    """A payment that was recorded in error, or bounced: its bills are open again, and it stays to be seen.

    `on` is the day on which the bank took it back; without it, it is reversed on the day on which this is recorded.
    """
    lock_accounts([payment.customer_id])
    payment.refresh_from_db()
    if payment.withdrawn_at:
        raise PaymentRefused("payment", "It was withdrawn before: its bills are open already.")
    if payment.refunds.exists():
        raise PaymentRefused("payment", "A part of it was given back, so it cannot be withdrawn: give back the rest.")
    reason = reason_given(reason, missing="is missing: say why, for example: the direct debit bounced.")
    opened = list(payment.allocations.filter(undone_at=None).values_list("bill_id", flat=True))
    today = local_date(now, payment.customer.time_zone)
    on = on or today
    _check_day("withdrawn_on", on, now)
    payment.allocations.filter(undone_at=None).update(undone_at=now, undone_on=min(on, today))
    payment.withdrawn_at, payment.withdrawn_because, payment.withdrawn_on = now, reason, on
    payment.save(update_fields=["withdrawn_at", "withdrawn_because", "withdrawn_on"])
    _credit_what_is_open_again(payment, opened, now)
    record(by, "withdrew payment", payment, at=now, details={"reason": reason, "on": on.isoformat()})


def _check_day(field: str, day: date, now: datetime) -> None:
    if day > now.date() + LONGEST_AHEAD:
        raise PaymentRefused(field, f"{day} is far in the future: check the year.")
    if day < now.date() - LONGEST_BACK:
        raise PaymentRefused(field, f"{day} is more than ten years ago: check the year.")


def _named_invoices(customer: Customer, currency: str, bill_ids: Sequence[int], on: date) -> list[Settlement]:
    found = settlements(bill_ids, on=on)
    for bill_id in bill_ids:
        row = found.get(bill_id)
        if row is None or row.customer_id != customer.pk or row.kind != "invoice":
            number = numbers_of([bill_id]).get(bill_id, f"draft {bill_id}")
            raise PaymentRefused("bills", f"{number} is no issued invoice of {customer.name}: name one of theirs.")
        if row.currency != currency:
            raise PaymentRefused("bills", f"{row.number} is in {row.currency}, the payment in {currency}")
        if not row.open and row.written_off:
            raise PaymentRefused("bills", f"{row.number} is written off: take the write-off back first")
    # Each once, however often it was named: it takes what is open of it and no more.
    return [found[bill_id] for bill_id in dict.fromkeys(bill_ids)]


def _credit_what_is_open_again(payment: Payment, bill_ids: Sequence[int], now: datetime) -> None:
    if call_notes_home(bill_ids, today=local_date(now, payment.customer.time_zone), now=now):
        settle([payment.customer_id], now=now)


def _take_back(payment: Payment, amount: Decimal, on: date, now: datetime) -> list[int]:
    """Undo the payment's newest allocations until `amount` is free; answers the bills that this opens.

    They are open from the day on which the money went, so that on no day more credit is gone than there was.
    """
    today = min(on, local_date(now, payment.customer.time_zone))
    opened = []
    for row in payment.allocations.filter(undone_at=None).order_by("-pk"):
        if amount <= 0:
            break
        undo_part(row, min(amount, row.amount), today=today, now=now)
        opened.append(row.bill_id)
        amount -= row.amount
    return opened
