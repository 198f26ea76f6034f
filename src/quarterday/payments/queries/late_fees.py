"""Late fees as lists, reminders and their own verbs see them. All inside `acting(scope)`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from quarterday.bills.models import AdjustmentUse
from quarterday.payments.models import LateFee
from quarterday.shared.refusal import NotFound


class LateFeeUnknown(NotFound):
    """There is no such fee in scope."""


@dataclass(frozen=True, slots=True)
class LateFeeState:
    """A late fee and what became of it: it waits for the next bill, an issued bill has it, or it was let go."""

    id: int
    customer_id: int
    customer: str
    bill_id: int
    number: str
    amount: Decimal
    currency: str
    text: str
    charged_on: date
    is_let_go: bool
    bill_number: str

    @property
    def state(self) -> str:
        """In a word, or the number of the bill that has it."""
        return "let go" if self.is_let_go else self.bill_number or "waits for the next bill"


def late_fees() -> QuerySet[LateFee]:
    """All fees, newest first, with the number of the issued bill that has each."""
    used = _on_an_issued_bill().values("bill__issue__number")[:1]
    chosen = LateFee.objects.select_related("customer", "adjustment", "bill__issue").order_by("-pk")
    return chosen.annotate(on_bill=Subquery(used))


def late_fee_states(rows: Iterable[LateFee]) -> list[LateFeeState]:
    """Rows of `late_fees` as lists show them."""
    return [
        LateFeeState(
            id=row.pk,
            customer_id=row.customer_id,
            customer=row.customer.name,
            bill_id=row.bill_id,
            number=row.bill.issue.number,
            amount=row.adjustment.amount or Decimal(0),
            currency=row.adjustment.currency,
            text=row.adjustment.text,
            charged_on=row.charged_on,
            is_let_go=row.adjustment.cancelled_at is not None,
            bill_number=getattr(row, "on_bill", None) or "",
        )
        for row in rows
    ]


def waiting_late_fees(bill_ids: Iterable[int]) -> list[LateFeeState]:
    """Fees for these bills that will be on the next bill, in the order of the bills."""
    rows = late_fees().filter(~Exists(_on_an_issued_bill()), bill__in=list(bill_ids), adjustment__cancelled_at=None)
    return late_fee_states(rows.order_by("bill_id"))


def state_of_late_fee(fee_id: int) -> LateFeeState:
    """What became of one fee."""
    return late_fee_states(late_fees().filter(pk=fee_id))[0]


def find_late_fee(fee_id: int) -> LateFee | None:
    """One fee with its bill and charge; None when the scope does not hold it."""
    return late_fees().filter(pk=fee_id).first()


def late_fee_of(number: str) -> LateFee:
    """The fee for a bill, by the bill's number; LateFeeUnknown if it has none."""
    row = late_fees().filter(bill__issue__number=number).first()
    if row is None:
        raise LateFeeUnknown("bill", f"{number} was charged no late fee: see quarterday payments late-fees.")
    return row


def _on_an_issued_bill() -> QuerySet[AdjustmentUse]:
    return AdjustmentUse.objects.filter(adjustment=OuterRef("adjustment"), released_at=None, bill__issue__isnull=False)
