"""Which terms count on which day: a plan's versions and a subscription's own prices, laid over one service period.

A period is split only for the classes and fees whose terms change in it. A version that repeats the terms before it
splits nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeVar

from quarterday.engine.facts import ClassPrice, FlatFee, PlanVersion, PriceOverride
from quarterday.engine.periods import Period

Terms = TypeVar("Terms", PlanVersion, PriceOverride)
Price = TypeVar("Price", ClassPrice, FlatFee)


class NoTerms(ValueError):
    """On some day of the period no version of the plan has begun."""


@dataclass(frozen=True, slots=True)
class PeriodTerms:
    """The terms of one service period as runs: consecutive days, and what holds on all of them.

    The classes stand in the order in which the plan names them. Days on which a class has no price, or the fee is 0,
    are in no run.
    """

    classes: Mapping[str, tuple[tuple[Period, ClassPrice], ...]]
    fees: tuple[tuple[Period, FlatFee], ...]


def terms_of_period(versions: Sequence[PlanVersion], overrides: Sequence[PriceOverride], served: Period) -> PeriodTerms:
    """The terms of the served days. NoTerms if the plan has no version yet on the first of them."""
    by_days = [
        (days, *_in_force(versions, overrides, served, days.start))
        for days in _segments((*versions, *overrides), served)
    ]
    classes = dict.fromkeys(device_class for _, prices, _ in by_days for device_class in prices)
    return PeriodTerms(
        classes={
            device_class: _runs((days, prices.get(device_class)) for days, prices, _ in by_days)
            for device_class in classes
        },
        fees=_runs((days, fee if fee.amount else None) for days, _, fee in by_days),
    )


def terms_behind(
    versions: Sequence[PlanVersion],
    overrides: Sequence[PriceOverride],
    served: Period,
    day: date,
    device_class: str | None,
) -> PlanVersion | PriceOverride | None:
    """The terms that the price of a class (None: the flat fee) comes from on a served day; None if it has no price."""
    for own in reversed(_begun(overrides, served, day)):
        if own.flat_fee is not None if device_class is None else device_class in own.prices:
            return own
    begun = _begun(versions, served, day)
    latest = begun[-1] if begun else None
    return latest if latest is not None and (device_class is None or device_class in latest.prices) else None


def _segments(all_terms: Sequence[PlanVersion | PriceOverride], served: Period) -> list[Period]:
    """The served days, cut wherever any terms begin inside them."""
    cuts = {
        terms.effective_on
        for terms in all_terms
        if terms.applies == "on_day" and served.start < terms.effective_on < served.end
    }
    if not cuts:
        return [served]
    return [Period(start, end) for start, end in pairwise([served.start, *sorted(cuts), served.end])]


def _in_force(
    versions: Sequence[PlanVersion], overrides: Sequence[PriceOverride], served: Period, day: date
) -> tuple[dict[str, ClassPrice], FlatFee]:
    """The prices and the fee of one day: the plan's latest version, then the subscription's own, oldest first."""
    begun = _begun(versions, served, day)
    if not begun:
        raise NoTerms(f"the plan has no terms yet on {day}: start later, or give it an earlier version")
    prices, fee = dict(begun[-1].prices), begun[-1].flat_fee
    for override in _begun(overrides, served, day):
        prices.update(override.prices)
        fee = override.flat_fee or fee
    return prices, fee


def _begun(all_terms: Sequence[Terms], served: Period, day: date) -> list[Terms]:
    """What has begun by a day of the period, by effective date; what waits for the next period begins with one."""
    begun = [
        terms for terms in all_terms if terms.effective_on <= (served.start if terms.applies == "next_period" else day)
    ]
    return sorted(begun, key=lambda terms: terms.effective_on)


def _runs(by_days: Iterable[tuple[Period, Price | None]]) -> tuple[tuple[Period, Price], ...]:
    """Neighbouring days with equal terms as one run; days without terms are in none."""
    runs: list[tuple[Period, Price]] = []
    for days, price in by_days:
        if price is None:
            continue
        if runs and runs[-1][0].end == days.start and runs[-1][1] == price:
            runs[-1] = Period(runs[-1][0].start, days.end), price
        else:
            runs.append((days, price))
    return tuple(runs)
