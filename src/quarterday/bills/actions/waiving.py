"""Missed periods that nobody wants to bill any more are waived, with a reason, instead of confirmed."""

from __future__ import annotations

from datetime import datetime

from psycopg.types.range import DateRange

from quarterday.bills.collect import open_cases
from quarterday.bills.locks import lock_customers
from quarterday.bills.models import PeriodClaim
from quarterday.provider.queries import get_provider
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record
from quarterday.subscriptions.models import Subscription


def waive_missed(subscription: Subscription, *, reason: str, now: datetime, by: Actor) -> int:
    """Settle everything of a subscription that is due, without a bill; answers how many periods. Refused if none is."""
    if not reason.strip():
        raise Refused("reason", "is missing: say why these periods are not billed.")
    lock_customers([subscription.customer_id])
    case = open_cases([subscription.customer_id], at=now, provider=get_provider(), confirmed=True)[
        subscription.customer_id
    ]
    dues = [due for group in case.groups for due in group.dues if due.subscription.id == subscription.pk]
    waived = [due for due in dues if due.occasion == "first"]
    if not waived:
        raise Refused("subscription", f"Nothing of {subscription.plan} is due at {subscription.customer}.")
    settles = ["period", "settlement"] if subscription.plan.timing == "advance" else ["period"]
    PeriodClaim.objects.bulk_create(
        PeriodClaim(
            subscription=subscription,
            customer_id=subscription.customer_id,
            period=DateRange(due.days.start, due.days.end),
            full_period=DateRange(due.full.start, due.full.end),
            part=part,
            outcome="waived",
            reason=reason.strip()[:300],
            claimed_at=now,
        )
        for due in waived
        for part in settles
    )
    record(by, "waived", subscription, at=now, details={"periods": len(waived), "reason": reason})
    return len(waived)
