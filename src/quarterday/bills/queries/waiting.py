"""What waits for a person: drafts with their reasons, parked customers, questions about what was learned late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from quarterday.bills.models import Bill, BillDiscard, BillHold, BillIssue, LateTruth, Parking


def drafts_to_review() -> QuerySet[Bill]:
    """Live drafts (not issued, not discarded) with the reasons in their holds, oldest first."""
    # A draft has at least one hold, and most bills have none: that finds drafts without looking at every bill.
    held = BillHold.objects.filter(
        ~Exists(BillIssue.objects.filter(bill=OuterRef("bill"))),
        ~Exists(BillDiscard.objects.filter(bill=OuterRef("bill"))),
    )
    waiting = Bill.objects.filter(pk__in=held.values("bill"))
    return waiting.select_related("customer").prefetch_related("holds").order_by("pk")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of each kind waits for a person."""

    drafts: int
    parked: int
    late: int

    @property
    def all(self) -> int:
        """All of it."""
        return self.drafts + self.parked + self.late


def waiting_counts() -> Waiting:
    """How many drafts, parked customers and open questions there are; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(DISTINCT h.bill_id) FROM bills_billhold h
                    WHERE NOT EXISTS (SELECT FROM bills_billissue i WHERE i.bill_id = h.bill_id)
                      AND NOT EXISTS (SELECT FROM bills_billdiscard d WHERE d.bill_id = h.bill_id)),
                   (SELECT count(*) FROM bills_parking WHERE resolved_at IS NULL),
                   (SELECT count(*) FROM bills_latetruth WHERE decision = 'asked')
            """
        )
        return Waiting(*cursor.fetchone())


def parked_customers() -> QuerySet[Parking]:
    """Customers that the run leaves out until somebody retries, with the reason, oldest first."""
    return Parking.objects.filter(resolved_at=None).select_related("customer").order_by("parked_at", "pk")


def late_truths(*, decisions: Iterable[str] = ("asked",)) -> QuerySet[LateTruth]:
    """Billed periods that would cost something else as known now: the open questions, oldest first.

    With the decisions `catch_up` and `credit`: what waits for the customer's next bill.
    """
    return _late_truths().filter(decision__in=list(decisions)).order_by("found_at", "pk")


def find_late_truth(truth_id: int) -> LateTruth | None:
    """What was learned late, by its id; None if the scope holds none."""
    return _late_truths().filter(pk=truth_id).first()


def _late_truths() -> QuerySet[LateTruth]:
    return LateTruth.objects.select_related("customer", "subscription__plan")
