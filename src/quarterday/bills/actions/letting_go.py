"""Give back what a bill has taken: its days, its times of an adjustment, what it took up of late truths."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from quarterday.bills.late import OPEN_DECISIONS
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
