"""Whatever changes in the middle of a cycle, on whichever day: each day served is charged once, at its own terms.

One computer at 30.00 and a fee of 60.00 are 3.00 a day in the 30 days of April. In arrears a period is charged once it
is over, in advance at its start and trued up at its end; in the end both have charged the same days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.engine.story import bills

APRIL = [date(2026, 4, 1) + timedelta(days=number) for number in range(30)]
GOLD = {"computer": {"unit_price": "30.00"}}
DEAR = {"plans": {"dear": {"versions": [{"effective_on": "2026-01-01", "prices": GOLD, "flat_fee": "150.00"}]}}}
TIMINGS = ("arrears", "advance")


def charged(timing: str, *subscriptions: dict[str, Any], until: str = "2026-06-01", **told: Any) -> Decimal:
    """All that is charged for a computer until June, by the day so that every day has its price."""
    found = bills(
        devices="PC-1 #>",
        prices=GOLD,
        flat_fee="60.00",
        counting="prorated",
        timing=timing,
        subscriptions=[{"plan": "gold", **subscription} for subscription in subscriptions],
        until=until,
        **told,
    )
    return sum((Decimal(bill.net) for bill in found), Decimal(0))


def each_day() -> Iterator[tuple[str, date, int]]:
    for timing in TIMINGS:
        for number, day in enumerate(APRIL, start=1):
            yield timing, day, number


def differing(expected: Any, told: Any) -> list[tuple[str, int, Decimal, Decimal]]:
    """The days on which what is charged is not what the days served cost."""
    found = [(timing, number, told(timing, day), Decimal(expected(number))) for timing, day, number in each_day()]
    return [row for row in found if row[2] != row[3]]


def test_service_that_ends_with_a_day_is_charged_up_to_it() -> None:
    def ended(timing: str, day: date) -> Decimal:
        return charged(timing, {"starts_on": "2026-04-01", "ends_on": str(day + timedelta(days=1))})

    assert differing(lambda number: 3 * number, ended) == []


def test_service_that_begins_on_a_day_is_charged_from_it_on() -> None:
    def begun(timing: str, day: date) -> Decimal:
        return charged(timing, {"starts_on": str(day), "billing_day": 1, "ends_on": "2026-05-01"})

    assert differing(lambda number: 3 * (31 - number), begun) == []


def test_a_plan_that_is_associated_anew_leaves_the_days_between_free() -> None:
    def anew(timing: str, day: date) -> Decimal:
        before = {"starts_on": "2026-04-01", "ends_on": str(day)}
        after = {"starts_on": str(day + timedelta(days=3)), "billing_day": 1, "ends_on": "2026-06-01"}
        return charged(timing, before, after, until="2026-07-01")

    # What begins anew after April is charged for its share of May, rounded once a line.
    def expected(number: int) -> Decimal:
        served_in_april, free_in_may = number - 1 + max(28 - number, 0), max(number - 28, 0)
        return Decimal(3 * served_in_april) + Decimal(90) * (31 - free_in_may) / 31

    assert [row for row in differing(expected, anew) if abs(row[2] - row[3]) > Decimal("0.02")] == []


def test_a_move_to_another_plan_charges_each_for_its_own_days() -> None:
    def moved(timing: str, day: date) -> Decimal:
        before = {"starts_on": "2026-04-01", "ends_on": str(day)}
        after = {"plan": "dear", "starts_on": str(day), "billing_day": 1, "ends_on": "2026-05-01"}
        terms = {"dear": {**DEAR["plans"]["dear"], "counting": "prorated", "timing": timing}}
        return charged(timing, *([before] if day > APRIL[0] else []), after, plans=terms)

    # 30.00 and 150.00 are 6.00 a day.
    assert differing(lambda number: 3 * (number - 1) + 6 * (31 - number), moved) == []


def test_another_cycle_from_a_day_on_begins_with_that_day() -> None:
    def weekly(timing: str, day: date) -> Decimal:
        before = {"starts_on": "2026-04-01", "ends_on": str(day)}
        after = {"starts_on": str(day), "cycle": {"every": 1, "unit": "week"}, "ends_on": str(day + timedelta(days=14))}
        return charged(timing, *([before] if day > APRIL[0] else []), after)

    # Two weeks of 90.00 each.
    assert differing(lambda number: 3 * (number - 1) + 180, weekly) == []


@pytest.mark.parametrize("timing", TIMINGS)
def test_new_prices_count_from_their_day(timing: str) -> None:
    for number, day in enumerate(APRIL, start=1):
        later = [{"effective_on": str(day), "prices": GOLD, "flat_fee": "150.00"}]
        net = charged(timing, {"starts_on": "2026-04-01", "ends_on": "2026-05-01"}, later=later)
        assert net == 3 * (number - 1) + 6 * (31 - number), day
