"""Instants become local dates once; a midnight or a date that does not exist loses and doubles no day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones, reset_tzpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterday.engine.periods import instant_of_local, local_date, zone_named

DAY = timedelta(days=1)

MISSING_MIDNIGHTS = [
    ("Africa/Cairo", date(2014, 5, 16)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Santiago", date(2025, 9, 7)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Atlantic/Azores", date(2026, 3, 29)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
]


@pytest.mark.parametrize(("zone", "day"), MISSING_MIDNIGHTS)
def test_a_day_whose_midnight_is_missing_begins_when_the_clock_jumps(zone: str, day: date) -> None:
    begins = instant_of_local(day, 0, zone)
    assert local_date(begins, zone) == day
    assert local_date(begins - timedelta(microseconds=1), zone) == day - DAY
    assert instant_of_local(day, 6, zone).astimezone(ZoneInfo(zone)).hour == 6


def test_a_date_that_does_not_exist_is_met_when_the_next_one_begins() -> None:
    apia = "Pacific/Apia"
    missing = date(2011, 12, 30)
    assert instant_of_local(missing, 0, apia) == datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert local_date(instant_of_local(missing, 0, apia), apia) == date(2011, 12, 31)
    assert local_date(instant_of_local(missing, 0, apia) - timedelta(seconds=1), apia) == date(2011, 12, 29)
    assert instant_of_local(missing, 6, apia) == instant_of_local(date(2011, 12, 31), 6, apia)


def test_of_an_hour_that_comes_twice_the_first_counts() -> None:
    assert instant_of_local(date(2026, 10, 25), 2, "Europe/Berlin") == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert instant_of_local(date(2026, 11, 1), 0, "America/Havana") == datetime(2026, 11, 1, 4, tzinfo=UTC)


def test_customers_midnights_come_one_after_the_other() -> None:
    first_of_may = [instant_of_local(date(2026, 5, 1), 0, zone) for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")]
    assert first_of_may == [datetime(2026, 4, 30, 10, tzinfo=UTC), datetime(2026, 5, 1, 11, tzinfo=UTC)]
    assert [local_date(first_of_may[0], zone) for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")] == [
        date(2026, 5, 1),
        date(2026, 4, 29),
    ]


def test_an_instant_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="needs an offset from UTC"):
        local_date(datetime(2026, 5, 1), "Europe/Berlin")


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Olympus", "Europe", "../etc/passwd", "posix/Europe/Berlin", "localtime", "Factory", "a\0b", "UTC+1"],
)
def test_a_zone_without_an_iana_name_is_refused_with_the_cure(name: str) -> None:
    with pytest.raises(ValueError, match="is not known: use an IANA name such as Europe/Berlin"):
        zone_named(name)


@pytest.mark.parametrize("name", ["posixrules", "localtime", "Factory", "posix/Europe/Berlin", "right/Europe/Berlin"])
def test_a_copy_that_some_machines_have_under_another_name_is_refused_there_too(name: str, tmp_path: Path) -> None:
    copy = tmp_path / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes((resources.files("tzdata") / "zoneinfo" / "Europe" / "Berlin").read_bytes())
    reset_tzpath(to=[str(tmp_path)])
    try:
        with pytest.raises(ValueError, match=f"time zone '{name}' is not known"):
            zone_named(name)
    finally:
        reset_tzpath()


def test_a_moment_is_told_in_utc() -> None:
    assert instant_of_local(date(2026, 7, 1), 6, "Europe/Berlin").tzinfo is UTC


ALL_ZONES = sorted(available_timezones() - {"localtime", "Factory"})
AT_THE_EDGES = ["Africa/Cairo", "America/Havana", "Antarctica/Troll", "Pacific/Apia", "Pacific/Kiritimati"]


def midnights(zone: str, first: date, end: date) -> None:
    """Walk through a zone's days: each begins where the one before ends, and every instant is in one of them."""
    day = first
    begins = instant_of_local(day, 0, zone)
    while day < end:
        ends = instant_of_local(day + DAY, 0, zone)
        if ends == begins:
            # A date that the zone left out begins and ends with the next one.
            assert local_date(begins, zone) == day + DAY, (zone, day)
        else:
            assert timedelta(hours=20) <= ends - begins <= timedelta(hours=28), (zone, day)
            assert local_date(begins, zone) == day, (zone, day)
            assert local_date(ends - timedelta(microseconds=1), zone) == day, (zone, day)
        day, begins = day + DAY, ends


@pytest.mark.parametrize("zone", AT_THE_EDGES)
def test_the_days_of_three_years_follow_each_other(zone: str) -> None:
    midnights(zone, date(2026, 1, 1), date(2029, 1, 1))


def test_the_days_about_the_one_that_samoa_left_out_follow_each_other() -> None:
    midnights("Pacific/Apia", date(2011, 1, 1), date(2013, 1, 1))


@pytest.mark.prove
def test_the_days_of_three_years_follow_each_other_in_every_zone() -> None:
    assert len(ALL_ZONES) > 400
    for zone in ALL_ZONES:
        midnights(zone, date(2026, 1, 1), date(2029, 1, 1))


zones = st.sampled_from(ALL_ZONES)


@settings(max_examples=150, deadline=None)
@given(zones, st.dates(date(2012, 1, 1), date(2040, 1, 1)), st.integers(0, 23))
def test_in_every_zone_each_day_has_its_hours(zone: str, day: date, hour: int) -> None:
    instant = instant_of_local(day, hour, zone)
    assert local_date(instant, zone) == day
    assert instant < instant_of_local(day + DAY, hour, zone) <= instant + timedelta(hours=26)
