"""Give back what a bill has taken: its days, its times of an adjustment, what it took up of late truths."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from quarterday.bills.late import OPEN_DECISIONS
from quarterday.bills.models import AdjustmentUse, Bill, BillLine, LateTruth, PeriodClaim
from quarterday.engine.facts import CORRECTIONS
from quarterday.shared.refusal import Refused


def refuse_used_rests(bill: Bill) -> None:
    """Refused when a later bill has taken up what this one cut off a discount: it would be given twice."""
    later = AdjustmentUse.objects.filter(
        adjustment=OuterRef("adjustment"), position__gt=OuterRef("position"), released_at=None
    )
    uses = AdjustmentUse.objects.filter(Exists(later), bill=bill, released_at=None, rest__lt=0)
    if use := uses.select_related("adjustment").first():
        raise Refused(
            "bill", f"A later bill has taken up the rest of “{use.adjustment}”: discard or credit that one first."
        )


def refuse_corrected(bill: Bill) -> None:
    """Refused while an issued bill, which has trued up or caught up what this one charged, settles its periods.

    To let go of this one alone would charge the correction twice. What is merely credited of it stays settled.
    """
    settles = Exists(PeriodClaim.objects.filter(bill=OuterRef("bill"), released_at=None))
    takes_up = Exists(LateTruth.objects.filter(bill=OuterRef("bill"), decision="billed"))
    lines = _corrections(bill).filter(settles | takes_up, bill__issue__isnull=False)
    if line := lines.select_related("bill__issue").order_by("-bill").first():
        raise Refused(
            "bill",
            f"{line.bill.issue.number} has corrected this one since: credit that one whole first, to be billed again.",
        )


def drafts_upon(bill: Bill) -> list[Bill]:
    """The drafts that true up or catch up what the bill charged, oldest first: they stand on it."""
    drafts = Bill.objects.filter(pk__in=_corrections(bill).values("bill"), issue=None, discard=None)
    return list(drafts.order_by("pk"))


def let_go_for_good(bill: Bill, *, because: str, now: datetime) -> list[PeriodClaim]:
    """Let go of a bill whose periods are charged otherwise or not at all: they are trued up again, too."""
    claims = let_go(bill, because=because, now=now)
    for claim in claims:
        if claim.part == "period":
            PeriodClaim.objects.filter(
                subscription=claim.subscription_id, full_period=claim.full_period, part="settlement", released_at=None
            ).update(released_at=now, released_because=because[:300])
    return claims


def let_go(bill: Bill, *, because: str, now: datetime) -> list[PeriodClaim]:
    """Release everything that the bill holds, so that it is due again; answers the claims that were released."""
    claims = list(PeriodClaim.objects.filter(bill=bill, released_at=None))
    PeriodClaim.objects.filter(pk__in=[claim.pk for claim in claims]).update(
        released_at=now, released_because=because[:300]
    )
    AdjustmentUse.objects.filter(bill=bill, released_at=None).update(released_at=now)
    for truth in LateTruth.objects.filter(bill=bill, decision="billed"):
        _open_again(truth)
    return claims


def _open_again(truth: LateTruth) -> None:
    """The bill has not settled it after all. What was found of its period since is then one question with it."""
    period = LateTruth.objects.filter(subscription=truth.subscription_id, period=truth.period)
    found_since = period.filter(decision__in=OPEN_DECISIONS).first()
    if found_since is None:
        truth.decision = "credit" if truth.difference < 0 else "catch_up"
    else:
        truth.decision = "gone"
        found_since.difference += truth.difference
        found_since.decision = _of_both(found_since)
        found_since.save(update_fields=["difference", "decision"])
    truth.bill = None
    truth.save(update_fields=["decision", "bill"])


def _of_both(found: LateTruth) -> str:
    """What becomes of the sum: who was to be asked is asked about all of it."""
    if not found.difference:
        return "gone"
    if found.difference < 0:
        return "credit"
    return "asked" if found.decision == "asked" else "catch_up"


def _corrections(bill: Bill) -> QuerySet[BillLine]:
    """The lines of other bills and drafts that true up or catch up what the bill charged, or credit its ended days."""
    return BillLine.objects.filter(
        customer=bill.customer_id, kind__in=CORRECTIONS, corrects_bills__contains=[bill.pk], corrects_line=None
    )
