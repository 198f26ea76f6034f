"""From a subscription's row to the engine's periods: which days it serves, and when each period becomes due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import cast

from quarterday.engine.periods import (
    Cycle,
    ServicePeriod,
    Timing,
    Unit,
    billing_date,
    boundary,
    boundary_index,
    due_date,
    service_periods,
)
from quarterday.subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class PlannedBill:
    """A period to come, the day on which it becomes due to be billed, and the day by which it is to be paid."""

    period: ServicePeriod
    billing_on: date
    due_on: date


def cycle_of(subscription: Subscription) -> Cycle:
    """How often it is billed."""
    return Cycle(subscription.cycle_every, cast(Unit, subscription.cycle_unit))


def timing_of(subscription: Subscription) -> Timing:
    """Whether it is billed at the end or at the start of each period."""
    return cast(Timing, subscription.plan.timing)


def periods_of(
    subscription: Subscription, *, from_day: date | None = None, until: date | None = None
) -> Iterator[ServicePeriod]:
    """The periods it is charged for, oldest first: those that end after `from_day` and start by `until`."""
    return service_periods(
        subscription.starts_on,
        cycle_of(subscription),
        billing_day=subscription.billing_day,
        ends_on=subscription.ends_on,
        billed_from=subscription.billed_from,
        from_day=from_day,
        until=until,
    )


def billing_on(subscription: Subscription, period: ServicePeriod) -> date:
    """The day on which a period becomes due to be billed, in the customer's time zone."""
    return billing_date(period.served, timing_of(subscription), subscription.offset_days)


def planned_bills(subscription: Subscription, *, today: date, count: int = 2) -> list[PlannedBill]:
    """The first bills of a subscription, as if none had been made; one that is overdue is issued today."""
    planned = []
    for period in islice(periods_of(subscription), count):
        on = billing_on(subscription, period)
        planned.append(PlannedBill(period, on, due_date(max(on, today), subscription.due_days)))
    return planned


def start_of_cycle(starts_on: date, cycle: Cycle, day: date, billing_day: int | None) -> date:
    """The start of the cycle that contains a day; never before the start itself."""
    return max(starts_on, boundary(starts_on, cycle, boundary_index(starts_on, cycle, day, billing_day), billing_day))
