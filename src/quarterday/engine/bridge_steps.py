"""The bridge's steps from what a plan was charged to what it is charged: period length, plan or price, then devices.

    what was charged  ->  in periods as long as now  ->  at the prices of now  ->  without who went, with who came

A device weighs, on each run of days with equal terms, the part of the whole period that it is charged for. Counted by
the device it weighs what the run does, by the day its own days; included units, minimum and tiers are scaled with the
run. So both ways of counting, partial periods and several periods on one bill are priced by one formula, the engine's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Literal, get_args

from quarterday.engine.facts import ClassPrice, FlatFee, SubscriptionFacts
from quarterday.engine.lines import Ground, charged_days, charges_of_first_time
from quarterday.engine.money import line_net
from quarterday.engine.presence import newest_of
from quarterday.engine.pricing import price_units

ReasonKind = Literal[
    "plan",
    "length",
    "price",
    "went",
    "excepted",
    "paused",
    "came",
    "agreed_again",
    "heard_again",
    "changed_class",
    "days",
    "adjustment",
    "true_up",
    "catch_up",
    "credit",
    "tax_rate",
    "tax",
]
"""Why a bill differs.

plan: it is on one of the bills only, or the customer moved to another, with its own prices and counting. length: the
periods are a longer or shorter part of whole ones. price: of a class, or (no class) the flat fee. went, came,
changed_class: devices. excepted, paused: devices that are there and not charged, by agreement or because nothing was
heard of them; agreed_again, heard_again: they are charged again. days: devices there for more or fewer days, where days
count. tax_rate: the treatment of the later bill's lines. tax: the tax on all other reasons.
"""

NOTHING = Decimal(0)
LeftOut = Literal["excepted", "paused"]
"""Why a device that is there is not charged."""

_CHARGED_AGAIN: Mapping[LeftOut, ReasonKind] = {"excepted": "agreed_again", "paused": "heard_again"}

_ORDER = {kind: place for place, kind in enumerate(get_args(ReasonKind))}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason and its amount, net, or tax where it is of tax.

    `was` and `now` are what changed: unit prices from the lowest step, a fee, parts of a whole period, or the amounts
    on both bills. `in_part` says that a price holds for a part of one bill's days only. `class_before` is what devices
    that changed class were. `text` is what an other charge is called, or the plan that the customer moved from.
    """

    kind: ReasonKind
    amount: Decimal
    subscription_id: str | None = None
    plan: str = ""
    device_class: str | None = None
    class_before: str | None = None
    devices: tuple[str, ...] = ()
    text: str = ""
    was: tuple[Decimal | Fraction, ...] = ()
    now: tuple[Decimal | Fraction, ...] = ()
    in_part: bool = False


Weights = tuple[Fraction, ...]
"""What a device weighs on each run."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Days with equal terms, and which part of the whole period they are."""

    price: ClassPrice | FlatFee
    share: Fraction

    def net(self, weight: Fraction, digits: int) -> Decimal:
        """What devices of so much weight cost."""
        if isinstance(self.price, FlatFee):
            return line_net(1, self.price.amount, self.share, digits)
        # In parts so small that all figures are whole; the price of a unit becomes that of a part.
        parts = lcm(weight.denominator, self.share.denominator)
        units = price_units(self.price, int(weight * parts), days=int(self.share * parts))
        return sum((line_net(u.quantity, u.unit_price, Fraction(1, parts), digits) for u in units), NOTHING)


@dataclass(frozen=True, slots=True)
class _Class:
    """The devices of one class with their weights, and the runs on which they are charged; or the flat fee's runs."""

    runs: tuple[_Run, ...] = ()
    devices: Mapping[str, Weights] = field(default_factory=dict)

    def net(self, digits: int) -> Decimal:
        weights = Counter(self.devices.values())
        return sum(
            (
                run.net(sum((each[place] * count for each, count in weights.items()), Fraction(0)), digits)
                for place, run in enumerate(self.runs)
            ),
            NOTHING,
        )

    def in_length(self, factor: Fraction) -> _Class:
        """The same in a period so many times as long."""
        if factor == 1:
            return self
        runs = tuple(replace(run, share=run.share * factor) for run in self.runs)
        longer = {weights: tuple(weight * factor for weight in weights) for weights in set(self.devices.values())}
        return _Class(runs, {device: longer[weights] for device, weights in self.devices.items()})

    def on_runs_of(self, other: _Class) -> _Class:
        """The same devices at the other's terms, each for as much of the days as before."""
        if self.runs == other.runs:
            return self
        whole = sum(run.share for run in self.runs)
        laid = {
            weights: tuple(run.share * sum(weights) / whole for run in other.runs)
            for weights in set(self.devices.values())
        }
        return _Class(other.runs, {device: laid[weights] for device, weights in self.devices.items()})

    @property
    def prices(self) -> list[tuple[Decimal, ...]]:
        """The different unit prices, or fees, of its runs, oldest first."""
        each = (run.price for run in self.runs)
        return list(dict.fromkeys((p.amount,) if isinstance(p, FlatFee) else p.unit_prices for p in each))


