"""The one way in which a period that was billed is corrected: what it costs, less what it was billed and credited.

A true-up after billing in advance, a catch-up of what was learned late and a credit after a service has ended all are
this difference, unit for unit, at the price, the share of the period and the tax of what they correct.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from quarterday.engine.facts import BilledPart, LineKind, LineUnit, Occasion, PeriodDue, SubscriptionFacts, TaxTreatment
from quarterday.engine.lines import BillLine, Cuts, DeviceDays, Ground, as_billed, lines_by_rule, net_of
from quarterday.engine.periods import Period, ServicePeriod
from quarterday.engine.terms import terms_of_period

_KINDS: dict[Occasion, LineKind] = {"settlement": "true_up", "late": "catch_up", "ended": "credit"}


def difference_lines(subscription: SubscriptionFacts, due: PeriodDue, ground: Ground) -> list[BillLine]:
    """The lines that bring what was billed for a period to what it costs by the rule, as known now.

    One line per class, run of days and unit price, if its quantity is not 0. Where terms or an end of service became
    known after the bill, devices are compared on each part of its days, and device-days over all of them. Goodwill is
    neither charged again nor given twice: class by class, what is missing is told without it and what was too much
    with it. Source: rule 20.
    """
    charged = [part for part in due.billed if not part.is_goodwill]
    by_class = _difference(subscription, replace(due, billed=tuple(charged)), ground)
    is_too_much = _net(_joined(by_class)) < 0
    if len(charged) < len(due.billed):
        together = _difference(subscription, due, ground)
        given = _goodwill_lines(subscription, due, ground.digits)
        by_class = {
            name: _beside_goodwill(lines, together[name], given.get(name, [])) for name, lines in by_class.items()
        }
        # Of less than was charged nothing more is asked for, whichever class the goodwill was of.
        if is_too_much and _net(_joined(by_class)) > 0:
            return []
    if due.only_in_favour and _net(_joined(by_class)) > 0:
        return []
    return _joined(by_class)


def _beside_goodwill(lines: list[BillLine], together: list[BillLine], given: Sequence[BillLine]) -> list[BillLine]:
    """The difference of a class of which a person credited some: that counts towards what was too much of it only."""
    too_much, goodwill = _net(lines), _net(given)
    if too_much >= 0:
        return lines
    if too_much + goodwill > 0:
        return []
    # Credited days cut the class into parts, each rounded: where that is a cent off, what was given stands apart.
    return together if _net(together) == too_much + goodwill else [*lines, *given]


def _goodwill_lines(subscription: SubscriptionFacts, due: PeriodDue, digits: int) -> dict[str | None, list[BillLine]]:
    """What a person credited of each class, as it stands against what was too much."""
    found: dict[str | None, list[BillLine]] = {}
    for part in due.billed:
        if part.is_goodwill:
            own, days = _part(part, due, sign=-1), _charged(part, due)
            line = _line(subscription, due, part.device_class, [part], days, [own], digits)
            found.setdefault(part.device_class, []).append(line)
    return found


def _joined(by_class: Mapping[str | None, Sequence[BillLine]]) -> list[BillLine]:
    return [line for lines in by_class.values() for line in lines]


def _net(lines: Iterable[BillLine]) -> Decimal:
    return sum((line.net for line in lines), Decimal(0))


def _difference(subscription: SubscriptionFacts, due: PeriodDue, ground: Ground) -> dict[str | None, list[BillLine]]:
    """What the period costs by the rule, less all that was billed and credited of it, class by class."""
    by_rule: list[BillLine] = []
    if due.served is not None:
        by_rule = lines_by_rule(subscription, due.service_period, ground, cuts=_cuts(due))
    classes = dict.fromkeys([*(line.device_class for line in by_rule), *(part.device_class for part in due.billed)])
    found: dict[str | None, list[BillLine]] = {}
    for device_class in classes:
        of_class = [line for line in by_rule if line.device_class == device_class]
        billed = [part for part in due.billed if part.device_class == device_class]
        found[device_class] = list(_class_lines(subscription, due, device_class, of_class, billed, ground.digits))
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """Units that the rule charges (above 0) or that were billed (below 0), on the days that they are charged for.

    `shown_to` is the end of its line's days: a final period charged in full is charged for more days than it shows.
    """

    charged: Period
    shown_to: date
    quantity: Decimal
    unit: LineUnit
    unit_price: Decimal
    per: int
    tax: TaxTreatment | None


def _cuts(due: PeriodDue) -> Cuts:
    """The bounds of what was billed by the device or the period, where the rule's lines are cut to be comparable."""
    cuts: dict[str | None, set[date]] = {}
    for part in due.billed:
        if part.unit != "device-day":
            charged = _charged(part, due)
            cuts.setdefault(part.device_class, set()).update((charged.start, charged.end))
    return cuts


