"""What the next bills would be, and what an act would do to them: the run's own reading and arithmetic, unwritten.

    shown = effect_of(lambda: modify_plan(plan, ...), of=subscriptions, at=now)

Nothing is calculated a second way. Bills to come are drafted as the run would draft them on their day, with the devices
of today as if they stayed. An act is done, the bills are drafted again, and the act is taken back: what is shown is
what will happen, refusals included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice, zip_longest

from django.db import transaction

from quarterday.bills.collect import CustomerCase, collect, open_cases
from quarterday.bills.drafting import Drafted, draft_bills
from quarterday.bills.due import Due, SubscriptionCase, due_of, grouped
from quarterday.customers.models import Customer
from quarterday.engine.periods import OPEN_END, Period, billing_date, due_date, instant_of_local, local_date
from quarterday.provider.models import Provider
from quarterday.provider.queries import get_provider
from quarterday.shared.refusal import Refused
from quarterday.subscriptions.models import Subscription

__all__ = ["BillChange", "Effect", "OpenBill", "Outlook", "Share", "effect_of", "open_bills", "undone"]


@dataclass(frozen=True, slots=True)
class Share:
    """One subscription's part of a bill to come: the days charged, the devices counted, the net of its lines."""

    days: Period
    device_count: int
    net: Decimal


@dataclass(frozen=True, slots=True)
class OpenBill:
    """A bill that is not made yet. Below zero it is a credit note; a bill of nothing is not made, and has no shares.

    `billing_on` and `due_on` are dates in `zone`. `shares` are by subscription id.
    """

    customer: Customer
    billing_on: date
    due_on: date
    zone: str
    currency: str
    net: Decimal
    total: Decimal
    shares: Mapping[int, Share]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Bills to come, by customer and date; and why a customer (by id) could not be billed, in words."""

    bills: list[OpenBill] = field(default_factory=list)
    troubles: dict[int, str] = field(default_factory=dict)

    def of_subscription(self, subscription_id: int, count: int = 2) -> list[OpenBill]:
        """The first bills that charge a subscription."""
        return [bill for bill in self.bills if subscription_id in bill.shares][:count]


@dataclass(frozen=True, slots=True)
class BillChange:
    """A bill to come before and after an act; None where there is none."""

    before: OpenBill | None
    after: OpenBill | None

    @property
    def bill(self) -> OpenBill:
        """The bill as it will be, or as it would have been."""
        bill = self.after or self.before
        assert bill is not None, "a change has a bill before or after it"
        return bill

    @property
    def difference(self) -> Decimal:
        """How much more is to be paid, tax included."""
        before, after = (Decimal(0) if bill is None else bill.total for bill in (self.before, self.after))
        return after - before


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act would change: the bills to come that differ, and why a customer could not be billed after it."""

    changes: list[BillChange]
    troubles: dict[int, str]

    @property
    def differences(self) -> dict[str, Decimal]:
        """Currency -> how much more is to be paid in all, tax included."""
        sums: dict[str, Decimal] = {}
        for change in self.changes:
            sums[change.bill.currency] = sums.get(change.bill.currency, Decimal(0)) + change.difference
        return sums


def open_bills(
    subscriptions: Iterable[Subscription],
    *,
    at: datetime,
    since: date | None = None,
    count: int = 2,
    provider: Provider | None = None,
) -> Outlook:
    """The bills to come of these subscriptions' customers, whole, with the customers' other plans and charges.

    They reach as far as the first `count` periods of each subscription that end after `since` and are not billed yet.
    Two round trips for any number of customers, and one more where nobody gives the `provider`.
    """
    wanted: dict[int, set[int]] = {}
    for subscription in subscriptions:
        wanted.setdefault(subscription.customer_id, set()).add(subscription.pk)
    provider = provider or get_provider()
    cases = open_cases(sorted(wanted), at=at, provider=provider, confirmed=True)
    for key, case in cases.items():
        if case.trouble is None:
            case.groups = grouped(_dues_ahead(case, wanted[key], at, provider.bill_hour, since, count))
    desk = collect(cases, provider)
    outlook = Outlook()
    for case in sorted(cases.values(), key=lambda case: (case.customer.name, case.customer.pk)):
        try:
            case.raise_trouble()
            outlook.bills.extend(_open_bill(drafted, at) for drafted in draft_bills(case, desk, at=at))
        except (ValueError, Refused) as error:
            outlook.troubles[case.customer.pk] = str(error)
    return outlook