_NO_CLASS = _Class()


@dataclass(frozen=True, slots=True)
class Charged:
    """What one subscription is charged on one bill for periods that are due for the first time.

    `share` is how many whole periods these are: 1, or a part of one at a start or an end. `left_out` are devices that
    are charged for less than they were there, and why.
    """

    subscription: SubscriptionFacts
    ground: Ground
    replaced_by: Mapping[str, str]
    share: Fraction
    classes: Mapping[str | None, _Class]
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)

    @property
    def subscription_id(self) -> str:
        """The subscription's id."""
        return self.subscription.id

    def net(self, digits: int) -> Decimal:
        """What all of it comes to."""
        return sum((each.net(digits) for each in self.classes.values()), NOTHING)


def charged_by(subscription: SubscriptionFacts, ground: Ground, replaced_by: Mapping[str, str]) -> Charged | None:
    """What a bill charges a subscription for the first time; None if no period of it is due so."""
    periods = [due.service_period for due in subscription.periods if due.occasion == "first"]
    if not periods:
        return None
    runs: dict[str | None, list[_Run]] = {}
    weights: dict[str | None, dict[str, dict[int, Fraction]]] = {}
    for period in periods:
        for charge in charges_of_first_time(subscription, period, ground):
            listed = runs.setdefault(charge.device_class, [])
            of_class = weights.setdefault(charge.device_class, {})
            for device, days in charge.by_device.items():
                weight = Fraction(days, charge.whole.days) if charge.rule == "prorated" else charge.share
                of_class.setdefault(device, {})[len(listed)] = weight
            listed.append(_Run(charge.price, charge.share))
    share = sum((Fraction(charged_days(subscription, each).days, each.full.days) for each in periods), Fraction(0))
    classes = {name: _class_of(listed, weights[name], replaced_by) for name, listed in runs.items()}
    return Charged(subscription, ground, replaced_by, share, classes)


def without(charged: Charged, free: Charged | None, excepted: Iterable[str]) -> Charged:
    """The same, with who is left out of it: `free` is what would be charged without exceptions and pauses.

    `excepted` are the devices of exceptions; whoever else is left out is paused.
    """
    if free is None:
        return charged
    agreed = {newest_of(device, charged.replaced_by)[0] for device in excepted} | set(excepted)
    weighs = {device: sum(weights) for each in charged.classes.values() for device, weights in each.devices.items()}
    left_out: dict[str, LeftOut] = {
        device: "excepted" if device in agreed else "paused"
        for each in free.classes.values()
        for device, weights in each.devices.items()
        if sum(weights) != weighs.get(device)
    }
    return replace(charged, left_out=left_out)


def steps(before: Charged | None, after: Charged | None, digits: int) -> list[Reason]:
    """The reasons why a subscription (or the one that it goes on from) is charged otherwise; amounts add up."""
    known = after or before
    assert known is not None, "neither bill charges the subscription"
    if before is None:
        found = [Reason("plan", known.net(digits), now=(known.net(digits),))]
    elif after is None:
        found = [Reason("plan", -known.net(digits), was=(known.net(digits),))]
    else:
        counted = _counted_as(before, after.subscription)
        names = dict.fromkeys([*after.classes, *before.classes])
        found = [reason for name in names for reason in _class_steps(name, before, counted, after, digits)]
    plan = known.subscription.plan
    moved_from = before.subscription.plan if before and after and before.subscription.plan != plan else ""
    return [
        replace(
            reason,
            subscription_id=known.subscription_id,
            plan=plan,
            text=moved_from if reason.kind == "plan" else reason.text,
        )
        for reason in _joined(found)
    ]


def _class_steps(name: str | None, before: Charged, counted: Charged, after: Charged, digits: int) -> Iterator[Reason]:
    """One class from what it was charged to what it is charged; each step is priced."""
    state, target = before.classes.get(name, _NO_CLASS), after.classes.get(name, _NO_CLASS)
    net = state.net(digits)
    for reason, then in _walk(name, before, counted, after):
        amount = NOTHING if then is state else then.net(digits) - net
        state, net = then, net + amount
        if amount or reason.devices:
            yield replace(reason, amount=amount)
    assert net == target.net(digits), f"{name}: the steps lead to {net}, not to {target.net(digits)}"


