"""What waits for a person: drafts with their reasons, parked customers, questions about what was learned late."""

from __future__ import annotations

from collections.abc import Iterable

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
