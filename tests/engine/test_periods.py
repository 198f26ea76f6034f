"""Service periods partition time, whatever the start, the cycle and the billing day."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterday.engine.periods import (
    OPEN_END,
    Cycle,
    Period,
    ServicePeriod,
    Timing,
    billing_date,
    boundary,
    boundary_index,
    due_date,
    service_periods,
)

DAY = timedelta(days=1)
MONTHLY, QUARTERLY, YEARLY, WEEKLY = Cycle(1, "month"), Cycle(3, "month"), Cycle(1, "year"), Cycle(1, "week")
APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))


def periods(start: str, cycle: Cycle = MONTHLY, **terms: Any) -> list[tuple[str, str, str]]:
    """Start and end of what is served, and the fraction of the whole period, as text."""
    terms = {name: date.fromisoformat(v) if isinstance(v, str) else v for name, v in terms.items()}
    found = islice(service_periods(date.fromisoformat(start), cycle, **terms), 6)
    return [(str(p.served.start), str(p.served.end), str(p.fraction)) for p in found]


def test_a_period_ends_on_the_first_day_after_it() -> None:
    assert (APRIL.days, APRIL.last_day) == (30, date(2026, 4, 30))
    assert APRIL.contains(date(2026, 4, 1))
    assert APRIL.contains(date(2026, 4, 30))
    assert not APRIL.contains(date(2026, 5, 1))
    assert not APRIL.contains(date(2026, 3, 31))
    assert APRIL < Period(APRIL.start, date(2026, 5, 2)) < Period(date(2026, 4, 2), date(2026, 4, 3))
    assert str(APRIL) == "2026-04-01 to 2026-05-01"


def test_a_period_has_at_least_one_day() -> None:
    for end in (APRIL.start, APRIL.start - DAY):
        with pytest.raises(ValueError, match="must be after start 2026-04-01"):
            Period(APRIL.start, end)


def test_an_open_period_contains_every_later_day() -> None:
    since = Period.since(date(2026, 4, 10))
    assert since.is_open
    assert not APRIL.is_open
    assert since.contains(date(2999, 1, 1))
    assert not since.contains(date(2026, 4, 9))
    assert since.overlap(APRIL) == Period(date(2026, 4, 10), date(2026, 5, 1))
    assert str(since) == "2026-04-10 to open"


def test_periods_that_touch_do_not_overlap() -> None:
    assert APRIL.overlap(Period(date(2026, 5, 1), date(2026, 6, 1))) is None
    assert APRIL.overlap(Period(date(2026, 4, 30), date(2026, 6, 1))) == Period(date(2026, 4, 30), date(2026, 5, 1))


@pytest.mark.parametrize(("every", "unit"), [(0, "month"), (-1, "week"), (True, "month"), (1.0, "year"), (1, "day")])
def test_a_cycle_is_a_whole_number_of_weeks_months_or_years(every: int, unit: Any) -> None:
    with pytest.raises(ValueError, match=r"every must be a whole number|unit must be week, month or year"):
        Cycle(every, unit)


def test_a_start_on_the_31st_comes_back_to_the_31st() -> None:
    assert periods("2026-01-31", until="2026-04-30") == [
        ("2026-01-31", "2026-02-28", "1"),
        ("2026-02-28", "2026-03-31", "1"),
        ("2026-03-31", "2026-04-30", "1"),
        ("2026-04-30", "2026-05-31", "1"),
    ]


def test_a_start_on_29_february_is_billed_every_year() -> None:
    ends = [end for _, end, _ in periods("2024-02-29", YEARLY)]
    assert ends == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28", "2030-02-28"]


def test_a_billing_day_makes_the_first_period_a_stub_of_the_whole_cycle_that_ends_there() -> None:
    assert periods("2026-03-20", billing_day=1, until="2026-04-01") == [
        ("2026-03-20", "2026-04-01", "12/31"),
        ("2026-04-01", "2026-05-01", "1"),
    ]
    assert periods("2026-03-20", billing_day=25, until="2026-03-25") == [
        ("2026-03-20", "2026-03-25", "5/28"),
        ("2026-03-25", "2026-04-25", "1"),
    ]
    assert periods("2026-03-20", billing_day=20, until="2026-03-20") == [("2026-03-20", "2026-04-20", "1")]
    assert periods("2026-05-20", QUARTERLY, billing_day=1, until="2026-08-01") == [
        ("2026-05-20", "2026-08-01", "73/92"),
        ("2026-08-01", "2026-11-01", "1"),
    ]


def test_a_billing_day_31_is_the_last_day_of_every_month() -> None:
    assert [end for _, end, _ in periods("2026-01-15", billing_day=31)] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
        "2026-06-30",
    ]


def test_an_end_cuts_what_is_served_and_not_what_is_divided_by() -> None:
    assert periods("2026-01-01", ends_on="2026-02-15") == [
        ("2026-01-01", "2026-02-01", "1"),
        ("2026-02-01", "2026-02-15", "1/2"),
    ]
    assert periods("2026-01-01", ends_on="2026-02-01") == [("2026-01-01", "2026-02-01", "1")]
    assert periods("2026-01-10", billing_day=1, ends_on="2026-01-20") == [("2026-01-10", "2026-01-20", "10/31")]


def test_an_end_on_the_start_means_no_period_and_one_before_it_is_an_error() -> None:
    assert periods("2026-01-31", ends_on="2026-01-31") == []
    assert periods("2026-01-20", billing_day=15, ends_on="2026-01-20") == []
    with pytest.raises(ValueError, match="ends_on 2026-01-30 must not be before starts_on 2026-01-31"):
        periods("2026-01-31", ends_on="2026-01-30")


def test_charging_may_begin_later_than_the_cycle() -> None:
    assert periods("2025-01-31", billed_from="2026-02-28", until="2026-02-28") == [("2026-02-28", "2026-03-31", "1")]
    assert periods("2025-01-31", billed_from="2026-03-10", until="2026-03-31") == [
        ("2026-03-10", "2026-03-31", "21/31"),
        ("2026-03-31", "2026-04-30", "1"),
    ]
    assert periods("2026-01-31", billed_from="2020-01-01", until="2026-01-31") == [("2026-01-31", "2026-02-28", "1")]
    assert periods("2026-01-31", billed_from="2026-05-01", ends_on="2026-04-01") == []


def test_until_is_the_last_day_on_which_a_period_may_start() -> None:
    assert len(periods("2026-01-31", until="2026-02-28")) == 2
    assert len(periods("2026-01-31", until="2026-02-27")) == 1
    assert periods("2026-01-31", until="2026-01-30") == []
    assert periods("2026-01-31", billed_from="2026-02-10", until="2026-02-09") == []


def test_a_weekly_cycle_has_no_billing_day() -> None:
    with pytest.raises(ValueError, match="billing_day cannot be set for a weekly cycle"):
        service_periods(date(2026, 1, 1), WEEKLY, billing_day=1)
    with pytest.raises(ValueError, match="billing_day cannot be set for a weekly cycle"):
        boundary_index(date(2026, 1, 1), WEEKLY, date(2026, 2, 1), 1)
    for day in (0, 32):
        with pytest.raises(ValueError, match=f"billing_day must be 1 to 31, not {day}"):
            boundary(date(2026, 1, 1), MONTHLY, 0, day)


def test_a_jump_beyond_the_end_finds_nothing() -> None:
    assert periods("2026-01-01", ends_on="2026-02-10", from_day="2026-02-09") == [("2026-02-01", "2026-02-10", "9/28")]
    assert periods("2026-01-01", ends_on="2026-02-10", from_day="2026-02-10") == []
    assert periods("2026-01-01", ends_on="2026-02-10", from_day="2026-02-15") == []


def test_years_that_are_divisible_by_400_have_a_29_february() -> None:
    assert [str(boundary(date(1996, 2, 29), YEARLY, n)) for n in (4, 104, 204, 404)] == [
        "2000-02-29",
        "2100-02-28",
        "2200-02-28",
        "2400-02-29",
    ]


def test_the_calendar_s_end_is_reached_without_an_error_and_not_crossed() -> None:
    last = list(service_periods(date(2026, 1, 31), Cycle(5, "month"), from_day=date(9999, 1, 1)))[-1]
    assert last.served.end == date(9999, 10, 31)
    assert list(service_periods(date(9999, 12, 1), MONTHLY)) == []
    assert list(service_periods(date(9999, 12, 30), Cycle(9, "week"))) == []
    assert boundary(date(2026, 1, 1), YEARLY, -2025) == date(1, 1, 1)
    assert boundary(date(2026, 1, 1), YEARLY, 7973) == date(9999, 1, 1)
    for n, cycle in (
        (-2026, YEARLY),
        (7974, YEARLY),
        (100_000, MONTHLY),
        (-30_000, MONTHLY),
        (10**6, WEEKLY),
        (10**12, WEEKLY),
    ):
        with pytest.raises(ValueError, match="lies beyond the calendar"):
            boundary(date(2026, 1, 1), cycle, n)


@pytest.mark.parametrize(
    ("timing", "offset", "due_on"),
    [
        ("arrears", 0, "2026-05-01"),
        ("advance", 0, "2026-04-01"),
        ("arrears", 5, "2026-05-06"),
        ("advance", -10, "2026-03-22"),
    ],
)
def test_a_period_is_billed_at_its_end_or_at_its_start(timing: Timing, offset: int, due_on: str) -> None:
    assert str(billing_date(APRIL, timing, offset)) == due_on


def test_an_unknown_timing_is_refused() -> None:
    with pytest.raises(ValueError, match="timing must be arrears or advance, not 'later'"):
        billing_date(APRIL, "later")  # type: ignore[arg-type]


def test_due_days_count_from_the_issue() -> None:
    assert due_date(date(2026, 2, 28), 14) == date(2026, 3, 14)
    assert due_date(date(2026, 2, 28), 0) == date(2026, 2, 28)
    with pytest.raises(ValueError, match="due_days must be 0 or more, not -1"):
        due_date(date(2026, 2, 28), -1)


# Half of the days that hypothesis tries are hostile: month ends, and the days around 29 February.
hostile_days = st.sampled_from(
    [
        date(year, month, day)
        for year in (2023, 2024, 2100)
        for month, day in ((1, 29), (1, 30), (1, 31), (2, 28), (12, 31))
    ]
    + [date(2024, 2, 29), date(2028, 2, 29), date(2100, 3, 1)]
)
days = hostile_days | st.dates(date(2000, 1, 1), date(2110, 1, 1))
calendar_cycles = st.builds(Cycle, st.integers(1, 25), st.sampled_from(["month", "year"]))
cycles_and_billing_days = st.tuples(calendar_cycles, st.none() | st.integers(1, 31)) | st.tuples(
    st.builds(Cycle, st.integers(1, 60), st.just("week")), st.none()
)


@settings(max_examples=120)
@given(days, cycles_and_billing_days, st.integers(0, 3000))
def test_periods_partition_time(start: date, terms: tuple[Cycle, int | None], length: int) -> None:
    cycle, billing_day = terms
    end = start + timedelta(days=length)
    found = list(service_periods(start, cycle, billing_day=billing_day, ends_on=end))
    assert sum(p.served.days for p in found) == length
    if found:
        assert (found[0].served.start, found[-1].served.end) == (start, end)
    for earlier, later in pairwise(found):
        assert earlier.served.end == later.served.start == earlier.full.end == later.full.start
    for period in found:
        assert period.full.overlap(period.served) == period.served
        assert 0 < period.fraction <= 1
    assert all(period.is_whole for period in found[1:-1])


@settings(max_examples=120)
@given(days, cycles_and_billing_days, st.integers(0, 40), st.integers(0, 2000), st.integers(0, 1500))
def test_a_jump_finds_what_a_walk_finds(
    start: date, terms: tuple[Cycle, int | None], shift: int, skip: int, length: int
) -> None:
    cycle, billing_day = terms
    billed_from, from_day = start + timedelta(days=shift), start + timedelta(days=skip)
    until = from_day + timedelta(days=length)
    walked = service_periods(start, cycle, billing_day=billing_day, billed_from=billed_from, until=until)
    jumped = service_periods(
        start, cycle, billing_day=billing_day, billed_from=billed_from, from_day=from_day, until=until
    )
    assert list(jumped) == [p for p in walked if p.served.end > from_day]


@settings(max_examples=60)
@given(days, calendar_cycles, st.integers(0, 60), st.integers(0, 60))
def test_the_parts_of_a_cut_period_add_up_to_the_whole(start: date, cycle: Cycle, n: int, cut: int) -> None:
    full = Period(boundary(start, cycle, n), boundary(start, cycle, n + 1))
    cut_on = min(full.start + timedelta(days=1 + cut), full.last_day)
    before, after = ServicePeriod(Period(full.start, cut_on), full), ServicePeriod(Period(cut_on, full.end), full)
    assert before.fraction + after.fraction == Fraction(1)


def test_decades_cost_no_more_than_a_month() -> None:
    far = service_periods(date(1, 1, 31), WEEKLY, from_day=date(9990, 1, 1), until=date(9990, 1, 8))
    assert [p.served.days for p in far] == [7, 7]
    assert Period.since(date(1, 1, 1)).end == OPEN_END


def test_periods_come_as_an_iterator_so_that_an_endless_plan_costs_nothing() -> None:
    endless = service_periods(date(2026, 1, 31), MONTHLY)
    assert next(endless).served == Period(date(2026, 1, 31), date(2026, 2, 28))
