"""What a stored line stands on, told by the facts of its bill: its period, the day that was looked at, its terms."""

from __future__ import annotations

from datetime import date

from quarterday.bills.models import BillLine
from quarterday.engine.counting import count_devices
from quarterday.engine.facts import BillingFacts, ClassPrice, PeriodDue, PlanVersion, PriceOverride, SubscriptionFacts
from quarterday.engine.lines import ground_of
from quarterday.engine.terms import terms_behind


def period_of(line: BillLine, subscription: SubscriptionFacts) -> PeriodDue | None:
    """The period that the line charges for; None for an adjustment."""
    if line.start_on is None:
        return None
    return next((due for due in subscription.periods if due.full.contains(line.start_on)), None)


def counted_on(line: BillLine, subscription: SubscriptionFacts, facts: BillingFacts) -> date | None:
    """The day that the rule looked at, where it is one; in advance a period is charged for its first day's devices."""
    due = period_of(line, subscription)
    if line.kind != "usage" or due is None or due.served is None:
        return None
    if subscription.timing == "advance" and due.occasion == "first":
        return due.served.start
    # Only the fullest day depends on who was there.
    stays = ground_of(facts).stays_of(subscription) if subscription.counting == "peak" else ()
    of_class = [stay for stay in stays if stay.device_class == line.device_class]
    return count_devices(subscription.counting, of_class, due.served).decided_on


def terms_of(line: BillLine, subscription: SubscriptionFacts) -> PlanVersion | PriceOverride | None:
    """The terms that the line was charged by: those of its first day, the customer's own before the plan's."""
    due = period_of(line, subscription)
    if due is None or line.start_on is None:
        return None
    days, device_class = due.served or due.full, line.device_class or None
    return terms_behind(subscription.versions, subscription.overrides, days, line.start_on, device_class)


def price_of(line: BillLine, subscription: SubscriptionFacts) -> ClassPrice | None:
    """The price of the line's class in those terms; None for the flat fee."""
    terms = terms_of(line, subscription)
    return terms.prices.get(line.device_class) if terms is not None else None