def effect_of(
    act: Callable[[], Iterable[Subscription] | None],
    *,
    of: Sequence[Subscription],
    at: datetime,
    since: date | None = None,
    count: int = 2,
    provider: Provider | None = None,
) -> Effect:
    """What an act would do to the bills to come of these subscriptions, and of those it starts; it is taken back.

    What the act refuses is refused here.
    """
    provider = provider or get_provider()
    before = open_bills(of, at=at, since=since, count=count, provider=provider)
    with undone():
        started = act() or ()
        after = open_bills([*of, *started], at=at, since=since, count=count, provider=provider)
    return Effect(list(_changes(before.bills, after.bills)), after.troubles)


@contextmanager
def undone() -> Iterator[None]:
    """Take back what is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _dues_ahead(
    case: CustomerCase, wanted: set[int], at: datetime, hour: int, since: date | None, count: int
) -> Iterator[Due]:
    """All that is due until the last wanted bill, of all subscriptions of the customer."""
    moments = [
        moment
        for subscription in case.subscriptions
        if subscription.id in wanted
        for moment in _moments(subscription, case, hour, since, count)
    ]
    until = max([at, *moments])
    for subscription in case.subscriptions:
        for due in due_of(subscription, at=until, hour=hour, zone_on=case.zones.on):
            # A credit after the end is due at once, whatever else is looked at.
            yield replace(due, billing_on=local_date(at, due.zone)) if due.occasion == "ended" else due


def _moments(
    subscription: SubscriptionCase, case: CustomerCase, hour: int, since: date | None, count: int
) -> Iterator[datetime]:
    """When the wanted periods become due; of a service that ends among them, its settlement too."""
    claimed = [days.end for days in subscription.claimed.get("period", ())]
    start = max([subscription.billed_from, *claimed, *([since] if since else [])])
    periods = list(islice(subscription.periods(from_day=start, until=OPEN_END), count))
    days = [
        (billing_date(period.served, subscription.timing, subscription.offset_days), period.full.start)
        for period in periods
    ]
    if subscription.ends_on is not None and len(periods) < count:
        days.append((subscription.ends_on + timedelta(days=max(subscription.offset_days, 0)), subscription.ends_on))
    for billing_on, period_start in days:
        yield instant_of_local(billing_on, hour, case.zones.on(period_start))


def _open_bill(drafted: Drafted, at: datetime) -> OpenBill:
    group, draft = drafted.group, drafted.draft
    is_empty = drafted.is_empty
    return OpenBill(
        customer=drafted.case.customer,
        billing_on=group.billing_on,
        due_on=due_date(max(group.billing_on, local_date(at, group.zone)), draft.due_days),
        zone=group.zone,
        currency=group.currency,
        net=draft.net,
        total=draft.total,
        shares={due.subscription.id: _share(due, drafted) for due in group.dues if not is_empty},
    )


def _share(due: Due, drafted: Drafted) -> Share:
    own = [line for line in drafted.draft.lines if line.subscription_id == str(due.subscription.id)]
    devices = {device for line in own for device, _ in line.devices or ()}
    return Share(due.days, len(devices), sum((line.net for line in own), Decimal(0)))


def _changes(before: Iterable[OpenBill], after: Iterable[OpenBill]) -> Iterator[BillChange]:
    """Bills of one customer, date and currency side by side; equal ones are left out."""
    places: dict[tuple[str, int, date, str], tuple[list[OpenBill], list[OpenBill]]] = {}
    for side, bills in enumerate((before, after)):
        for bill in bills:
            key = (bill.customer.name, bill.customer.pk, bill.billing_on, bill.currency)
            if bill.shares:
                places.setdefault(key, ([], []))[side].append(bill)
    for _, (old, new) in sorted(places.items()):
        for one, other in zip_longest(old, new):
            if one is None or other is None or (one.net, one.total) != (other.net, other.total):
                yield BillChange(one, other)
