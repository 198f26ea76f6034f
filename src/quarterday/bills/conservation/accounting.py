"""Each device-day of a month into its bucket, subscription by subscription, and the buckets held against the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from quarterday.bills.collect import CustomerCase
from quarterday.bills.conservation.fleet import NONE, Fleet, device_days
from quarterday.bills.conservation.reading import (
    Agreed,
    PriceLists,
    Settled,
    agreed_in,
    cases_of,
    ledger_days,
    price_lists,
    settled_in,
)
from quarterday.bills.conservation.values import Accounted, BucketName, Buckets, Conservation, NotCharged, Unbilled
from quarterday.bills.due import SubscriptionCase
from quarterday.bills.reading import fleets
from quarterday.engine.facts import ClassPrice, PriceOverride
from quarterday.engine.money import in_currency
from quarterday.engine.periods import OPEN_END, Period, ServicePeriod, billing_date, instant_of_local
from quarterday.engine.presence import Stay, days_within, merge, without
from quarterday.engine.terms import NoTerms, terms_of_period
from quarterday.provider.models import Provider
from quarterday.provider.queries import get_provider
from quarterday.shared.asking import together
from quarterday.subscriptions.queries import own_terms_for


def device_days_of(
    month: Period, customer_ids: Sequence[int] | None, *, at: datetime, provider: Provider | None = None
) -> Conservation:
    """Account for every device-day of some customers, or of all in scope, in a month, as known now; seven queries.

    `at` tells what is due. Who has read the provider gives it and saves an eighth. A customer whose terms contradict
    themselves is a fault, and the others are accounted for.
    """
    found = Conservation(month)
    cases = cases_of(customer_ids)
    found.customers = {key: case.customer.name for key, case in cases.items()}
    subscriptions = [subscription for case in cases.values() for subscription in case.subscriptions]
    ids = [subscription.id for subscription in subscriptions]
    # The order of classes matters on a bill only.
    prices, own = together(
        price_lists.asked({subscription.plan_id for subscription in subscriptions}),
        own_terms_for.asked(ids, class_order=()),
    )
    shared = _Shared(
        month=month,
        at=at,
        hour=(provider or get_provider()).bill_hour,
        prices=prices,
        own=own,
        settled=settled_in(ids, month),
        agreed=agreed_in(list(cases), month),
    )
    stays: dict[int, list[Stay]] = defaultdict(list)
    for fleet in fleets(dict.fromkeys(cases, month)):
        stays[fleet.customer_id] += [Stay(device, fleet.device_class, fleet.days) for device in fleet.device_ids]
    ledger = ledger_days(list(cases), month)
    found.ledger_by_customer = {key: sum(of_customer.values()) for key, of_customer in ledger.items()}
    found.ledger_days = sum(found.ledger_by_customer.values())
    agreed = shared.agreed
    for key, case in cases.items():
        fleet_of = Fleet.of(stays[key], agreed.exceptions.get(key, ()), agreed.replaced_by.get(key, {}))
        try:
            _account(case, fleet_of, ledger.get(key, {}), shared, found)
        except (NoTerms, ValueError) as error:
            found.faults.append(f"{case.customer.name}: {error}")
    return found


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all customers' accounts are made from."""

    month: Period
    at: datetime
    hour: int
    prices: PriceLists
    own: Mapping[int, Sequence[PriceOverride]]
    settled: Settled
    agreed: Agreed


@dataclass(frozen=True, slots=True)
class _Priced:
    """Days of the month on which a subscription prices a class, in one service period; None: before it is charged."""

    days: Period
    price: ClassPrice
    period: ServicePeriod | None


def _account(case: CustomerCase, fleet: Fleet, ledger: Mapping[str, int], shared: _Shared, found: Conservation) -> None:
    """One customer's buckets, each held against the days that it has to account for."""
    priced: dict[str, list[Period]] = defaultdict(list)
    several: Counter[str] = Counter()
    for subscription in case.subscriptions:
        own = fleet.pausing(shared.agreed.pauses.get(subscription.id, ()))
        for device_class, runs in _priced_days(subscription, shared).items():
            buckets = Buckets()
            for run in runs:
                buckets.update(_buckets(subscription, device_class, run, case, own, shared))
                found.not_charged += _not_charged(subscription, device_class, run, case, fleet)
            days = [run.days for run in runs]
            priced[device_class] += days
            several[device_class] += device_days(fleet.ledger.get(device_class, NONE), merge(days))
            expected = device_days(fleet.ledger.get(device_class, NONE), merge(days))
            if buckets.total() != expected or any(count < 0 for count in buckets.values()):
                found.faults.append(
                    f"{case.customer.name}, {subscription.plan}: {expected} {device_class} days in the ledger,"
                    f" {buckets.total()} accounted for"
                )
            if expected:
                found.accounted.append(
                    Accounted(case.customer.pk, subscription.id, subscription.plan, device_class, dict(buckets))
                )
    for device_class in sorted({*ledger, *fleet.ledger}):
        covered = merge(priced.get(device_class, ()))
        there = fleet.ledger.get(device_class, NONE)
        free = without(shared.month, covered)
        unbilled = device_days(there, free)
        if unbilled:
            found.unbilled.append(_unbilled(case, fleet, device_class, free, unbilled, shared))
        found.several_by_customer[case.customer.pk] += several[device_class] - device_days(there, covered)
        accounted = device_days(there, covered) + unbilled
        if accounted != ledger.get(device_class, 0):
            found.faults.append(
                f"{case.customer.name}: the ledger has {ledger.get(device_class, 0)} {device_class} days,"
                f" {accounted} are accounted for"
            )


