"""What a plan's new version would touch, before it is saved: which customers, from which day, in which period.

The money is for bills to show: it calculates the touched periods with and without the version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quarterday.engine.periods import ServicePeriod
from quarterday.plans.models import PlanVersion
from quarterday.subscriptions.models import Subscription
from quarterday.subscriptions.schedule import billing_on, periods_of


@dataclass(frozen=True, slots=True)
class VersionEffect:
    """The first period of one subscription that the version touches, and the first day it charges there."""

    subscription: Subscription
    period: ServicePeriod
    from_day: date
    billing_on: date


def effects_of_version(version: PlanVersion) -> list[VersionEffect]:
    """The effect on every subscription of the plan that is served when the version begins or later; two queries."""
    listed = Subscription.objects.filter(plan=version.plan).select_related("plan", "customer")
    found = []
    for subscription in listed.order_by("customer__name", "pk"):
        effect = _effect_on(subscription, version)
        if effect is not None:
            found.append(effect)
    return found


def _effect_on(subscription: Subscription, version: PlanVersion) -> VersionEffect | None:
    for period in periods_of(subscription, from_day=version.effective_on):
        if version.applies == "next_period" and period.served.start < version.effective_on:
            continue
        from_day = max(period.served.start, version.effective_on)
        return VersionEffect(subscription, period, from_day, billing_on(subscription, period))
    return None
