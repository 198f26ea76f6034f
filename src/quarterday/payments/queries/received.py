"""Payments as lists show them. All inside `acting(scope)`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from quarterday.payments.models import BankLine, Payment
from quarterday.payments.queries.accounts import payments_with_rest
from quarterday.shared.refusal import NotFound

ZERO = Decimal(0)


class PaymentUnknown(NotFound):
    """There is no such payment in scope."""


def payments_of(customer_id: int | None = None) -> QuerySet[Payment]:
    """Payments, newest first, with their refunds."""
    rows = Payment.objects.select_related("customer").prefetch_related("refunds")
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    return rows.order_by("-received_on", "-pk")


def find_payment(payment_id: int) -> Payment | None:
    """One payment with its customer; None when the scope does not hold it."""
    return Payment.objects.select_related("customer").filter(pk=payment_id).first()


def given_back(payment: Payment) -> Decimal:
    """What of a payment went back."""
    return sum((refund.amount for refund in payment.refunds.all()), ZERO)


def left_of(payment: Payment) -> Decimal:
    """What of a payment was not given back yet; nothing of one that was withdrawn."""
    return ZERO if payment.withdrawn_at else payment.amount - given_back(payment)


def get_payment(payment_id: int) -> Payment:
    """One payment; PaymentUnknown when the scope does not hold it."""
    row = find_payment(payment_id)
    if row is None:
        raise PaymentUnknown("payment", f"There is no payment {payment_id}: see quarterday payments list.")
    return row


def payments_for_line(line: BankLine, *, limit: int = 200) -> list[Payment]:
    """The payments that a line of the bank may be about, newest first, to choose from by hand.

    Money that came may be recorded already: just that amount, and no other line's. Money that went gives back a part
    or all of a payment, or is one that bounced.
    """
    rows = Payment.objects.select_related("customer").filter(currency=line.currency, withdrawn_at=None)
    if line.amount > 0:
        rows = rows.filter(amount=line.amount, bank_lines=None)
    else:
        rows = rows.filter(amount__gte=-line.amount)
    return list(rows.order_by("-received_on", "-pk")[:limit])


def payment_list(customer_id: int | None = None, *, limit: int = 200) -> list[dict[str, Any]]:
    """Payments as a list shows them, newest first: what came, what is unused, and whether it was withdrawn."""
    rows = list(payments_of(customer_id)[:limit])
    rests = {rest.payment_id: rest.rest for rest in payments_with_rest({row.customer_id for row in rows})}
    return [
        {
            "id": row.pk,
            "customer_id": row.customer_id,
            "customer": row.customer.name,
            "received_on": row.received_on,
            "amount": row.amount,
            "currency": row.currency,
            "rest": rests.get(row.pk, ZERO),
            "refunded": sum((refund.amount for refund in row.refunds.all()), ZERO),
            "reference": row.reference,
            "method": row.method,
            "state": "withdrawn" if row.withdrawn_at else "received",
        }
        for row in rows
    ]