def _priced_days(subscription: SubscriptionCase, shared: _Shared) -> dict[str, list[_Priced]]:
    """Class -> the days of the month that it is priced on, period by period."""
    versions = shared.prices.versions.get(subscription.plan_id, ())
    own = shared.own.get(subscription.id, ())
    periods: list[tuple[Period, ServicePeriod | None]] = [
        (period.served, period)
        for period in subscription.periods(from_day=shared.month.start, until=shared.month.last_day)
    ]
    end = min(subscription.billed_from, subscription.ends_on or OPEN_END)
    if subscription.starts_on < end:
        periods.insert(0, (Period(subscription.starts_on, end), None))
    priced: dict[str, list[_Priced]] = defaultdict(list)
    for served, period in periods:
        if served.overlap(shared.month) is None:
            continue
        for device_class, runs in terms_of_period(versions, own, served).classes.items():
            for days, price in runs:
                if within := days.overlap(shared.month):
                    priced[device_class].append(_Priced(within, price, period))
    return priced


def _buckets(
    subscription: SubscriptionCase, device_class: str, run: _Priced, case: CustomerCase, fleet: Fleet, shared: _Shared
) -> Buckets:
    """The device-days of one class on the days of a run, each in its bucket."""
    buckets = Buckets()
    there = fleet.charged.get(device_class, NONE)
    not_excepted = device_days(fleet.not_excepted.get(device_class, NONE), [run.days])
    buckets["excepted"] = device_days(fleet.ledger.get(device_class, NONE), [run.days]) - not_excepted
    if run.period is None:
        buckets["paused"] = not_excepted
        return buckets
    buckets["paused"] = not_excepted - device_days(there, [run.days])
    left = [run.days]
    for claim in shared.settled.claims.get(subscription.id, ()):
        days = claim.period.overlap(run.days)
        if claim.part != "period" or days is None:
            continue
        left = [part for each in left for part in without(each, (days,))]
        in_claim = device_days(there, [days])
        if claim.outcome == "waived":
            buckets["paused"] += in_claim
        elif claim.outcome == "billed" and not claim.is_issued:
            buckets["held"] += in_claim
        else:
            counted = shared.settled.evidence.get((subscription.id, device_class), {})
            billed = _counted_days(fleet.joined.get(device_class, ()), days, counted) if claim.is_issued else 0
            buckets["billed"] += billed
            buckets[_not_counted(subscription, days, shared)] += in_claim - billed
    zone = case.zones.on(run.period.full.start)
    due_on = billing_date(run.period.served, subscription.timing, subscription.offset_days)
    is_due = shared.at >= instant_of_local(due_on, shared.hour, zone)
    buckets["held" if is_due else "not_due"] += device_days(there, left)
    return buckets


def _counted_days(stays: Iterable[Stay], days: Period, counted: Mapping[str, tuple[Period, ...]]) -> int:
    """The device-days on which the bills' lines name the devices."""
    return sum(
        days_within(counted[stay.device_id], shared)
        for stay in stays
        if stay.device_id in counted and (shared := stay.present.overlap(days)) is not None
    )


def _not_counted(subscription: SubscriptionCase, days: Period, shared: _Shared) -> BucketName:
    """Where days of a billed period go that no line counts: of one billed in advance the true-up decides."""
    if subscription.timing == "arrears":
        return "covered"
    for claim in shared.settled.claims.get(subscription.id, ()):
        if claim.part == "settlement" and claim.period.contains(days.start):
            return "held" if claim.outcome == "billed" and not claim.is_issued else "covered"
    return "not_due"


def _not_charged(
    subscription: SubscriptionCase, device_class: str, run: _Priced, case: CustomerCase, fleet: Fleet
) -> Iterator[NotCharged]:
    """The excepted devices of a run, and what their days would have cost."""
    whole = run.days if run.period is None else run.period.full
    for agreed in fleet.agreements:
        excepted = Period(agreed.start, agreed.end or OPEN_END).overlap(run.days)
        if excepted is None:
            continue
        if days := fleet.days_of_device(str(agreed.device_id), device_class, excepted):
            cost = _first_price(run.price) * Fraction(days, whole.days)
            yield NotCharged(
                customer_id=case.customer.pk,
                device_id=agreed.device_id,
                device_class=device_class,
                reason=agreed.reason,
                agreed_by=agreed.agreed_by,
                until=agreed.end,
                device_days=days,
                currency=subscription.currency,
                cost=in_currency(cost, subscription.currency),
            )


def _unbilled(
    case: CustomerCase, fleet: Fleet, device_class: str, free: Sequence[Period], days: int, shared: _Shared
) -> Unbilled:
    """What no subscription prices, and what it would have brought."""
    currency = case.customer.currency
    price = shared.prices.usual.get((device_class, currency))
    loss = None if price is None else Fraction(price) * days / shared.month.days
    return Unbilled(
        customer_id=case.customer.pk,
        customer=case.customer.name,
        device_class=device_class,
        device_count=len(fleet.devices_on(device_class, free)),
        device_days=days,
        currency=currency,
        loss=None if loss is None else in_currency(loss, currency),
    )


def _first_price(price: ClassPrice) -> Fraction:
    if price.tiers is not None:
        return Fraction(price.tiers.steps[0].unit_price)
    return Fraction(price.unit_price or 0)
