"""Give back what a bill has taken: its days, its times of an adjustment, what it took up of late truths."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from quarterday.bills.models import AdjustmentUse, Bill, LateTruth, PeriodClaim
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


def let_go(bill: Bill, *, because: str, now: datetime) -> list[PeriodClaim]:
    """Release everything that the bill holds, so that it is due again; answers the claims that were released."""
    claims = list(PeriodClaim.objects.filter(bill=bill, released_at=None))
    PeriodClaim.objects.filter(pk__in=[claim.pk for claim in claims]).update(
        released_at=now, released_because=because[:300]
    )
    AdjustmentUse.objects.filter(bill=bill, released_at=None).update(released_at=now)
    for truth in LateTruth.objects.filter(bill=bill, decision="billed"):
        truth.decision = "credit" if truth.difference < 0 else "catch_up"
        truth.bill = None
        truth.save(update_fields=["decision", "bill"])
    return claims
