"""From which day prices and contracts may still be changed: what bills have settled and used.

Plans and subscriptions stand upstream and may not ask bills. Their actions take these answers as arguments, which the
doors bring along, `held` while they are acted upon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from django.db.models import F, Max, Q

from quarterday.bills.locks import lock_customers
from quarterday.bills.models import PeriodClaim
from quarterday.plans.models import Plan, Timing
from quarterday.shared.asking import Asking, question
from quarterday.subscriptions.models import Subscription, SubscriptionTerms

__all__ = [
    "end_is_billed",
    "held",
    "own_terms_are_used",
    "plan_settled_until",
    "plan_version_is_used",
    "settled_until",
]

T = TypeVar("T")

# In arrears a period is settled by its bill; in advance by the true-up at its end, until which it is recomputed.
_SETTLES = Q(subscription__plan__timing=Timing.ARREARS, part="period") | Q(
    subscription__plan__timing=Timing.ADVANCE, part="settlement"
)


def held(ask: Callable[[], T], *, plan: Plan | int | None = None, subscription_ids: Iterable[int] = ()) -> T:
    """What `ask` answers, with the customers of a plan or of subscriptions held until the transaction ends.

    Otherwise a run could settle more between the answer and what is done upon it, and prices would begin on days that
    are billed by others.
    """
    of = (
        Subscription.objects.filter(plan=plan)
        if plan is not None
        else Subscription.objects.filter(pk__in=list(subscription_ids))
    )
    lock_customers(list(of.order_by().values_list("customer_id", flat=True).distinct()))
    return ask()


@question
def settled_until(subscription_ids: Iterable[int]) -> Asking[dict[int, date | None]]:
    """Subscription id -> the first day that no bill has settled, None where none has settled any."""
    asked = list(subscription_ids)
    claims = PeriodClaim.objects.filter(_SETTLES, subscription__in=asked, released_at=None)
    rows = yield claims.order_by().values("subscription").annotate(until=Max("period__endswith"))
    found = {row["subscription"]: row["until"] for row in rows}
    return {subscription_id: found.get(subscription_id) for subscription_id in asked}


@question
def plan_settled_until(plan: Plan | int) -> Asking[date | None]:
    """The first day that no bill of any customer of the plan has settled; None when none has settled any."""
    claims = PeriodClaim.objects.filter(_SETTLES, subscription__plan=plan, released_at=None)
    rows = yield claims.order_by().values("subscription__plan").annotate(until=Max("period__endswith"))
    return rows[0]["until"] if rows else None


@question
def plan_version_is_used(version_id: int) -> Asking[bool]:
    """Whether a bill may have charged by this version: one was calculated since, for days on or after its day."""
    claims = yield PeriodClaim.objects.filter(
        subscription__plan__versions=version_id,
        claimed_at__gte=F("subscription__plan__versions__created_at"),
        period__endswith__gt=F("subscription__plan__versions__effective_on"),
    ).values_list("pk")[:1]
    return bool(claims)


def own_terms_are_used(terms: SubscriptionTerms) -> bool:
    """Whether a bill may have charged by a customer's own terms."""
    claims = PeriodClaim.objects.filter(subscription=terms.subscription_id)
    return claims.filter(claimed_at__gte=terms.created_at, period__endswith__gt=terms.effective_on).exists()


def end_is_billed(subscription: Subscription) -> bool:
    """Whether the end of a subscription is on a bill: its last, cut period, or a credit of days after the end."""
    if subscription.ends_on is None:
        return False
    cut = Q(period__endswith=subscription.ends_on, full_period__endswith__gt=F("period__endswith"))
    live = PeriodClaim.objects.filter(subscription=subscription, released_at=None)
    return live.filter(cut | Q(part="ending")).exists()
