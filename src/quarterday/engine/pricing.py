"""A count becomes priced units: included units come off, the minimum fills up, tiers find the price of each unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from quarterday.engine.facts import ClassPrice, Tiers

UnitsKind = Literal["usage", "minimum"]


@dataclass(frozen=True, slots=True)
class PricedUnits:
    """Units of one price: what was used, or what the minimum adds to it."""

    kind: UnitsKind
    quantity: int
    unit_price: Decimal


def price_units(price: ClassPrice, used: int, days: int = 1) -> list[PricedUnits]:
    """Price what was used, and what the minimum adds to it.

    Three computers of which one is included, at a minimum of four, are two used and two added units. For device-days
    `used` are those of so many `days`, and included, minimum and tier bounds are multiplied by them. Units of quantity
    0 are left out; only use that is wholly included is shown, as 0 units.
    """
    charged = max(used - price.included * days, 0)
    lacking = max(price.minimum * days - charged, 0)
    if price.tiers is None:
        assert price.unit_price is not None, f"{price} has neither a unit price nor tiers"
        priced = [PricedUnits("usage", charged, price.unit_price), PricedUnits("minimum", lacking, price.unit_price)]
    elif price.tiers.mode == "volume":
        unit_price = _volume_price(price.tiers, charged + lacking, days)
        priced = [PricedUnits("usage", charged, unit_price), PricedUnits("minimum", lacking, unit_price)]
    else:
        priced = list(_graduated(price.tiers, charged, lacking, days))
    return [units for units in priced if units.quantity or (units.kind == "usage" and used)]


def _volume_price(tiers: Tiers, total: int, days: int) -> Decimal:
    """The price of the first step whose bound the total does not pass."""
    for step in tiers.steps:
        if step.bound is None or total <= step.bound * days:
            return step.unit_price
    raise AssertionError(f"{tiers} have no last step without a bound")


def _graduated(tiers: Tiers, charged: int, lacking: int, days: int) -> Iterator[PricedUnits]:
    """Fill the steps from below, first with the used units, then with those that the minimum adds."""
    if not charged:
        yield PricedUnits("usage", 0, tiers.steps[0].unit_price)
    yield from _fill("usage", tiers, 0, charged, days)
    yield from _fill("minimum", tiers, charged, charged + lacking, days)


def _fill(kind: UnitsKind, tiers: Tiers, first: int, last: int, days: int) -> Iterator[PricedUnits]:
    """The units after the `first` up to the `last`, step by step."""
    lower = first
    for step in tiers.steps:
        upper = last if step.bound is None else min(step.bound * days, last)
        if upper > lower:
            yield PricedUnits(kind, upper - lower, step.unit_price)
            lower = upper
