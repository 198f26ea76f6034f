"""Cases -> BillingFacts: what one bill can see of its customer's case, and nothing else."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from quarterday.bills.collect.cases import CustomerCase, PriceLists, days_seen
from quarterday.bills.due import Due, DueGroup
from quarterday.bills.reading import BilledPeriod, Fleet
from quarterday.customers.queries import tax_place
from quarterday.engine.facts import (
    AdjustmentFacts,
    BillingFacts,
    DeviceException,
    PeriodDue,
    PlanVersion,
    PriceOverride,
    SubscriptionFacts,
    TaxRule,
)
from quarterday.engine.periods import Period
from quarterday.engine.presence import Stay


def facts_of(case: CustomerCase, group: DueGroup, lists: PriceLists) -> BillingFacts:
    """All that the bill of one group depends on. ValueError or Refused, in words, where the facts contradict."""
    by_subscription: dict[int, list[Due]] = {}
    for due in group.dues:
        by_subscription.setdefault(due.subscription.id, []).append(due)
    subscriptions = [_subscription(dues, case, lists) for _, dues in sorted(by_subscription.items())]
    adjustments = tuple(_adjustments(case, group, set(by_subscription)))
    classes = {device_class for terms in _all_terms(subscriptions) for device_class in terms.prices}
    seen = days_seen(group.dues)
    stays, names = _stays(case.fleets, classes, seen)
    return BillingFacts(
        customer_id=str(case.customer.pk),
        time_zone=group.zone,
        currency=group.currency,
        billing_on=group.billing_on,
        subscriptions=tuple(_with_paused(each, case, names, seen) for each in subscriptions),
        stays=stays,
        names=names,
        exceptions=tuple(exempt for exempt in case.exceptions if exempt.device_id in names),
        replaced_by={old: new for old, new in case.replaced_by.items() if old in names},
        adjustments=adjustments,
        tax_rules=_tax_rules(case, subscriptions, adjustments, group.billing_on, lists),
    )


def _subscription(dues: Sequence[Due], case: CustomerCase, lists: PriceLists) -> SubscriptionFacts:
    subscription = dues[0].subscription
    start, end = min(due.days.start for due in dues), max(due.days.end for due in dues)
    versions = lists.versions.get(subscription.plan_id, ())
    return SubscriptionFacts(
        id=str(subscription.id),
        plan=subscription.plan,
        starts_on=subscription.starts_on,
        versions=_needed(versions, start, end),
        periods=tuple(
            PeriodDue(
                served=due.served,
                full=due.full,
                occasion=due.occasion,
                billed=tuple(case.billed.get(BilledPeriod(subscription.id, due.full), ()))
                if due.occasion != "first"
                else (),
                only_in_favour=due.only_in_favour,
            )
            for due in dues
        ),
        cycle=subscription.cycle,
        billing_day=subscription.billing_day,
        counting=subscription.counting,
        timing=subscription.timing,
        final_period=subscription.final_period,
        due_days=subscription.due_days,
        overrides=tuple(own for own in lists.overrides.get(subscription.id, ()) if own.effective_on < end),
    )


def _with_paused(
    subscription: SubscriptionFacts, case: CustomerCase, names: Container[str], seen: Period | None
) -> SubscriptionFacts:
    """The subscription with the days that it pauses devices of the bill; without any it is as it was."""
    paused = tuple(
        DeviceException(pause.device_id, days)
        for pause in case.paused.get(int(subscription.id), ())
        if pause.device_id in names and seen is not None and (days := pause.days.overlap(seen)) is not None
    )
    return replace(subscription, paused=paused) if paused else subscription


def _needed(versions: Sequence[PlanVersion], start: date, end: date) -> tuple[PlanVersion, ...]:
    """The versions that days from `start` up to `end` can see: a later one must change no digest."""
    begun = [i for i, version in enumerate(versions) if version.effective_on <= start]
    return tuple(version for version in versions[begun[-1] if begun else 0 :] if version.effective_on < end)


def _adjustments(case: CustomerCase, group: DueGroup, due: set[int]) -> Iterable[AdjustmentFacts]:
    """The charges and discounts that this bill may take up, in the order in which they were written."""
    for adjustment in case.adjustments:
        is_for_this = (
            adjustment.is_open
            and adjustment.starts_on <= group.billing_on
            and (adjustment.until is None or group.billing_on < adjustment.until)
            and adjustment.subscription_id in (None, *due)
        )
        if adjustment.currency != group.currency or not (is_for_this or adjustment.rest):
            continue
        yield AdjustmentFacts(
            id=str(adjustment.id),
            text=adjustment.text,
            starts_on=adjustment.starts_on,
            amount=adjustment.amount,
            percent=adjustment.percent,
            unit_price=adjustment.unit_price,
            quantity=Decimal(1) if adjustment.quantity is None else adjustment.quantity,
            subscription_id=None if adjustment.subscription_id is None else str(adjustment.subscription_id),
            until=adjustment.until,
            # Of a cancelled one only the rest is left to take.
            times=adjustment.used if adjustment.is_cancelled else adjustment.times,
            used=adjustment.used,
            rest=adjustment.rest,
            tax_code=adjustment.tax_code or None,
        )


def _stays(fleets: Sequence[Fleet], classes: set[str], seen: Period | None) -> tuple[tuple[Stay, ...], dict[str, str]]:
    """The stays that the bill can see, and the devices' names."""
    stays: list[Stay] = []
    names: dict[str, str] = {}
    for fleet in fleets:
        days = None if seen is None or fleet.device_class not in classes else fleet.days.overlap(seen)
        if days is not None:
            stays += [Stay(device_id, fleet.device_class, days) for device_id in fleet.device_ids]
            names.update(zip(fleet.device_ids, fleet.names, strict=True))
    return tuple(stays), names


def _tax_rules(
    case: CustomerCase,
    subscriptions: Sequence[SubscriptionFacts],
    adjustments: Sequence[AdjustmentFacts],
    billing_on: date,
    lists: PriceLists,
) -> tuple[TaxRule, ...]:
    codes = {adjustment.tax_code for adjustment in adjustments}
    for terms in _all_terms(subscriptions):
        codes |= {price.tax_code for price in terms.prices.values()}
        if terms.flat_fee is not None and terms.flat_fee.amount:
            codes.add(terms.flat_fee.tax_code)
    periods = [due for subscription in subscriptions for due in subscription.periods]
    last = max((due.served or due.full).end for due in periods)
    # A line is taxed as on the last day that its period serves (engine/lines.py, engine/adjustments.py).
    taxed_on = {due.served.last_day for due in periods if due.served is not None} or {billing_on}
    known = sorted(code for code in codes if code is not None)
    rules = lists.taxes.dated(known, tax_place(case.customer), on=taxed_on)
    return tuple(rule for rule in rules if rule.effective_on < last)


def _all_terms(subscriptions: Iterable[SubscriptionFacts]) -> Iterator[PlanVersion | PriceOverride]:
    for subscription in subscriptions:
        yield from subscription.versions
        yield from subscription.overrides
