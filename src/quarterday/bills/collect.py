"""Tables -> BillingFacts: everything that one chunk of customers needs to be billed, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from quarterday.bills import reading
from quarterday.bills.content import Party
from quarterday.bills.due import Claimed, Due, DueGroup, SubscriptionCase, due_of, grouped, missed_periods
from quarterday.bills.reading import AdjustmentCase, BilledPeriod, Fleet, KnownLate, LastTime
from quarterday.customers.models import Customer
from quarterday.customers.queries import ZoneHistory, customers_by_id, tax_place, zone_histories
from quarterday.engine.facts import (
    AdjustmentFacts,
    BilledPart,
    BillingFacts,
    DeviceException,
    PeriodDue,
    PlanVersion,
    PriceOverride,
    SubscriptionFacts,
    TaxRule,
)
from quarterday.engine.periods import OPEN_END, Period
from quarterday.engine.presence import Stay
from quarterday.inventory.queries import exceptions, replacements
from quarterday.plans.queries import terms_of_plans
from quarterday.provider.models import Provider
from quarterday.provider.queries import TaxTable, load_tax_table, revenue_accounts
from quarterday.subscriptions.queries import own_terms_for

_DAY = timedelta(days=1)

SELLER_FIELDS = (
    *("name", "legal_name", "street", "postal_code", "city", "region", "country", "email", "phone", "website"),
    *("tax_number", "vat_id", "registration", "account_holder", "bank_name", "iban", "bic", "bank_details", "footer"),
)
BUYER_FIELDS = (
    *("number", "name", "street", "postal_code", "city", "region", "country"),
    *("tax_number", "vat_id", "tax_status", "language", "ledger_account"),
)
"""What a bill copies of each party, for ever."""


NOBODY = Party.of({})


@dataclass(frozen=True, slots=True)
class Desk:
    """What all customers of a chunk share: ourselves, the price lists, the tax rules, what the ledger knows."""

    provider: Provider
    seller: Party
    taxes: TaxTable
    accounts: Mapping[str, str]
    versions: Mapping[int, Sequence[PlanVersion]]
    overrides: Mapping[int, Sequence[PriceOverride]]
    known_at: datetime | None


@dataclass(slots=True)
class CustomerCase:
    """One customer's file on the desk: what is due, and all that the bills can depend on.

    It is brought up to date when a bill has been drafted from it, so the next one sees what the one before did.
    """

    customer: Customer
    zones: ZoneHistory
    subscriptions: list[SubscriptionCase]
    groups: list[DueGroup] = field(default_factory=list)
    late: list[Due] = field(default_factory=list)
    known_late: dict[BilledPeriod, KnownLate] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)
    trouble: Exception | None = None
    fleets: list[Fleet] = field(default_factory=list)
    exceptions: list[DeviceException] = field(default_factory=list)
    replaced_by: dict[str, str] = field(default_factory=dict)
    adjustments: list[AdjustmentCase] = field(default_factory=list)
    billed: dict[BilledPeriod, list[BilledPart]] = field(default_factory=dict)
    last_times: dict[int, LastTime] = field(default_factory=dict)
    oldest_feed: datetime | None = None
    buyer: Party = NOBODY

    @property
    def dues(self) -> list[Due]:
        """Everything that its bills may be about."""
        return [*(due for group in self.groups for due in group.dues), *self.late]

    def raise_trouble(self) -> None:
        """Raise what was wrong when the dates were worked out."""
        if self.trouble is not None:
            raise self.trouble


def open_cases(
    customer_ids: Sequence[int], *, at: datetime, provider: Provider, confirmed: bool = False
) -> dict[int, CustomerCase]:
    """Some customers' cases, with what is due at an instant; four queries.

    A subscription with more missed periods than the provider allows is left to a person, unless `confirmed`.
    """
    customers = customers_by_id(customer_ids)
    zones = zone_histories(customers.values())
    cases = {key: CustomerCase(customer, zones[key], []) for key, customer in sorted(customers.items())}
    for subscription in reading.subscription_cases(list(cases), latest=provider.late_periods_limit + 1):
        cases[subscription.customer_id].subscriptions.append(subscription)
    for case in cases.values():
        try:
            _find_due(case, at, provider, confirmed)
        except ValueError as error:
            case.trouble = error
    return cases


def collect(cases: Mapping[int, CustomerCase], provider: Provider) -> Desk:
    """Fill the customers' cases with everything their bills can depend on; a fixed number of queries."""
    ids = list(cases)
    known_at = reading.ledger_stamp()
    subscriptions = [subscription for case in cases.values() for subscription in case.subscriptions]
    for fleet in reading.fleets(_windows(cases)):
        cases[fleet.customer_id].fleets.append(fleet)
    for exempt in exceptions(ids):
        days = Period(exempt.start, exempt.end or OPEN_END)
        cases[exempt.customer_id].exceptions.append(DeviceException(str(exempt.device_id), days))
    for succession in replacements(ids):
        old, new = str(succession.old_device_id), str(succession.new_device_id)
        cases[succession.customer_id].replaced_by[old] = new
    heirs = _heirs(subscriptions)
    for adjustment in reading.adjustment_cases(ids):
        adjustment.subscription_id = heirs.get(adjustment.subscription_id, adjustment.subscription_id)
        cases[adjustment.customer_id].adjustments.append(adjustment)
    billed = reading.billed_parts(_corrected_periods(cases))
    last = reading.last_times(_last_claims(subscriptions))
    feeds = reading.oldest_feeds(ids)
    owners = {subscription.id: cases[subscription.customer_id] for subscription in subscriptions}
    for period, parts in billed.items():
        owners[period.subscription_id].billed[period] = parts
    for subscription_id, time in last.items():
        owners[subscription_id].last_times[subscription_id] = time
    for key, case in cases.items():
        case.oldest_feed = feeds.get(key)
        case.buyer = _copied(case.customer, BUYER_FIELDS)
    return Desk(
        provider=provider,
        seller=_copied(provider, SELLER_FIELDS),
        taxes=load_tax_table(),
        accounts=revenue_accounts(),
        versions=terms_of_plans({subscription.plan_id for subscription in subscriptions}),
        overrides=own_terms_for(subscription.id for subscription in subscriptions),
        known_at=known_at,
    )


