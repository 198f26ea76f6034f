"""Write-offs as lists show them. All inside `acting(scope)`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from quarterday.payments.models import WriteOff
from quarterday.shared.refusal import NotFound


class WriteOffUnknown(NotFound):
    """There is no such write-off in scope."""


def find_write_off(write_off_id: int) -> WriteOff | None:
    """One write-off with its bill and customer; None when the scope does not hold it."""
    return WriteOff.objects.select_related("customer", "bill__issue", "bill__customer").filter(pk=write_off_id).first()


def get_write_off(write_off_id: int) -> WriteOff:
    """One write-off; WriteOffUnknown when the scope does not hold it."""
    row = find_write_off(write_off_id)
    if row is None:
        raise WriteOffUnknown("write_off", f"There is no write-off {write_off_id}: see quarterday payments write-offs.")
    return row


def every_write_off() -> QuerySet[WriteOff]:
    """All write-offs, newest first, with their bills and customers."""
    return WriteOff.objects.select_related("customer", "bill__issue").order_by("-pk")


def write_off_list(customer_id: int | None = None, *, limit: int = 200) -> list[dict[str, Any]]:
    """Write-offs, newest first, as a list shows them."""
    rows = every_write_off()
    if customer_id is not None:
        rows = rows.filter(customer=customer_id)
    return [
        {
            "id": row.pk,
            "customer_id": row.customer_id,
            "customer": row.customer.name,
            "number": row.bill.issue.number,
            "amount": row.amount,
            "currency": row.bill.currency,
            "written_off_on": row.written_off_on,
            "reason": row.reason,
            "by": row.recorded_by,
            "state": "taken back" if row.undone_at else "written off",
        }
        for row in rows[:limit]
    ]