def _walk(name: str | None, before: Charged, counted: Charged, after: Charged) -> Iterator[tuple[Reason, _Class]]:
    """Each step's reason, not priced yet, and where it leads."""
    is_moved = before.subscription.plan != after.subscription.plan
    target, state = after.classes.get(name, _NO_CLASS), counted.classes.get(name, _NO_CLASS)
    yield Reason("plan", NOTHING), state
    state = state.in_length(after.share / before.share)
    yield Reason("length", NOTHING, was=(before.share,), now=(after.share,)), state
    is_new = not state.runs
    repriced = state.on_runs_of(target)
    figures = _repriced(name, state, target)
    yield Reason("plan", NOTHING) if is_moved else figures, repriced
    if not target.runs:
        return
    devices = dict(repriced.devices)
    for reason, weights in _device_walk(name, repriced, target, counted, after):
        for device in reason.devices:
            devices.pop(device, None)
        devices.update(weights)
        # Who stands in a class that was not charged before has not come: it is charged from now on.
        is_charged_anew = is_new and reason.kind == "came"
        yield (
            (Reason("plan", NOTHING) if is_moved else figures) if is_charged_anew else reason,
            _Class(target.runs, dict(devices)),
        )


def _repriced(name: str | None, state: _Class, target: _Class) -> Reason:
    """From which price to which; of a change within a period one bill has both prices, and the other one of them."""
    was, now = state.prices, target.prices
    new = now[-1] if now else ()
    old = next((price for price in was if price != new), was[-1] if was else ())
    return Reason("price", NOTHING, device_class=name, was=old, now=new, in_part=len(was) > 1 or len(now) > 1)


def _device_walk(
    name: str | None, state: _Class, target: _Class, counted: Charged, after: Charged
) -> Iterator[tuple[Reason, Mapping[str, Weights]]]:
    """Who went, who is of another class now, who came, who was of another class, who was there for other days."""
    elsewhere_now = _class_of_each(after)
    elsewhere_before = _class_of_each(counted)
    by_reason: dict[tuple[ReasonKind, str | None, str | None], list[str]] = {}
    for device in state.devices:
        if device not in target.devices:
            other = elsewhere_now.get(device)
            key: tuple[ReasonKind, str | None, str | None] = (after.left_out.get(device, "went"), name, None)
            by_reason.setdefault(key if other is None else ("changed_class", other, name), []).append(device)
    for device, weights in target.devices.items():
        other = elsewhere_before.get(device)
        was_left_out = counted.left_out.get(device)
        again = None if was_left_out is None else _CHARGED_AGAIN[was_left_out]
        if device not in state.devices:
            key = (again or "came", name, None) if other is None else ("changed_class", name, other)
            by_reason.setdefault(key, []).append(device)
        elif weights != state.devices[device]:
            by_reason.setdefault((after.left_out.get(device, again or "days"), name, None), []).append(device)
    for (kind, now, was), devices in sorted(by_reason.items(), key=lambda each: _ORDER[each[0][0]]):
        reason = Reason(kind, NOTHING, device_class=now, class_before=was, devices=tuple(devices))
        yield reason, {device: target.devices[device] for device in devices if device in target.devices}


def _class_of_each(charged: Charged) -> dict[str, str]:
    """The devices of all classes, each with its class."""
    classes = ((name, each) for name, each in charged.classes.items() if name is not None)
    return {device: name for name, each in classes for device in each.devices}


def _counted_as(before: Charged, subscription: SubscriptionFacts) -> Charged:
    """What was charged, with the devices counted as now: the plan that a customer moved to may count otherwise."""
    told = before.subscription
    if (told.counting, told.timing) == (subscription.counting, subscription.timing):
        return before
    told = replace(told, counting=subscription.counting, timing=subscription.timing)
    counted = charged_by(told, before.ground, before.replaced_by)
    assert counted is not None, f"{told.id} was charged for a period and now for none"
    return replace(counted, left_out=before.left_out)


def _class_of(
    runs: Iterable[_Run], weights: Mapping[str, Mapping[int, Fraction]], replaced_by: Mapping[str, str]
) -> _Class:
    """A class with its devices under the names of their successors, unless these are counted themselves."""
    listed = tuple(runs)
    devices: dict[str, Weights] = {}
    for device, by_run in weights.items():
        name, _ = newest_of(device, replaced_by)
        known = device if name in weights or name in devices else name
        devices[known] = tuple(by_run.get(place, Fraction(0)) for place in range(len(listed)))
    return _Class(listed, devices)


def _joined(reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons of all classes, those that are one added up, in the order in which they are read."""
    found: dict[tuple[object, ...], Reason] = {}
    for reason in reasons:
        key = (reason.kind, reason.device_class, reason.class_before)
        if key in found:
            known = found[key]
            devices = tuple(dict.fromkeys([*known.devices, *reason.devices]))
            found[key] = replace(known, amount=known.amount + reason.amount, devices=devices)
        else:
            found[key] = reason
    ordered = sorted(found.values(), key=lambda reason: _ORDER[reason.kind])
    return [reason for reason in ordered if reason.amount or reason.devices]
