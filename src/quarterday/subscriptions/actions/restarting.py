"""Change a subscription's plan, cycle or timing: end it and start another in its place, in one act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from quarterday.engine.periods import Cycle
from quarterday.plans.models import Plan
from quarterday.shared.asking import rows, together
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.subscriptions.actions.associating import ARRANGEMENT, known_for, propose, save_subscriptions
from quarterday.subscriptions.actions.ending import end
from quarterday.subscriptions.locking import locking, who
from quarterday.subscriptions.models import Subscription, SubscriptionTerms
from quarterday.subscriptions.schedule import cycle_of


def restart(
    subscription: Subscription,
    *,
    on: date,
    by: Actor,
    now: datetime,
    plan: Plan | None = None,
    cycle: Cycle | None = None,
    **arrangement: Any,
) -> Subscription:
    """End a subscription the day before `on` (prorated) and start one in its place, with what is not said kept.

    The prices agreed with the customer go on under the same plan; under another one they are agreed anew. Discounts
    and charges of the subscription go on (see queries.heirs).
    """
    chosen = plan or subscription.plan
    own = SubscriptionTerms.objects.filter(subscription=subscription, withdrawn_at=None).order_by("effective_on")
    (current,), terms, known = together(
        rows.asked(locking([subscription])),
        rows.asked(own),
        known_for.asked(chosen, [subscription.customer], besides=subscription),
    )
    if on <= current.starts_on:
        raise Refused(who(current), f"starts on {current.starts_on}: restart it on a later day.")
    ended = end([current], last_day=on - timedelta(days=1), final_period="prorated", by=by, now=now)
    kept = {name: getattr(current, name) for name in ARRANGEMENT} | {"review_first_bill": False} | arrangement
    if cycle is not None and cycle.unit == "week" and "billing_day" not in arrangement:
        kept["billing_day"] = None
    emails: Mapping[int, list[str]] = {current.customer_id: kept.pop("emails", current.emails)}
    (proposal,) = propose(
        chosen,
        [current.customer],
        starts_on=on,
        billed_from=on,
        cycle=cycle or cycle_of(current),
        emails=emails,
        now=now,
        continues=current,
        known=known,
        **kept,
    )
    if proposal.problems:
        raise Refused(problems=proposal.problems)
    (started,) = save_subscriptions([proposal.subscription], None, None, by=by, now=now, told=ended)
    if started.plan_id == current.plan_id:
        _carry_terms(terms, started)
    return started


def _carry_terms(own: Iterable[SubscriptionTerms], after: Subscription) -> None:
    """Copy the own terms: what has begun by the restart counts from it, what is to come from its own day."""
    begun: SubscriptionTerms | None = None
    coming: list[SubscriptionTerms] = []
    for terms in own:
        if terms.effective_on > after.starts_on:
            coming.append(terms)
        elif begun is None:
            begun = terms
        else:
            terms.prices = {**begun.prices, **terms.prices}
            if terms.flat_fee is None:
                terms.flat_fee, terms.flat_fee_tax_code = begun.flat_fee, begun.flat_fee_tax_code
            begun = terms
    if begun is not None:
        begun.effective_on = after.starts_on
        coming.insert(0, begun)
    for terms in coming:
        terms.pk, terms.subscription = None, after
    SubscriptionTerms.objects.bulk_create(coming)
