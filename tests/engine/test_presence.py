"""Stays: a day counts once, a chain of replacements is one device, what is held sees no further than its day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterday.engine.periods import Period
from quarterday.engine.presence import Stay, days_within, hold, join_replacements, merge, presence_by_device

from .draw import draw

APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))


def april(day: int) -> date:
    return date(2026, 4, day)


def classes_on(fleet: Iterable[Stay], day: date) -> dict[str, str]:
    """The devices that are present on a day, each with its class on it."""
    return {stay.device_id: stay.device_class for stay in fleet if stay.present.contains(day)}


def device_days(stays: Iterable[Stay], during: Period) -> dict[str, int]:
    """The days of each device within a period, a day once however many stays cover it; absent devices are left out."""
    days = {device: days_within(present, during) for device, present in presence_by_device(stays).items()}
    return {device: count for device, count in days.items() if count}


def test_a_drawing_becomes_stays() -> None:
    assert draw(
        """
        PC-1          ####......
        PC-2          ..###.##>
        SRV-1 server  ..........
        SRV-2 server  .........#
        """,
        start=APRIL.start,
    ) == [
        Stay("PC-1", "computer", Period(april(1), april(5))),
        Stay("PC-2", "computer", Period(april(3), april(6))),
        Stay("PC-2", "computer", Period.since(april(7))),
        Stay("SRV-2", "server", Period(april(10), april(11))),
    ]
    with pytest.raises(ValueError, match="cannot read the row 'PC-1  #x#'"):
        draw("PC-1  #x#", start=APRIL.start)


def test_a_device_s_days_are_those_within_the_period_each_once() -> None:
    fleet = draw(
        """
        PC-1  #####.....###############.....
        PC-2  .............................#>
        PC-3  ..............................##
        """,
        start=APRIL.start,
    )
    assert device_days(fleet, APRIL) == {"PC-1": 20, "PC-2": 1}
    assert device_days([*fleet, *fleet], APRIL) == {"PC-1": 20, "PC-2": 1}
    assert device_days([Stay("PC-9", "computer", Period.since(date(2020, 1, 1)))], APRIL) == {"PC-9": 30}


def test_what_overlaps_or_touches_becomes_one() -> None:
    first, second, third = Period(april(1), april(5)), Period(april(5), april(9)), Period(april(7), april(8))
    assert merge([third, second, first]) == (Period(april(1), april(9)),)
    assert merge([Period(april(6), april(9)), first]) == (first, Period(april(6), april(9)))
    assert merge([]) == ()


def test_a_replaced_pc_is_one_device_also_while_both_are_on_the_desk() -> None:
    fleet = draw(
        """
        PC-OLD   ###############........
        PC-NEW   ............##########.
        PC-ELSE  .####..................
        """,
        start=APRIL.start,
    )
    joined = join_replacements(fleet, {"PC-OLD": "PC-NEW"})
    assert device_days(joined, APRIL) == {"PC-NEW": 22, "PC-ELSE": 4}
    assert joined[:2] == [
        Stay("PC-NEW", "computer", Period(april(1), april(13))),
        Stay("PC-NEW", "computer", Period(april(13), april(23))),
    ]


def test_of_a_chain_the_newest_present_gives_the_class() -> None:
    fleet = draw(
        """
        OLD  computer  ##########
        MID  computer  ..####....
        NEW  server    ...##.....
        """,
        start=APRIL.start,
    )
    joined = join_replacements(fleet, {"OLD": "MID", "MID": "NEW"})
    assert {stay.device_id for stay in joined} == {"NEW"}
    classes = [classes_on(joined, april(day))["NEW"] for day in range(1, 11)]
    assert classes == ["computer"] * 3 + ["server"] * 2 + ["computer"] * 5


def test_the_stays_of_a_replaced_device_are_told_oldest_first_whatever_their_classes() -> None:
    fleet = draw(
        """
        NEW  computer  ....######
        OLD  server    ####......
        """,
        start=APRIL.start,
    )
    assert join_replacements(fleet, {"OLD": "NEW"}) == [
        Stay("NEW", "server", Period(april(1), april(5))),
        Stay("NEW", "computer", Period(april(5), april(11))),
    ]


def test_replacements_that_go_in_a_circle_are_refused() -> None:
    fleet = draw("A  ##\nB  ##", start=APRIL.start)
    with pytest.raises(ValueError, match="A -> B -> A go in a circle"):
        join_replacements(fleet, {"A": "B", "B": "A"})
    assert join_replacements(fleet, {}) == fleet


def test_what_is_held_on_a_day_does_not_see_the_days_after_it() -> None:
    fleet = draw(
        """
        LEAVES  ####......
        STAYS   ..########>
        COMES   .....#####
        GONE    ##........
        LEFT    ###.......
        """,
        start=APRIL.start,
    )
    assert device_days(hold(fleet, on=april(4), until=APRIL.end), APRIL) == {
        "LEAVES": 30,
        "STAYS": 28,
        "GONE": 2,
        "LEFT": 3,
    }


stays = st.builds(
    Stay,
    st.sampled_from("ABCDEF"),
    st.just("computer"),
    st.tuples(st.integers(0, 40), st.integers(1, 40)).map(
        lambda at: Period(date(2026, 3, 20) + timedelta(at[0]), date(2026, 3, 20) + timedelta(at[0] + at[1]))
    ),
)


@settings(max_examples=60)
@given(st.lists(stays, max_size=12), st.lists(st.integers(1, 29), max_size=4, unique=True))
def test_device_days_are_conserved_wherever_a_period_is_cut(fleet: list[Stay], cuts: list[int]) -> None:
    whole = device_days(fleet, APRIL)
    bounds = [APRIL.start, *(APRIL.start + timedelta(days=cut) for cut in sorted(cuts)), APRIL.end]
    parts = [device_days(fleet, Period(a, b)) for a, b in pairwise(bounds)]
    for device in "ABCDEF":
        assert sum(part.get(device, 0) for part in parts) == whole.get(device, 0)


@settings(max_examples=60)
@given(st.lists(stays, max_size=12), st.dictionaries(st.sampled_from("ABC"), st.sampled_from("DEF")))
def test_a_chain_is_present_on_the_days_when_any_of_it_is(fleet: list[Stay], replaced_by: dict[str, str]) -> None:
    joined = join_replacements(fleet, replaced_by)
    for offset in range(90):
        day = date(2026, 3, 15) + timedelta(days=offset)
        present = {stay.device_id for stay in fleet if stay.present.contains(day)}
        assert set(classes_on(joined, day)) == {replaced_by.get(device, device) for device in present}
    assert device_days(joined, APRIL) == {
        device: sum(device in classes_on(joined, april(n)) for n in range(1, 31))
        for device in device_days(joined, APRIL)
    }
