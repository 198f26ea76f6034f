"""What is due at an instant: the periods that have reached their billing date, less what is claimed. Values only.

A day is reached (`<=`), never hit (`=`), so a missed day catches up by itself. Periods come oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from quarterday.engine.counting import Rule
from quarterday.engine.facts import FinalPeriod, Occasion
from quarterday.engine.periods import (
    OPEN_END,
    Cycle,
    Period,
    ServicePeriod,
    Timing,
    Unit,
    billing_date,
    instant_of_local,
    local_date,
    service_periods,
)
from quarterday.engine.presence import without

_DAY = timedelta(days=1)


Part = Literal["period", "settlement", "ending"]
"""What a claim settles: the charge for a period, its true-up after billing in advance, the credit after its end."""


@dataclass(slots=True)
class Claimed:
    """A live claim: the days it settles, the whole period, the bill that charged it, what the ledger knew then."""

    period: Period
    full: Period
    part: Part
    outcome: str
    bill_id: int | None
    known_at: datetime | None


@dataclass(slots=True)
class SubscriptionCase:
    """A subscription as the bill desk sees it: when it serves, how it is billed, and what is settled already.

    `claimed` are the days with a live claim, by the claim's part, merged, oldest first. `latest` are the newest claims
    one by one, newest first, and any that outlive the end of the service. `was_issued` says that a bill for it was
    issued: a draft that nobody has released yet, or a bill whose days are due again, is none.
    """

    id: int
    customer_id: int
    plan_id: int
    plan: str
    currency: str
    timing: Timing
    counting: Rule
    late_policy: str
    starts_on: date
    billed_from: date
    ends_on: date | None
    final_period: FinalPeriod
    cycle_every: int
    cycle_unit: Unit
    billing_day: int | None
    offset_days: int
    due_days: int
    emails: Sequence[str]
    bill_separately: bool
    review_first_bill: bool
    po_number: str
    continues_id: int | None = None
    claimed: dict[Part, tuple[Period, ...]] = field(default_factory=dict)
    latest: list[Claimed] = field(default_factory=list)
    was_issued: bool = False

    @property
    def cycle(self) -> Cycle:
        """How often it is billed."""
        return Cycle(self.cycle_every, self.cycle_unit)

    def periods(self, *, from_day: date, until: date) -> Iterator[ServicePeriod]:
        """The service periods that are not over by `from_day` and start by `until`, oldest first."""
        return service_periods(
            self.starts_on,
            self.cycle,
            billing_day=self.billing_day,
            ends_on=self.ends_on,
            billed_from=self.billed_from,
            from_day=max(from_day, self.starts_on),
            until=until,
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A period of a subscription that is due, and the day on which it became so. `served` is None if no day is served.

    `claims` are the days that billing it settles, and in which part: those that were not claimed before.
    """

    subscription: SubscriptionCase
    billing_on: date
    occasion: Occasion
    served: Period | None
    full: Period
    zone: str
    claims: tuple[tuple[Part, Period], ...] = ()
    only_in_favour: bool = False

    @property
    def days(self) -> Period:
        """The days that this is about: those served, or the whole period where none is."""
        return self.served or self.full


@dataclass(frozen=True, slots=True)
class DueGroup:
    """What goes on one bill: everything of a customer that is due on one date, in one currency."""

    billing_on: date
    currency: str
    zone: str
    dues: tuple[Due, ...]


def due_of(subscription: SubscriptionCase, *, at: datetime, hour: int, zone_on: Callable[[date], str]) -> list[Due]:
    """Everything of a subscription that is due at an instant, oldest first.

    `hour` is the customer's local hour at which bills are made; `zone_on` gives the time zone in force for a period
    that starts on a day. Raises ValueError for terms that contradict themselves.
    """
    # Nobody's date is further ahead than the day after UTC's; an offset may bill before the boundary.
    horizon = at.date() + 2 * _DAY + timedelta(days=max(-subscription.offset_days, 0))
    first = list(_first(subscription, horizon, at, hour, zone_on))
    dues = [*first, *_settlements(subscription, horizon, at, hour, zone_on, first), *_ended(subscription, at, zone_on)]
    return sorted(dues, key=lambda due: (due.billing_on, due.days.start))


