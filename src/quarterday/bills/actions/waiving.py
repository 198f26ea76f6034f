"""Missed periods that nobody wants to bill any more are waived, with a reason, instead of confirmed."""

from __future__ import annotations

from datetime import datetime

from psycopg.types.range import DateRange

from quarterday.bills.collect import CustomerCase
from quarterday.bills.locks import lock_customers
from quarterday.bills.models import PeriodClaim
from quarterday.bills.queries.missed import case_of, missed_dues, worth_of
from quarterday.bills.two_persons import TakesTwo, refuse_alone
from quarterday.engine.money import in_currency
from quarterday.provider.queries import get_provider
from quarterday.provider.words import reason_given
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record
from quarterday.subscriptions.models import Subscription


def waive_missed(subscription: Subscription, *, reason: str, now: datetime, by: Actor) -> int:
    """Settle everything of a subscription that is due, without a bill; answers how many periods. Refused if none is.

    What would come to more than the provider's amount is refused, too: as a draft two persons can waive it.
    """
    reason = reason_given(reason, missing="is missing: say why these periods are not billed.")
    lock_customers([subscription.customer_id])
    case = case_of(subscription, at=now)
    waived = missed_dues(case, subscription)
    if not waived:
        raise Refused("subscription", f"Nothing of {subscription.plan} is due at {subscription.customer}.")
    _refuse_much(case, subscription, now, by)
    settles = ["period", "settlement"] if subscription.plan.timing == "advance" else ["period"]
    PeriodClaim.objects.bulk_create(
        PeriodClaim(
            subscription=subscription,
            customer_id=subscription.customer_id,
            period=DateRange(due.days.start, due.days.end),
            full_period=DateRange(due.full.start, due.full.end),
            part=part,
            outcome="waived",
            reason=reason,
            claimed_at=now,
        )
        for due in waived
        for part in settles
    )
    record(by, "waived", subscription, at=now, details={"periods": len(waived), "reason": reason})
    return len(waived)


def _refuse_much(case: CustomerCase, subscription: Subscription, now: datetime, by: Actor) -> None:
    """Refuse what takes two persons, by what the bills would say; not calculated where no amount is set."""
    if get_provider().two_persons_above is None:
        return
    currency = case.customer.currency
    try:
        refuse_alone(worth_of(case, subscription, at=now), currency, by=by)
    except TakesTwo as takes:
        told = f"{in_currency(takes.amount, currency)} {currency}"
        raise Refused("subscription", f"{told} takes two persons: bill these periods, and waive the draft.") from None
