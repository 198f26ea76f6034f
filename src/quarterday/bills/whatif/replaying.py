"""A new price or another plan, replayed on the last real months of customers: before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import cast

from quarterday.bills.due import SubscriptionCase
from quarterday.bills.export import cell, rows_as_text
from quarterday.bills.whatif.past import Past, count_again, past_of, periods_within
from quarterday.customers.models import Customer
from quarterday.engine.counting import Rule
from quarterday.engine.facts import ClassPrice, FlatFee, PlanVersion
from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import MONTHLY, Period, boundary
from quarterday.plans.models import Plan
from quarterday.plans.terms import checked_fee
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope

MOST_MONTHS = 60

CHUNK = 50
"""So many customers are replayed at once: a second's work."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is tried out: new prices of the plan's classes, a new fee, another counting rule, or another plan instead.

    Prices agreed with a customer stand above new prices of the plan; they do not follow to another plan.
    """

    prices: Mapping[str, ClassPrice] = field(default_factory=dict)
    flat_fee: Decimal | None = None
    counting: Rule | None = None
    instead: Plan | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether it leaves all as it is."""
        return not self.prices and self.flat_fee is None and self.counting is None and self.instead is None


@dataclass(frozen=True, slots=True)
class Replay:
    """One customer's months under the plan as it was, and as it would have been; net, in the plan's currency."""

    customer: Customer
    currency: str
    period_count: int
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """How much more it would have been."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Replayed:
    """The replays of some customers added up; net, in the plan's currency."""

    count: int
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """How much more it would have been."""
        return self.after - self.before


def sums_of(replays: Iterable[Replay]) -> Replayed:
    """The sums of any number of replays, one after the other."""
    count, before, after = 0, Decimal(0), Decimal(0)
    for each in replays:
        count, before, after = count + 1, before + each.before, after + each.after
    return Replayed(count, before, after)


def replay(plan: Plan, customers: Sequence[Customer], change: Change, *, today: date, months: int = 12) -> list[Replay]:
    """The periods of a plan that ended in the last months, counted as they were and with a change; eight queries.

    Customers without such a period are left out. Refused for a change of nothing, more than 60 months, or a plan in
    another currency.
    """
    _refuse(plan, change, months)
    days = Period(boundary(today, MONTHLY, -months), today)
    also = [] if change.instead is None else [change.instead.pk]
    past = past_of(customers, days, plan_id=plan.pk, also_plans=also)
    changed = _changed(past, plan, change, today)
    found = [_replayed(plan, past, changed, customer, change, days) for customer in customers]
    return [each for each in found if each is not None]


def replay_many(
    plan: Plan,
    customers: Sequence[Customer],
    change: Change,
    *,
    today: date,
    months: int = 12,
    scope: Scope,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Replay]:
    """The same for any number of customers, a chunk a transaction, so that none is long. Call it outside `acting`."""
    for start in range(0, max(len(customers), 1), CHUNK):
        some = customers[start : start + CHUNK]
        with acting(scope):
            found = replay(plan, some, change, today=today, months=months)
        if progress is not None:
            progress(start + len(some), len(customers))
        yield from found


def csv_of_replays(replays: Iterable[Replay]) -> Iterator[str]:
    """The file in pieces: the names of the columns, then a row a customer."""
    yield rows_as_text([("number", "customer", "periods", "before", "after", "difference", "currency")])
    for each in replays:
        amounts = each.before, each.after, each.difference
        row = (each.customer.number, each.customer.name, str(each.period_count), *amounts, each.currency)
        yield rows_as_text([[cell(value) for value in row]])


def _replayed(plan: Plan, past: Past, changed: Past, customer: Customer, change: Change, days: Period) -> Replay | None:
    case = past.cases[customer.pk]
    asked = [
        (each, period)
        for each in case.subscriptions
        for period in periods_within(each, days)
        if days.contains(period.served.last_day)
    ]
    if not asked:
        return None
    before = after = Decimal(0)
    for subscription, period in asked:
        before += count_again(case, subscription, period, past.lists).net
        after += count_again(case, subscription, period, changed.lists, counting=_rule(subscription, change)).net
    digits = digits_of(plan.currency)
    return Replay(customer, plan.currency, len(asked), round_half_up(before, digits), round_half_up(after, digits))


def _rule(subscription: SubscriptionCase, change: Change) -> Rule:
    if change.counting is not None:
        return change.counting
    return subscription.counting if change.instead is None else cast(Rule, change.instead.counting)


def _changed(past: Past, plan: Plan, change: Change, today: date) -> Past:
    """The same past at other prices, which are taken to have been in force all the time."""
    lists = past.lists
    if change.instead is not None:
        begun = [each for each in lists.versions.get(change.instead.pk, ()) if each.effective_on <= today]
        if not begun:
            raise Refused("instead", f"{change.instead} has no prices yet: name a plan that has begun.")
        always = replace(begun[-1], effective_on=date.min, applies="on_day")
        lists = replace(lists, versions={plan.pk: [_with(always, change)]}, overrides={})
    else:
        versions = [_with(version, change) for version in lists.versions.get(plan.pk, ())]
        lists = replace(lists, versions={plan.pk: versions})
    return Past(past.cases, lists)


def _with(version: PlanVersion, change: Change) -> PlanVersion:
    fee = version.flat_fee if change.flat_fee is None else FlatFee(change.flat_fee)
    prices = {name: replace(price, tax_code=None) for name, price in change.prices.items()}
    return replace(version, prices={**version.prices, **prices}, flat_fee=fee)


def _refuse(plan: Plan, change: Change, months: int) -> None:
    if change.is_nothing:
        raise Refused("prices", "say what is to be tried out: a price, a flat fee, a counting rule or another plan.")
    if not 1 <= months <= MOST_MONTHS:
        raise Refused("months", f"say 1 to {MOST_MONTHS}.")
    if change.flat_fee is not None:
        checked_fee(change.flat_fee)
    if change.instead == plan:
        raise Refused("instead", f"{plan} is the plan itself: name another one.")
    if change.instead is not None and change.instead.currency != plan.currency:
        raise Refused("instead", f"{change.instead} is in {change.instead.currency}: take a plan in {plan.currency}.")
