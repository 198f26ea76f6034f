"""Prices of a count: included units, minimum and tiers, as a table."""

from decimal import Decimal
from typing import Any

import pytest

from quarterday.engine.facts import ClassPrice, Tier, TierMode, Tiers
from quarterday.engine.pricing import price_units

Priced = list[tuple[str, int, str]]


def steps(mode: TierMode, **terms: Any) -> ClassPrice:
    """Up to 2 units at 10, up to 5 at 8, beyond at 6."""
    tiers = Tiers(mode, (Tier(2, Decimal(10)), Tier(5, Decimal(8)), Tier(None, Decimal(6))))
    return ClassPrice(tiers=tiers, **terms)


def flat(**terms: Any) -> ClassPrice:
    return ClassPrice(Decimal(10), **terms)


def priced(price: ClassPrice, used: int, days: int = 1) -> Priced:
    return [(units.kind, units.quantity, str(units.unit_price)) for units in price_units(price, used, days)]


@pytest.mark.parametrize(
    ("price", "used", "expected"),
    [
        # One price for each unit.
        (flat(), 0, []),
        (flat(), 3, [("usage", 3, "10")]),
        (flat(included=1), 3, [("usage", 2, "10")]),
        (flat(included=3), 3, [("usage", 0, "10")]),
        (flat(included=5), 3, [("usage", 0, "10")]),
        (flat(minimum=5), 3, [("usage", 3, "10"), ("minimum", 2, "10")]),
        (flat(minimum=5), 0, [("minimum", 5, "10")]),
        (flat(minimum=3), 3, [("usage", 3, "10")]),
        (flat(included=2, minimum=2), 3, [("usage", 1, "10"), ("minimum", 1, "10")]),
        (flat(included=5, minimum=2), 3, [("usage", 0, "10"), ("minimum", 2, "10")]),
        # Graduated: each unit at its own step's price, bounds included; the minimum's units come after the used ones.
        (steps("graduated"), 2, [("usage", 2, "10")]),
        (steps("graduated"), 5, [("usage", 2, "10"), ("usage", 3, "8")]),
        (steps("graduated"), 7, [("usage", 2, "10"), ("usage", 3, "8"), ("usage", 2, "6")]),
        (steps("graduated", included=5), 7, [("usage", 2, "10")]),
        (steps("graduated", included=7), 7, [("usage", 0, "10")]),
        (
            steps("graduated", minimum=7),
            1,
            [("usage", 1, "10"), ("minimum", 1, "10"), ("minimum", 3, "8"), ("minimum", 2, "6")],
        ),
        (steps("graduated", minimum=3), 0, [("minimum", 2, "10"), ("minimum", 1, "8")]),
        (
            steps("graduated", included=9, minimum=3),
            4,
            [("usage", 0, "10"), ("minimum", 2, "10"), ("minimum", 1, "8")],
        ),
        # Volume: all units at the price of their total's step, those of the minimum too.
        (steps("volume"), 2, [("usage", 2, "10")]),
        (steps("volume"), 3, [("usage", 3, "8")]),
        (steps("volume"), 6, [("usage", 6, "6")]),
        (steps("volume", included=4), 6, [("usage", 2, "10")]),
        (steps("volume", included=6), 6, [("usage", 0, "10")]),
        (steps("volume", minimum=6), 2, [("usage", 2, "6"), ("minimum", 4, "6")]),
        (steps("volume", minimum=3), 0, [("minimum", 3, "8")]),
    ],
)
def test_a_count_is_priced(price: ClassPrice, used: int, expected: Priced) -> None:
    assert priced(price, used) == expected


@pytest.mark.parametrize(
    ("price", "used", "expected"),
    [
        (flat(included=1), 45, [("usage", 15, "10")]),
        (flat(minimum=2), 45, [("usage", 45, "10"), ("minimum", 15, "10")]),
        (steps("graduated"), 60, [("usage", 60, "10")]),
        (steps("graduated"), 61, [("usage", 60, "10"), ("usage", 1, "8")]),
        (steps("volume"), 150, [("usage", 150, "8")]),
        (steps("volume"), 151, [("usage", 151, "6")]),
    ],
)
def test_for_device_days_included_minimum_and_bounds_are_multiplied_by_the_days(
    price: ClassPrice, used: int, expected: Priced
) -> None:
    assert priced(price, used, days=30) == expected