def facts_of(case: CustomerCase, group: DueGroup, desk: Desk) -> BillingFacts:
    """All that the bill of one group depends on. ValueError or Refused, in words, where the facts contradict."""
    by_subscription: dict[int, list[Due]] = {}
    for due in group.dues:
        by_subscription.setdefault(due.subscription.id, []).append(due)
    subscriptions = tuple(_subscription(dues, case, desk) for _, dues in sorted(by_subscription.items()))
    adjustments = tuple(_adjustments(case, group, set(by_subscription)))
    classes = {device_class for terms in _all_terms(subscriptions) for device_class in terms.prices}
    stays, names = _stays(case.fleets, classes, days_seen(group.dues))
    return BillingFacts(
        customer_id=str(case.customer.pk),
        time_zone=group.zone,
        currency=group.currency,
        billing_on=group.billing_on,
        subscriptions=subscriptions,
        stays=stays,
        names=names,
        exceptions=tuple(exempt for exempt in case.exceptions if exempt.device_id in names),
        replaced_by={old: new for old, new in case.replaced_by.items() if old in names},
        adjustments=adjustments,
        tax_rules=_tax_rules(case, subscriptions, adjustments, desk),
    )


def days_seen(dues: Iterable[Due]) -> Period | None:
    """The days whose devices these periods depend on; in advance a period sees no further than its first day."""
    seen = [
        Period(due.served.start, due.served.start + _DAY)
        if due.occasion == "first" and due.subscription.timing == "advance"
        else due.served
        for due in dues
        if due.served is not None
    ]
    if not seen:
        return None
    return Period(min(days.start for days in seen), max(days.end for days in seen))


def _find_due(case: CustomerCase, at: datetime, provider: Provider, confirmed: bool) -> None:
    dues: list[Due] = []
    for subscription in case.subscriptions:
        found = due_of(subscription, at=at, hour=provider.bill_hour, zone_on=case.zones.on)
        missed = missed_periods(found)
        if missed > provider.missed_periods_limit and not confirmed:
            case.waiting[subscription.id] = (
                f"{missed} periods of {subscription.plan} were missed, more than {provider.missed_periods_limit}:"
                " look at them and confirm"
            )
        else:
            dues += found
    case.groups = grouped(dues)


def _heirs(subscriptions: Iterable[SubscriptionCase]) -> dict[int | None, int]:
    """Subscription -> the newest one that continues it: what was agreed for the one goes on for the other."""
    heirs: dict[int | None, int] = {}
    # A subscription is younger than the one that it continues.
    for subscription in sorted(subscriptions, key=lambda subscription: -subscription.id):
        heirs[subscription.id] = heirs.get(subscription.id, subscription.id)
        if subscription.continues_id is not None:
            heirs[subscription.continues_id] = heirs[subscription.id]
    return heirs


def _last_claims(subscriptions: Iterable[SubscriptionCase]) -> dict[int, Claimed]:
    """The newest billed period of each subscription."""
    return {
        subscription.id: claim
        for subscription in subscriptions
        for claim in reversed(subscription.latest)
        if claim.part == "period" and claim.outcome == "billed"
    }


def _windows(cases: Mapping[int, CustomerCase]) -> dict[int, Period]:
    windows = {key: days_seen(case.dues) for key, case in cases.items()}
    return {key: days for key, days in windows.items() if days is not None}


def _corrected_periods(cases: Mapping[int, CustomerCase]) -> list[BilledPeriod]:
    return [
        BilledPeriod(due.subscription.id, due.full)
        for case in cases.values()
        for due in case.dues
        if due.occasion != "first"
    ]


def _subscription(dues: Sequence[Due], case: CustomerCase, desk: Desk) -> SubscriptionFacts:
    subscription = dues[0].subscription
    start, end = min(due.days.start for due in dues), max(due.days.end for due in dues)
    versions = desk.versions.get(subscription.plan_id, ())
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
        overrides=tuple(own for own in desk.overrides.get(subscription.id, ()) if own.effective_on < end),
    )


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
    desk: Desk,
) -> tuple[TaxRule, ...]:
    codes = {adjustment.tax_code for adjustment in adjustments}
    for terms in _all_terms(subscriptions):
        codes |= {price.tax_code for price in terms.prices.values()}
        if terms.flat_fee is not None and terms.flat_fee.amount:
            codes.add(terms.flat_fee.tax_code)
    last = max((due.served or due.full).end for subscription in subscriptions for due in subscription.periods)
    rules = desk.taxes.dated(sorted(code for code in codes if code is not None), tax_place(case.customer))
    return tuple(rule for rule in rules if rule.effective_on < last)


def _all_terms(subscriptions: Iterable[SubscriptionFacts]) -> Iterator[PlanVersion | PriceOverride]:
    for subscription in subscriptions:
        yield from subscription.versions
        yield from subscription.overrides


def _copied(party: Provider | Customer, fields: Iterable[str]) -> Party:
    """What the paper says of a party; what is empty is left out."""
    return Party.of({name: value for name in fields if (value := getattr(party, name))})