def next_billing_date(subscription: SubscriptionCase) -> date | None:
    """The day on which the first period that nothing claims is billed, past or to come; None after the last one."""
    claimed = subscription.claimed.get("period", ())
    for period in subscription.periods(from_day=_open_from(subscription.billed_from, claimed), until=OPEN_END):
        if without(period.served, claimed):
            return billing_date(period.served, subscription.timing, subscription.offset_days)
    return None


def grouped(dues: Iterable[Due]) -> list[DueGroup]:
    """One group a bill: by billing date, then currency; a subscription that is billed separately stands alone."""
    groups: dict[tuple[date, str, int], list[Due]] = {}
    for due in dues:
        own = due.subscription.id if due.subscription.bill_separately else 0
        groups.setdefault((due.billing_on, due.subscription.currency, own), []).append(due)
    return [
        DueGroup(billing_on, currency, max(members, key=lambda due: due.full.start).zone, tuple(members))
        for (billing_on, currency, _), members in sorted(groups.items(), key=lambda group: group[0])
    ]


def missed_periods(dues: Iterable[Due]) -> int:
    """How many periods of one subscription are due for the first time: more than two wait for a person."""
    return sum(due.occasion == "first" for due in dues)


def _first(
    subscription: SubscriptionCase, horizon: date, at: datetime, hour: int, zone_on: Callable[[date], str]
) -> Iterator[Due]:
    """Served days that nothing claims and whose billing date has come."""
    claimed = subscription.claimed.get("period", ())
    for period in subscription.periods(from_day=_open_from(subscription.billed_from, claimed), until=horizon):
        zone = zone_on(period.full.start)
        billing_on = billing_date(period.served, subscription.timing, subscription.offset_days)
        if at < instant_of_local(billing_on, hour, zone):
            return
        for served in without(period.served, claimed):
            yield Due(subscription, billing_on, "first", served, period.full, zone, (("period", served),))


def _settlements(
    subscription: SubscriptionCase,
    horizon: date,
    at: datetime,
    hour: int,
    zone_on: Callable[[date], str],
    first: list[Due],
) -> Iterator[Due]:
    """Periods that were billed in advance, are over, and wait for the difference to what the rule counts."""
    if subscription.timing != "advance":
        return
    charged = [*subscription.claimed.get("period", ()), *(due.days for due in first)]
    settled = subscription.claimed.get("settlement", ())
    for period in subscription.periods(from_day=_open_from(subscription.billed_from, settled), until=horizon):
        zone = zone_on(period.full.start)
        billing_on = period.served.end + timedelta(days=subscription.offset_days)
        if at < instant_of_local(billing_on, hour, zone):
            return
        open_days = without(period.served, settled)
        if open_days and any(days.contains(period.served.start) for days in charged):
            claims = [*(("settlement", days) for days in open_days), *_beyond(subscription, period.full)]
            yield Due(subscription, billing_on, "settlement", period.served, period.full, zone, tuple(claims))


def _ended(subscription: SubscriptionCase, at: datetime, zone_on: Callable[[date], str]) -> Iterator[Due]:
    """Periods that were charged beyond a last day of service that lies in the past: those days are credited at once."""
    end = subscription.ends_on
    if end is None:
        return
    for full in dict.fromkeys(claim.full for claim in subscription.latest):
        beyond = tuple(_beyond(subscription, full))
        if not beyond:
            continue
        start = min(claim.period.start for claim in subscription.latest if claim.full == full)
        served = Period(start, end) if start < end else None
        is_settled = any(days.contains(start) for days in subscription.claimed.get("settlement", ()))
        # Of a period billed in advance that is partly served, its settlement takes care.
        if served is None or is_settled or subscription.timing == "arrears":
            zone = zone_on(full.start)
            yield Due(subscription, local_date(at, zone), "ended", served, full, zone, beyond)


def _beyond(subscription: SubscriptionCase, full: Period) -> Iterator[tuple[Part, Period]]:
    """The days of a period that were charged although the service had ended, and are not credited yet."""
    end = subscription.ends_on
    for claim in subscription.latest:
        if end is None or claim.full != full or claim.part != "period" or claim.outcome == "waived":
            continue
        if after := claim.period.overlap(Period.since(end)):
            for days in without(after, subscription.claimed.get("ending", ())):
                yield "ending", days


def _open_from(billed_from: date, covered: tuple[Period, ...]) -> date:
    """The first day from the start of billing on that is not covered."""
    for days in covered:
        if days.start > billed_from:
            break
        billed_from = max(billed_from, days.end)
    return billed_from
