"""The lines of a service period: what its terms charge for what its rule counts, each with its devices and days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

from quarterday.engine.counting import Rule, count_by_class
from quarterday.engine.facts import (
    BilledPart,
    BillingFacts,
    ClassPrice,
    DeviceException,
    FlatFee,
    LineKind,
    LineUnit,
    SubscriptionFacts,
    TaxRule,
    TaxTreatment,
)
from quarterday.engine.money import digits_of, line_net
from quarterday.engine.periods import Period, ServicePeriod
from quarterday.engine.presence import Stay, hold, join_replacements, merge, without
from quarterday.engine.pricing import price_units
from quarterday.engine.tax import treatment_of
from quarterday.engine.terms import terms_of_period

DeviceDays = tuple[tuple[str, int], ...]
"""The evidence of a line: device ids with their days, sorted by id."""

Cuts = Mapping[str | None, Collection[date]]
"""Days at which to split the lines of a class (None: of the flat fee)."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill; `net` is in the bill's currency.

    net = round(quantity x unit_price x fraction), for device-days round(quantity x unit_price / per). An adjustment
    has no days, and no unit price unless it is quantity x price. `devices` is None on lines that name no devices.
    `corrects` names the bills whose charges a true-up, catch-up or credit corrects.
    """

    kind: LineKind
    text: str
    net: Decimal
    quantity: Decimal = Decimal(1)
    unit: LineUnit | None = None
    unit_price: Decimal | None = None
    per: int = 1
    fraction: Fraction = Fraction(1)
    subscription_id: str | None = None
    device_class: str | None = None
    days: Period | None = None
    service_period: ServicePeriod | None = None
    tax: TaxTreatment | None = None
    devices: DeviceDays | None = None
    adjustment_id: str | None = None
    occurrence: int | None = None
    corrects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What all lines of a bill stand on: the stays that may be charged, the tax rules, the currency's digits.

    `without_paused` are the stays of those subscriptions that pause devices, by subscription.
    """

    stays: tuple[Stay, ...]
    tax_rules: tuple[TaxRule, ...]
    digits: int
    without_paused: Mapping[str, tuple[Stay, ...]] = field(default_factory=dict)

    def stays_of(self, subscription: SubscriptionFacts) -> tuple[Stay, ...]:
        """The stays that a subscription may charge."""
        return self.without_paused.get(subscription.id, self.stays)


def ground_of(facts: BillingFacts) -> Ground:
    """The ground of a bill: days that are excepted or paused are taken out, replaced devices joined to successors."""
    paused = {
        subscription.id: _chargeable(facts, (*facts.exceptions, *subscription.paused))
        for subscription in facts.subscriptions
        if subscription.paused
    }
    return Ground(_chargeable(facts, facts.exceptions), facts.tax_rules, digits_of(facts.currency), paused)


def _chargeable(facts: BillingFacts, exceptions: Iterable[DeviceException]) -> tuple[Stay, ...]:
    excepted: dict[str, list[Period]] = {}
    for exception in exceptions:
        excepted.setdefault(exception.device_id, []).append(exception.days)
    stays: Iterable[Stay] = facts.stays
    if excepted:
        stays = [
            Stay(stay.device_id, stay.device_class, days)
            for stay in facts.stays
            for days in without(stay.present, merge(excepted.get(stay.device_id, ())))
        ]
    return tuple(join_replacements(stays, facts.replaced_by))


@dataclass(frozen=True, slots=True)
class Charge:
    """What a period charges on a run of days with equal terms: a class at its price, or (no class) the flat fee.

    `days` are those that the line shows, `charged` those that it is charged for, of the `whole` period. `by_device`
    are the devices that the rule counts, with their charged days; `rule` says whether the days or the devices count.
    """

    device_class: str | None
    price: ClassPrice | FlatFee
    days: Period
    charged: Period
    whole: Period
    rule: Rule
    by_device: Mapping[str, int]

    @property
    def share(self) -> Fraction:
        """The charged part of the whole period."""
        return Fraction(self.charged.days, self.whole.days)


def charged_days(subscription: SubscriptionFacts, period: ServicePeriod) -> Period:
    """The days that are charged for: a final period that is charged in full runs on to the end of the whole one."""
    end = period.full.end if subscription.final_period == "full" else period.served.end
    return Period(period.served.start, end)


def charges_of_first_time(subscription: SubscriptionFacts, period: ServicePeriod, ground: Ground) -> list[Charge]:
    """What is charged when a period is due for the first time: in advance for its first day's devices, else by rule."""
    due = _Due(subscription, period, ground)
    if subscription.timing == "advance":
        return due.charges(hold(ground.stays_of(subscription), on=period.served.start, until=due.charged_to))
    return due.charges(due.stays_by_rule())


def lines_of_first_time(subscription: SubscriptionFacts, period: ServicePeriod, ground: Ground) -> list[BillLine]:
    """What a period costs when it is due for the first time."""
    return _Due(subscription, period, ground).lines(charges_of_first_time(subscription, period, ground))


def lines_by_rule(
    subscription: SubscriptionFacts, period: ServicePeriod, ground: Ground, *, cuts: Cuts = MappingProxyType({})
) -> list[BillLine]:
    """What a period costs by its plan's counting rule; `cuts` are further days at which to split a class's lines."""
    due = _Due(subscription, period, ground)
    return due.lines(due.charges(due.stays_by_rule(), cuts))


