"""The five counting rules, drawn, and held against counting day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterday.engine.counting import Rule, count_by_class, count_devices
from quarterday.engine.periods import Period
from quarterday.engine.presence import Stay, hold, join_replacements

from .draw import draw

APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))
RULES: tuple[Rule, ...] = ("at_end", "at_start", "peak", "any_day", "prorated")

FLEET = draw(
    """
    PC-1  ##############################>
    PC-2  ##########....................
    PC-3  .....##########...............
    PC-4  ............##................
    PC-5  .............................#
    PC-6  ..............................#>
    """,
    start=APRIL.start,
)


def april(day: int) -> date:
    return date(2026, 4, day)


@pytest.mark.parametrize(
    ("rule", "quantity", "devices", "decided_on"),
    [
        ("at_end", 2, ("PC-1", "PC-5"), april(30)),
        ("at_start", 2, ("PC-1", "PC-2"), april(1)),
        ("peak", 3, ("PC-1", "PC-2", "PC-3"), april(6)),
        ("any_day", 5, ("PC-1", "PC-2", "PC-3", "PC-4", "PC-5"), None),
        ("prorated", 30 + 10 + 10 + 2 + 1, ("PC-1", "PC-2", "PC-3", "PC-4", "PC-5"), None),
    ],
)
def test_one_month_by_each_rule(rule: Rule, quantity: int, devices: tuple[str, ...], decided_on: date | None) -> None:
    count = count_devices(rule, FLEET, APRIL)
    assert (count.quantity, count.device_ids, count.decided_on) == (quantity, devices, decided_on)
    assert (count.rule, count.period) == (rule, APRIL)


def test_of_equally_full_days_the_first_decides() -> None:
    fleet = draw(
        """
        PC-1  ##..##
        PC-2  ....##
        PC-3  ##....
        """,
        start=APRIL.start,
    )
    peak = count_devices("peak", fleet, APRIL)
    assert (peak.decided_on, peak.device_ids) == (april(1), ("PC-1", "PC-3"))


def test_a_device_that_leaves_on_the_day_another_comes_does_not_make_a_peak_of_two() -> None:
    fleet = draw(
        """
        PC-1  ###...
        PC-2  ...###
        """,
        start=APRIL.start,
    )
    assert count_devices("peak", fleet, APRIL).quantity == 1


def test_760_device_days() -> None:
    october = Period(date(2026, 10, 1), date(2026, 11, 1))
    fleet = [Stay(f"PC-{n}", "computer", Period.since(date(2026, 1, 1))) for n in range(24)]
    fleet.append(Stay("PC-LATE", "computer", Period.since(date(2026, 10, 16))))
    assert count_devices("prorated", fleet, october).quantity == 24 * 31 + 16 == 760


def test_a_flapping_device_is_one_device() -> None:
    fleet = draw("PC-1  #.#.#.#.#.#.#.#.#.#.#.#.#.#.#.", start=APRIL.start)
    assert [count_devices(rule, fleet, APRIL).quantity for rule in RULES] == [0, 1, 1, 1, 15]


def test_a_replaced_pc_counts_as_one() -> None:
    fleet = draw(
        """
        PC-OLD  #################.............
        PC-NEW  ...............###############
        """,
        start=APRIL.start,
    )
    joined = join_replacements(fleet, {"PC-OLD": "PC-NEW"})
    assert [count_devices(rule, joined, APRIL).quantity for rule in RULES] == [1, 1, 1, 1, 30]
    assert [count_devices(rule, fleet, APRIL).quantity for rule in RULES] == [1, 1, 2, 2, 32]


def test_only_the_served_days_are_looked_at() -> None:
    served = Period(april(8), april(13))
    assert count_devices("at_end", FLEET, served).device_ids == ("PC-1", "PC-3")
    assert count_devices("at_start", FLEET, served).device_ids == ("PC-1", "PC-2", "PC-3")
    assert count_devices("peak", FLEET, served).decided_on == april(8)
    assert count_devices("any_day", FLEET, served).device_ids == ("PC-1", "PC-2", "PC-3")
    assert count_devices("prorated", FLEET, served).quantity == 5 + 3 + 5
    assert count_devices("peak", [], served).decided_on == april(8)
    # PC-2 was last there on the 10th, and PC-4 comes on the 13th.
    assert count_devices("any_day", FLEET, Period(april(11), april(13))).device_ids == ("PC-1", "PC-3")


def test_a_line_names_all_counted_devices_with_their_days_within_the_line() -> None:
    first, second = Period(april(1), april(11)), Period(april(11), april(16))
    any_day = count_devices("any_day", FLEET, APRIL)
    assert any_day.days_by_device(first) == {"PC-1": 10, "PC-2": 10, "PC-3": 5, "PC-4": 0, "PC-5": 0}
    assert any_day.days_by_device(second) == {"PC-1": 5, "PC-2": 0, "PC-3": 5, "PC-4": 2, "PC-5": 0}
    prorated = count_devices("prorated", FLEET, APRIL)
    assert prorated.days_by_device(first) == {"PC-1": 10, "PC-2": 10, "PC-3": 5}
    assert (prorated.device_days(first), prorated.device_days(second)) == (25, 12)


def test_each_class_is_counted_on_its_own_and_in_the_order_asked() -> None:
    fleet = draw(
        """
        BOX    computer  ##########
        BOX    server    ..........####
        PC-1   computer  .........##...
        TAB-1  mobile    ##############
        """,
        start=APRIL.start,
    )
    counts = count_by_class("peak", fleet, APRIL, ["server", "computer", "printer"])
    assert {device_class: (count.quantity, count.decided_on) for device_class, count in counts.items()} == {
        "server": (1, april(11)),
        "computer": (2, april(10)),
        "printer": (0, april(1)),
    }
    assert list(counts) == ["server", "computer", "printer"]


def test_the_devices_of_the_last_served_day_may_be_held_to_the_period_s_end() -> None:
    served = Period(april(1), april(11))
    held = hold(FLEET, on=served.last_day, until=APRIL.end)
    at_end = count_devices("at_end", held, APRIL)
    assert at_end.days_by_device(APRIL) == {"PC-1": 30, "PC-2": 30, "PC-3": 25}
    assert count_devices("peak", held, APRIL).decided_on == april(6)
    assert count_devices("prorated", held, APRIL).quantity == 85


def test_a_rule_that_is_not_known_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match="counting must be one of at_end, at_start, peak, any_day, prorated, not 'max'"
    ):
        count_devices("max", FLEET, APRIL)  # type: ignore[arg-type]


stays = st.builds(
    Stay,
    st.sampled_from("ABCDEF"),
    st.just("computer"),
    st.tuples(st.integers(0, 50), st.integers(1, 40)).map(
        lambda at: Period(date(2026, 3, 20) + timedelta(at[0]), date(2026, 3, 20) + timedelta(at[0] + at[1]))
    ),
)
spans = st.tuples(st.integers(0, 25), st.integers(1, 20)).map(
    lambda at: Period(APRIL.start + timedelta(at[0]), APRIL.start + timedelta(at[0] + at[1]))
)


@settings(max_examples=120)
@given(st.lists(stays, max_size=12), spans)
def test_each_rule_finds_what_counting_day_by_day_finds(fleet: list[Stay], period: Period) -> None:
    days = [period.start + timedelta(days=n) for n in range(period.days)]
    present = {day: {stay.device_id for stay in fleet if stay.present.contains(day)} for day in days}
    fullest = max(days, key=lambda day: (len(present[day]), -day.toordinal()))
    counts = {rule: count_devices(rule, fleet, period) for rule in RULES}

    assert set(counts["at_end"].device_ids) == present[days[-1]]
    assert set(counts["at_start"].device_ids) == present[days[0]]
    assert (counts["peak"].decided_on, set(counts["peak"].device_ids)) == (fullest, present[fullest])
    assert set(counts["any_day"].device_ids) == set().union(*present.values())
    assert counts["prorated"].quantity == sum(map(len, present.values()))
    for count in counts.values():
        assert count.days_by_device(period) == {
            device: sum(device in present[day] for day in days) for device in count.device_ids
        }


@settings(max_examples=60)
@given(st.lists(stays, max_size=12), spans, st.integers(1, 19))
def test_the_device_days_of_the_parts_of_a_period_add_up_to_the_whole(
    fleet: list[Stay], period: Period, cut: int
) -> None:
    count = count_devices("prorated", fleet, period)
    cut_on = min(period.start + timedelta(days=cut), period.last_day)
    if cut_on == period.start:
        return
    parts = Period(period.start, cut_on), Period(cut_on, period.end)
    assert sum(map(count.device_days, parts)) == count.quantity
