"""What past periods are counted from: subscriptions, devices as known at an instant, and the prices of their days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from quarterday.bills import reading
from quarterday.bills.collect import CustomerCase, PriceLists, collect_devices, facts_of
from quarterday.bills.due import Due, DueGroup, SubscriptionCase
from quarterday.customers.models import Customer
from quarterday.customers.queries import ZoneHistory
from quarterday.engine.calculate import BillDraft, calculate_bill
from quarterday.engine.counting import Rule
from quarterday.engine.facts import FlatFee, PlanVersion, PriceOverride
from quarterday.engine.periods import Period, ServicePeriod
from quarterday.plans.queries import versions_of
from quarterday.plans.terms import version_terms
from quarterday.provider.tax import TaxTable
from quarterday.subscriptions.queries import own_terms_for


@dataclass(frozen=True, slots=True)
class Past:
    """Some customers' past: their cases with the devices of all days asked for, and what things cost."""

    cases: Mapping[int, CustomerCase]
    lists: PriceLists

    def subscriptions(self) -> Iterator[SubscriptionCase]:
        """All subscriptions of the customers."""
        for case in self.cases.values():
            yield from case.subscriptions


def past_of(
    customers: Iterable[Customer],
    days: Period,
    *,
    known_at: datetime | None = None,
    plan_id: int | None = None,
    also_plans: Iterable[int] = (),
) -> Past:
    """Read the past of some customers, of one plan or all; eight queries for any number.

    `days` are those asked for; devices are read on all days of the periods that these lie in. `also_plans` are further
    plans whose prices are wanted.
    """
    cases = {each.pk: CustomerCase(each, ZoneHistory(each.time_zone), []) for each in customers}
    windows: dict[int, Period] = {}
    for subscription in reading.subscription_cases(list(cases), latest=None):
        if plan_id is not None and subscription.plan_id != plan_id:
            continue
        cases[subscription.customer_id].subscriptions.append(subscription)
        for period in periods_within(subscription, days):
            known = windows.setdefault(subscription.customer_id, period.served)
            windows[subscription.customer_id] = Period(
                min(known.start, period.served.start), max(known.end, period.served.end)
            )
    collect_devices(cases, windows, known_at=known_at)
    past = Past(cases, PriceLists({}, {}, TaxTable({}, provider_vat_id="")))
    plans = {*(subscription.plan_id for subscription in past.subscriptions()), *also_plans}
    own = own_terms_for([subscription.id for subscription in past.subscriptions()], class_order=())
    versions = {plan: [_untaxed(version_terms(each)) for each in told] for plan, told in versions_of(plans).items()}
    overrides = {subscription: [_untaxed_own(each) for each in terms] for subscription, terms in own.items()}
    return Past(cases, replace(past.lists, versions=versions, overrides=overrides))


def periods_within(subscription: SubscriptionCase, days: Period) -> list[ServicePeriod]:
    """The periods of a subscription that touch the days and are over when they end."""
    found = subscription.periods(from_day=days.start, until=days.last_day)
    return [each for each in found if each.served.overlap(days) and each.served.end <= days.end]


def count_again(
    case: CustomerCase,
    subscription: SubscriptionCase,
    period: ServicePeriod,
    lists: PriceLists,
    *,
    counting: Rule | None = None,
) -> BillDraft:
    """What a past period costs by its plan's counting rule or another, as it would be billed at its end."""
    # At its end a period billed in advance is counted by its rule as well; that is what its true-up brings about.
    told = replace(subscription, timing="arrears", counting=counting or subscription.counting)
    due = Due(told, period.served.end, "first", period.served, period.full, case.customer.time_zone)
    group = DueGroup(due.billing_on, subscription.currency, due.zone, (due,))
    return calculate_bill(facts_of(case, group, lists))


def _untaxed(version: PlanVersion) -> PlanVersion:
    """Net figures need no tax rules, and none can be missing."""
    prices = {name: replace(price, tax_code=None) for name, price in version.prices.items()}
    return replace(version, prices=prices, flat_fee=FlatFee(version.flat_fee.amount))


def _untaxed_own(terms: PriceOverride) -> PriceOverride:
    prices = {name: replace(price, tax_code=None) for name, price in terms.prices.items()}
    fee = None if terms.flat_fee is None else FlatFee(terms.flat_fee.amount)
    return replace(terms, prices=prices, flat_fee=fee)