def as_billed(line: BillLine, bill: str) -> BilledPart:
    """What a line charged for its period, as the bills after it see it. An adjustment charges none (ValueError)."""
    if line.days is None or line.unit is None or line.unit_price is None:
        raise ValueError(f"{line.kind} {line.text!r} charges for no period")
    return BilledPart(
        bill=bill,
        device_class=line.device_class,
        days=line.days,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        per=line.per,
        fraction=line.fraction,
        tax=line.tax,
    )


def net_of(
    quantity: Decimal, unit: LineUnit | None, unit_price: Decimal, per: int, fraction: Fraction, digits: int
) -> Decimal:
    """A line's net, rounded once: device-days carry their share of the period in themselves, others in the fraction."""
    return line_net(quantity, unit_price, Fraction(1, per) if unit == "device-day" else fraction, digits)


@dataclass(frozen=True, slots=True)
class _Due:
    """One service period of one subscription, as it becomes charges and then lines."""

    subscription: SubscriptionFacts
    period: ServicePeriod
    ground: Ground

    @property
    def charged_to(self) -> date:
        """The end of the charged days."""
        return charged_days(self.subscription, self.period).end

    def stays_by_rule(self) -> Iterable[Stay]:
        """The stays that the rule looks at; where charged days run on, with the last served day held to their end."""
        if self.charged_to > self.period.served.end:
            return hold(self.ground.stays_of(self.subscription), on=self.period.served.last_day, until=self.charged_to)
        return self.ground.stays_of(self.subscription)

    def charges(self, stays: Iterable[Stay], cuts: Cuts = MappingProxyType({})) -> list[Charge]:
        """The charges of all classes in the plan's order, then of the flat fee."""
        terms = terms_of_period(self.subscription.versions, self.subscription.overrides, self.period.served)
        counts = count_by_class(self.subscription.counting, stays, self.period.served, terms.classes)
        found: list[Charge] = []
        for device_class, runs in terms.classes.items():
            for run, price in runs:
                for days in _cut(run, cuts.get(device_class, ())):
                    by_device = counts[device_class].days_by_device(self._charged(days))
                    found.append(self._charge(device_class, price, days, by_device))
        for run, fee in terms.fees:
            found += (self._charge(None, fee, days, {}) for days in _cut(run, cuts.get(None, ())))
        return found

    def lines(self, charges: Iterable[Charge]) -> list[BillLine]:
        """The lines of some charges, in their order."""
        return [line for charge in charges for line in self._lines(charge)]

    def _charge(
        self, device_class: str | None, price: ClassPrice | FlatFee, days: Period, by_device: Mapping[str, int]
    ) -> Charge:
        rule, whole = self.subscription.counting, self.period.full
        return Charge(device_class, price, days, self._charged(days), whole, rule, by_device)

    def _lines(self, charge: Charge) -> Iterator[BillLine]:
        """The fee; or usage and minimum of one class, where the first usage line names the counted devices."""
        price = charge.price
        if isinstance(price, FlatFee):
            text = f"{self.subscription.plan}, flat fee"
            yield self._line("flat_fee", text, charge, Decimal(1), "period", price.amount, 1)
            return
        unit: LineUnit
        if charge.rule == "prorated":
            priced = price_units(price, sum(charge.by_device.values()), days=charge.charged.days)
            unit, per = "device-day", charge.whole.days
        else:
            priced = price_units(price, len(charge.by_device))
            unit, per = "device", 1
        devices: DeviceDays | None = tuple(sorted(charge.by_device.items()))
        for units in priced:
            is_usage = units.kind == "usage"
            text = str(charge.device_class) if is_usage else f"{charge.device_class}, minimum"
            quantity = Decimal(units.quantity)
            named = devices if is_usage else None
            yield self._line(units.kind, text, charge, quantity, unit, units.unit_price, per, named)
            if is_usage:
                devices = None

    def _line(
        self,
        kind: LineKind,
        text: str,
        charge: Charge,
        quantity: Decimal,
        unit: LineUnit,
        unit_price: Decimal,
        per: int,
        devices: DeviceDays | None = None,
    ) -> BillLine:
        return BillLine(
            kind=kind,
            text=text,
            net=net_of(quantity, unit, unit_price, per, charge.share, self.ground.digits),
            quantity=quantity,
            unit=unit,
            unit_price=unit_price,
            per=per,
            fraction=charge.share,
            subscription_id=self.subscription.id,
            device_class=charge.device_class,
            days=charge.days,
            service_period=self.period,
            tax=treatment_of(charge.price.tax_code, self.ground.tax_rules, on=self.period.served.last_day),
            devices=devices,
        )

    def _charged(self, days: Period) -> Period:
        """The days that a line is charged for: those of the run that ends with the service may run on."""
        return Period(days.start, self.charged_to) if days.end == self.period.served.end else days


def _cut(days: Period, cuts: Collection[date]) -> list[Period]:
    """The days in parts, cut at those of the cuts that lie inside them."""
    inside = sorted(cut for cut in cuts if days.start < cut < days.end)
    return [Period(start, end) for start, end in pairwise((days.start, *inside, days.end))]
