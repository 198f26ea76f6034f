"""31 start days x all cycles x 60 periods, against a table that is made in another way.

The table is made by walking through the calendar day by day, without any arithmetic on months: a date stands for a day
of the month if it has that number, or if it is the last of its month and the number does not occur in it.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest

from quarterday.engine.periods import Cycle, boundary, boundary_index, service_periods

YEAR = 2024
PERIODS = 60

WEEKS = [Cycle(n, "week") for n in (1, 2, 3, 4, 13)]
MONTHS = [Cycle(n, "month") for n in (1, 2, 3, 4, 5, 6, 7, 9, 12, 18)]
YEARS = [Cycle(n, "year") for n in (1, 2, 3, 4)]


@cache
def dates_standing_for() -> dict[int, list[date]]:
    """For each day of the month 1 to 31 the date that stands for it in each month from January 2024."""
    table: dict[int, list[date]] = {number: [] for number in range(1, 32)}
    today = date(YEAR, 1, 1)
    while today.year <= YEAR + 4 * PERIODS:
        tomorrow = today + timedelta(days=1)
        table[today.day].append(today)
        if tomorrow.day == 1:
            for number in range(today.day + 1, 32):
                table[number].append(today)
        today = tomorrow
    return table


def months_of(cycle: Cycle) -> int:
    return cycle.every * (12 if cycle.unit == "year" else 1)


@pytest.mark.parametrize("cycle", [*MONTHS, *YEARS], ids=str)
def test_sixty_boundaries_from_each_day_of_a_month_are_those_of_the_table(cycle: Cycle) -> None:
    for number, dates in dates_standing_for().items():
        start = date(YEAR, 1, number)
        wanted = dates[:: months_of(cycle)][: PERIODS + 1]
        periods = [p for p, _ in zip(service_periods(start, cycle), range(PERIODS), strict=False)]
        assert [(p.served.start, p.served.end) for p in periods] == list(pairwise(wanted))
        assert all(p.is_whole for p in periods)


@pytest.mark.parametrize("start", [date(2024, 2, 29), date(2027, 2, 28), date(2096, 2, 29)], ids=str)
def test_a_start_at_the_end_of_february_never_drifts(start: date) -> None:
    dates = dates_standing_for()[start.day]
    first = dates.index(start)
    for cycle in (*MONTHS, Cycle(1, "year")):
        wanted = dates[first :: months_of(cycle)][: PERIODS + 1]
        assert [boundary(start, cycle, n) for n in range(PERIODS + 1)] == wanted


@pytest.mark.parametrize("cycle", WEEKS, ids=str)
def test_weeks_keep_their_weekday(cycle: Cycle) -> None:
    for number in range(1, 32):
        start = date(YEAR, 1, number)
        every_day = (start + timedelta(days=n) for n in range(7 * cycle.every * PERIODS + 1))
        wanted = list(every_day)[:: 7 * cycle.every]
        assert [boundary(start, cycle, n) for n in range(PERIODS + 1)] == wanted


@pytest.mark.parametrize("cycle", [Cycle(1, "month"), Cycle(3, "month"), Cycle(1, "year")], ids=str)
def test_each_billing_day_cuts_a_stub_from_each_start_and_then_follows_the_table(cycle: Cycle) -> None:
    for billing_day, dates in dates_standing_for().items():
        for number in range(1, 32):
            start = date(YEAR + 1, 1, number)
            boundaries = dates[12 % months_of(cycle) :: months_of(cycle)]
            first = next(i for i, on in enumerate(boundaries) if on > start)
            wanted = boundaries[first - 1 : first + 7]
            periods = service_periods(start, cycle, billing_day=billing_day, until=wanted[-2])
            got = [(p.served.start, p.served.end, p.full.start, p.full.end) for p in periods]
            assert got == [(max(start, a), b, a, b) for a, b in pairwise(wanted)]


def test_the_boundary_before_a_day_is_found_without_walking() -> None:
    for cycle in (*MONTHS, *YEARS):
        for number, dates in dates_standing_for().items():
            start = date(YEAR, 1, number)
            for n, on in enumerate(dates[:: months_of(cycle)][1:8], start=1):
                assert boundary_index(start, cycle, on) == n
                assert boundary_index(start, cycle, on - timedelta(days=1)) == n - 1
