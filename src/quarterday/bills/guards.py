"""What makes a bill wait for a person: reasons in words. The bounds are the provider's, all adjustable. Values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quarterday.bills.collect import CustomerCase, Desk
from quarterday.bills.content import BillContent
from quarterday.bills.due import DueGroup
from quarterday.bills.reading import LastTime
from quarterday.bills.two_persons import discounts_of
from quarterday.engine.facts import FIRST_CHARGES

REVIEW_FIRST = "first_bill"
REVIEW = "review"
RECOUNTED = "recounted"
STALE_FEED = "stale_feed"
COUNT_CHANGED = "count_changed"
TOTAL_CHANGED = "total_changed"
OUT_OF_BOUNDS = "out_of_bounds"
TWO_PERSONS = "two_persons"

MOST_DEVICES = 100_000
HIGHEST_PRICE = Decimal(100_000)
HIGHEST_TOTAL = Decimal(10_000_000)
MOST_TIMES_LAST = 100
"""Beyond these a bill is more likely a mistake than a bill: two persons have to release it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason: a code for programs, a sentence for people, and the figures behind it."""

    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)


def holds_of(case: CustomerCase, group: DueGroup, content: BillContent, desk: Desk, *, at: datetime) -> list[Hold]:
    """Every reason why this bill waits; none lets it be issued at once."""
    return [
        *_reviews(case, group, desk),
        *_feed(case, content, desk, at),
        *_changes(case, group, content, desk),
        *_bounds(case, group, content),
        *_large(content, desk.provider.two_persons_above),
    ]


def _reviews(case: CustomerCase, group: DueGroup, desk: Desk) -> Iterator[Hold]:
    """A person wants to see it: the first bill of an association, or every bill."""
    for subscription in {due.subscription.id: due.subscription for due in group.dues}.values():
        if subscription.review_first_bill and not subscription.was_issued:
            yield Hold(REVIEW_FIRST, f"This is the first bill for {subscription.plan}: look at it, then release it.")
    if desk.provider.review_all_bills:
        yield Hold(REVIEW, "Every bill is reviewed before it is sent.")
    elif case.customer.review_bills:
        yield Hold(REVIEW, f"Every bill of {case.customer.name} is reviewed before it is sent.")


def _feed(case: CustomerCase, content: BillContent, desk: Desk, at: datetime) -> Iterator[Hold]:
    """The devices may have changed without our knowing."""
    limit = desk.provider.feed_stale_days
    if case.oldest_feed is None or not content.device_count or at - case.oldest_feed <= timedelta(days=limit):
        return
    days = (at - case.oldest_feed).days
    yield Hold(
        STALE_FEED,
        f"The devices were last reported {days} days ago, on {case.oldest_feed:%Y-%m-%d %H:%M} UTC: sync or import"
        " them, then recount.",
        {"reported_at": case.oldest_feed.isoformat(), "limit_days": limit},
    )


def _changes(case: CustomerCase, group: DueGroup, content: BillContent, desk: Desk) -> Iterator[Hold]:
    """It is much more or less than last time. By subscription, added up; and by the day, so that a stub compares."""
    now, last = charged_by(content, group), case.last_times
    both = [subscription for subscription in now if subscription in last]
    if not both:
        return
    counted, counted_last = sum(now[s].devices for s in both), sum(last[s].devices for s in both)
    change = abs(counted - counted_last)
    limits = desk.provider
    if change >= limits.count_change_devices and change * 100 > limits.count_change_percent * counted_last:
        yield Hold(
            COUNT_CHANGED,
            f"{counted} devices are counted, {counted_last} were last time.",
            {"now": counted, "last": counted_last},
        )
    by_day, by_day_last = (
        sum((Fraction(time.net) / time.days for s, time in times.items() if s in both), Fraction(0))
        for times in (now, last)
    )
    if by_day_last and abs(by_day - by_day_last) * 100 > limits.total_change_percent * abs(by_day_last):
        percent = round((by_day - by_day_last) * 100 / abs(by_day_last))
        yield Hold(
            TOTAL_CHANGED, f"The amount by the day differs from last time by {percent:+d} %.", {"percent": percent}
        )


def _bounds(case: CustomerCase, group: DueGroup, content: BillContent) -> Iterator[Hold]:
    """It is beyond anything that is likely: two persons have to agree."""
    if content.device_count > MOST_DEVICES:
        yield Hold(
            OUT_OF_BOUNDS,
            f"The bill has {content.device_count} devices, more than {MOST_DEVICES}: two persons have to release it.",
        )
    highest = max((line.unit_price for line in content.lines if line.unit_price is not None), default=Decimal(0))
    if highest > HIGHEST_PRICE:
        yield Hold(
            OUT_OF_BOUNDS,
            f"The bill has a price of {highest:f} {content.currency}, more than {HIGHEST_PRICE}"
            f" {content.currency}: two persons have to release it.",
        )
    if content.total > HIGHEST_TOTAL:
        yield Hold(
            OUT_OF_BOUNDS,
            f"The bill has a total of {content.total} {content.currency}, more than {HIGHEST_TOTAL}"
            f" {content.currency}: two persons have to release it.",
        )
    for subscription, now in charged_by(content, group).items():
        last = case.last_times.get(subscription)
        if last is not None and now.devices > MOST_TIMES_LAST * max(last.devices, 10):
            yield Hold(
                OUT_OF_BOUNDS,
                f"The bill has {now.devices} devices after {last.devices}, more than {MOST_TIMES_LAST} times as many:"
                " two persons have to release it.",
            )


def _large(content: BillContent, limit: int | None) -> Iterator[Hold]:
    """It, or what its discounts give up, is above the provider's amount, in the bill's currency: two have to agree."""
    if limit is None:
        return
    if content.total > limit:
        yield Hold(
            TWO_PERSONS,
            f"The total is above {limit} {content.currency}: two persons have to release it.",
            {"total": str(content.total), "limit": limit},
        )
    if (given_up := discounts_of(content)) > limit:
        yield Hold(
            TWO_PERSONS,
            f"The discounts come to more than {limit} {content.currency}: two persons have to release it.",
            {"discounts": str(given_up), "limit": limit},
        )


def charged_by(content: BillContent, group: DueGroup) -> dict[int, LastTime]:
    """What a bill charges for each subscription that is on it for the first time: the next bill's `LastTime`."""
    days = {due.subscription.id: due.days.days for due in group.dues if due.occasion == "first"}
    sign = -1 if content.kind == "credit_note" else 1
    devices, nets = content.devices_counted(), dict.fromkeys(days, Decimal(0))
    for line in content.lines:
        if line.subscription_id in days and line.kind in FIRST_CHARGES:
            nets[line.subscription_id] += sign * line.net
    return {
        subscription: LastTime(len(devices.get(subscription, ())), nets[subscription], days[subscription])
        for subscription in days
    }