def _class_lines(
    subscription: SubscriptionFacts,
    due: PeriodDue,
    device_class: str | None,
    by_rule: Sequence[BillLine],
    billed: Sequence[BilledPart],
    digits: int,
) -> Iterator[BillLine]:
    """The difference lines of one class, or of the flat fee."""
    parts = [*(_rule_part(line, billed, due) for line in by_rule), *(_part(part, due, sign=-1) for part in billed)]
    for days in _comparable_days(parts):
        here = [part for part in parts if part.charged.overlap(days)]
        devices = _devices(by_rule, days) if device_class is not None else None
        for unit_price, tax in _prices(subscription, due, device_class, days, here):
            alike = [part for part in here if (part.unit_price, part.tax) == (unit_price, tax)]
            line = _line(subscription, due, device_class, billed, days, alike, digits)
            # Devices trued up are shown even if they cost nothing; a fee, or what is learned late, is news by its cost.
            is_true_up = due.occasion == "settlement" and device_class is not None
            if line.quantity and (line.net or is_true_up):
                yield replace(line, devices=devices)
                devices = None


def _line(
    subscription: SubscriptionFacts,
    due: PeriodDue,
    device_class: str | None,
    billed: Sequence[BilledPart],
    days: Period,
    alike: Sequence[_Part],
    digits: int,
) -> BillLine:
    """The units of one price on some days, those of the rule less those that were billed."""
    first = alike[0]
    quantity = sum((part.quantity for part in alike), Decimal(0))
    fraction = Fraction(days.days, due.full.days)
    shown_to = min(days.end, max(part.shown_to for part in alike))
    shown = Period(days.start, shown_to) if shown_to > days.start else days
    return BillLine(
        kind=_KINDS[due.occasion],
        text=_text(subscription, due, device_class, shown),
        net=net_of(quantity, first.unit, first.unit_price, first.per, fraction, digits),
        quantity=quantity,
        unit=first.unit,
        unit_price=first.unit_price,
        per=first.per,
        fraction=fraction,
        subscription_id=subscription.id,
        device_class=device_class,
        days=shown,
        service_period=due.service_period if due.served is not None else ServicePeriod(due.full, due.full),
        tax=first.tax,
        corrects=tuple(dict.fromkeys(part.bill for part in billed)),
    )


def _rule_part(line: BillLine, billed: Sequence[BilledPart], due: PeriodDue) -> _Part:
    """A line of the rule; it is taxed as the same class was on the same days of the bill that it corrects."""
    part = _part(as_billed(line, bill=""), due, sign=1)
    taxes = [earlier.tax for earlier in billed if _charged(earlier, due).overlap(part.charged)]
    return replace(part, tax=taxes[0]) if taxes else part


def _part(part: BilledPart, due: PeriodDue, *, sign: int) -> _Part:
    quantity = sign * part.quantity
    return _Part(_charged(part, due), part.days.end, quantity, part.unit, part.unit_price, part.per, part.tax)


def _charged(part: BilledPart, due: PeriodDue) -> Period:
    """The days that a line is charged for, told by its share of the whole period."""
    return Period(part.days.start, part.days.start + timedelta(days=int(part.fraction * due.full.days)))


def _comparable_days(parts: Sequence[_Part]) -> list[Period]:
    """The stretches of days on which units can be compared one by one, oldest first.

    Counted devices are the same on each day of a line, so their lines are cut wherever another begins or ends.
    Device-days of a line lie anywhere in it, so lines that share a day are compared as one stretch.
    """
    if any(part.unit == "device-day" for part in parts):
        stretches: list[Period] = []
        for charged in sorted(part.charged for part in parts):
            if stretches and charged.start < stretches[-1].end:
                stretches[-1] = Period(stretches[-1].start, max(stretches[-1].end, charged.end))
            else:
                stretches.append(charged)
        return stretches
    bounds = sorted({bound for part in parts for bound in (part.charged.start, part.charged.end)})
    return [Period(start, end) for start, end in pairwise(bounds)]


def _prices(
    subscription: SubscriptionFacts, due: PeriodDue, device_class: str | None, days: Period, parts: Sequence[_Part]
) -> list[tuple[Decimal, TaxTreatment | None]]:
    """The prices and taxes of the parts, from the lowest step of the terms up; first what the terms no longer have."""
    found = list(dict.fromkeys((part.unit_price, part.tax) for part in parts))
    if len(found) < 2 or due.served is None:
        return found
    runs = terms_of_period(subscription.versions, subscription.overrides, due.served).classes.get(
        device_class or "", ()
    )
    steps = [price for run, terms in runs if run.overlap(days) for price in terms.unit_prices]
    return sorted(found, key=lambda price: steps.index(price[0]) if price[0] in steps else -1)


def _devices(by_rule: Sequence[BillLine], days: Period) -> DeviceDays:
    """The devices that the rule counts in a stretch of days, of all its lines that begin there."""
    found: dict[str, int] = {}
    for line in by_rule:
        if line.days is not None and days.contains(line.days.start):
            for device, count in line.devices or ():
                found[device] = found.get(device, 0) + count
    return tuple(sorted(found.items()))


def _text(subscription: SubscriptionFacts, due: PeriodDue, device_class: str | None, days: Period) -> str:
    """What is corrected, and of when: a catch-up names the earlier period, a credit the days it takes back."""
    what = device_class or f"{subscription.plan}, flat fee"
    if due.occasion == "settlement":
        return f"{what}, true-up"
    if due.occasion == "late":
        days = due.served or due.full
    corrected = "catch-up" if due.occasion == "late" else "credit"
    return f"{what}, {corrected} for {days.start} to {days.last_day}"
