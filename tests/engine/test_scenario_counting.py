"""What a period costs: counting, terms, prices and lines (points 1 to 9 of the scenario format)."""

from typing import Any

import pytest

from tests.engine.story import bills

COMPUTERS_AT_30 = {"computer": {"unit_price": "30.00"}}
SERVERS_IN_STEPS = [[1, "90.00"], [None, "80.00"]]


# --- 1 to 4: dates, defaults, cycles -----------------------------------------------------------------------------


def test_what_is_due_on_the_last_day_is_billed_and_the_day_before_it_is_not() -> None:
    def told(until: str) -> int:
        return len(bills(devices="PC-1 #>", prices=COMPUTERS_AT_30, until=until))

    assert told("2026-04-30") == 0
    assert told("2026-05-01") == 1


def test_a_device_is_not_present_on_the_first_day_gone() -> None:
    [april] = bills(
        devices="""
            PC-1  ##############################
            PC-2  #############################.
        """,
        prices=COMPUTERS_AT_30,
    )

    assert april.lines == ["usage computer: 1 x 30.00 = 30.00"]
    assert april.devices() == {"PC-1": 30}


def test_in_arrears_the_default_counts_the_devices_of_the_last_day() -> None:
    [april] = bills(
        devices="""
            PC-1  ########......................
            PC-2  .............................#
        """,
        prices=COMPUTERS_AT_30,
    )

    assert april.lines == ["usage computer: 1 x 30.00 = 30.00"]
    assert april.devices() == {"PC-2": 1}


def test_in_advance_the_default_counts_device_days() -> None:
    first, _ = bills(devices="PC-1 #>", prices=COMPUTERS_AT_30, timing="advance")

    assert first.issued_on == "2026-04-01"
    assert first.lines == ["usage computer: 30 x 30.00 / 30 = 30.00"]


def test_a_scenario_with_every_default_written_out_has_the_same_bills() -> None:
    short = bills(devices="PC-1 #>", prices=COMPUTERS_AT_30, adjustments=[{"on": "2026-04-01", "amount": "5.00"}])
    long = bills(
        devices="PC-1 #>",
        prices={"computer": {"unit_price": "30.00", "minimum": 0, "included": 0}},
        flat_fee="0",
        counting="at_end",
        timing="arrears",
        final_period="prorated",
        due_days=14,
        cycle={"every": 1, "unit": "month"},
        billing_day=None,
        ends_on=None,
        adjustments=[{"on": "2026-04-01", "text": "Adjustment", "amount": "5.00", "times": 1, "until": None}],
    )

    assert short == long
    assert short[0].json["due_on"] == "2026-05-15"
    assert short[0].json["tax"] == []


def test_months_are_clamped_from_the_start_date_and_never_drift() -> None:
    told = bills(flat_fee="1.00", starts_on="2026-01-31", until="2026-05-31")

    assert [bill.issued_on for bill in told] == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


def test_a_yearly_cycle_from_a_leap_day_returns_to_it() -> None:
    told = bills(flat_fee="1.00", starts_on="2024-02-29", cycle={"every": 1, "unit": "year"}, until="2028-03-01")

    assert [bill.issued_on for bill in told] == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_a_billing_day_makes_the_first_period_a_stub_of_the_whole_cycle() -> None:
    [stub, february] = bills(flat_fee="31.00", starts_on="2026-01-20", billing_day=31, until="2026-02-28")

    # From 31 December to 31 January are 31 days; 11 of them are served.
    assert stub.json["periods"] == [
        {
            "subscription": 0,
            "start": "2026-01-20",
            "end": "2026-01-31",
            "days": 11,
            "full_start": "2025-12-31",
            "full_end": "2026-01-31",
            "full_days": 31,
        }
    ]
    assert stub.lines == ["flat_fee gold, flat fee: 1 x 31.00 x 11/31 = 11.00"]
    assert february.lines == ["flat_fee gold, flat fee: 1 x 31.00 = 31.00"]


def test_fortnights_are_cycles_too() -> None:
    told = bills(flat_fee="14.00", cycle={"every": 2, "unit": "week"}, ends_on="2026-04-22")

    assert [(bill.issued_on, bill.net) for bill in told] == [("2026-04-15", "14.00"), ("2026-04-22", "7.00")]


def test_a_subscription_that_ends_on_its_first_day_has_no_period() -> None:
    assert bills(flat_fee="10.00", ends_on="2026-04-01") == []


def test_in_advance_the_bill_sees_no_further_than_the_first_day() -> None:
    [first] = bills(
        devices="""
            PC-1  #.............................
            PC-2  .#############################
        """,
        prices=COMPUTERS_AT_30,
        timing="advance",
        counting="peak",
    )

    assert first.lines == ["usage computer: 1 x 30.00 = 30.00"]
    assert first.devices() == {"PC-1": 30}


# --- 5: counting --------------------------------------------------------------------------------------------------


def test_two_subscriptions_that_price_a_class_both_count_its_devices() -> None:
    backup = {"versions": [{"effective_on": "2026-01-01", "prices": {"computer": {"unit_price": "5.00"}}}]}
    [april] = bills(
        devices="PC-1 #>",
        prices=COMPUTERS_AT_30,
        plans={"backup": backup},
        subscriptions=[
            {"plan": "gold", "starts_on": "2026-04-01"},
            {"plan": "backup", "starts_on": "2026-04-01"},
        ],
    )

    assert april.lines == ["usage computer: 1 x 30.00 = 30.00", "usage computer: 1 x 5.00 = 5.00"]


@pytest.mark.parametrize(
    ("counting", "line", "devices"),
    [
        ("at_start", "usage computer: 1 x 30.00 = 30.00", {"PC-1": 10}),
        ("at_end", "usage computer: 1 x 30.00 = 30.00", {"PC-3": 10}),
        ("peak", "usage computer: 2 x 30.00 = 60.00", {"PC-1": 10, "PC-2": 15}),
        ("any_day", "usage computer: 3 x 30.00 = 90.00", {"PC-1": 10, "PC-2": 15, "PC-3": 10}),
        ("prorated", "usage computer: 35 x 30.00 / 30 = 35.00", {"PC-1": 10, "PC-2": 15, "PC-3": 10}),
    ],
)
def test_each_rule_counts_its_own_devices_and_names_them(counting: str, line: str, devices: dict[str, int]) -> None:
    """Two days are equally full, with PC-1 and PC-2, and with PC-2 and PC-3: the peak is the first."""
    [april] = bills(
        devices="""
            PC-1  ##########....................
            PC-2  ........###############.......
            PC-3  ....................##########
        """,
        prices=COMPUTERS_AT_30,
        counting=counting,
    )

    assert april.lines == [line]
    assert april.devices() == devices


def test_a_count_is_taken_once_and_charged_for_each_part_of_a_split_period() -> None:
    """PC-1 is gone before the new price begins; still the count is the period's, in both parts."""
    [april] = bills(
        devices="""
            PC-1  #####.........................
            PC-2  ##############################
        """,
        prices=COMPUTERS_AT_30,
        later=[{"effective_on": "2026-04-11", "prices": {"computer": {"unit_price": "33.00"}}}],
        counting="any_day",
    )

    assert april.lines == [
        "usage computer: 2 x 30.00 x 1/3 = 20.00",
        "usage computer: 2 x 33.00 x 2/3 = 44.00",
    ]
    assert april.devices(0) == {"PC-1": 5, "PC-2": 10}
    assert april.devices(1) == {"PC-1": 0, "PC-2": 20}


def test_device_days_of_a_split_period_are_each_parts_own() -> None:
    [april] = bills(
        devices="""
            PC-1  #####.........................
            PC-2  ##############################
        """,
        prices=COMPUTERS_AT_30,
        later=[{"effective_on": "2026-04-11", "prices": {"computer": {"unit_price": "33.00"}}}],
        counting="prorated",
    )

    assert april.lines == [
        "usage computer: 15 x 30.00 / 30 = 15.00",
        "usage computer: 20 x 33.00 / 30 = 22.00",
    ]
    assert april.devices(1) == {"PC-2": 20}


def test_a_class_priced_on_some_days_is_counted_on_all_and_charged_on_those() -> None:
    [april] = bills(
        devices="TAB-1 mobile  #####.........................",
        prices=COMPUTERS_AT_30,
        later=[{"effective_on": "2026-04-11", "prices": {**COMPUTERS_AT_30, "mobile": {"unit_price": "30.00"}}}],
        counting="any_day",
    )

    assert april.lines == ["usage mobile: 1 x 30.00 x 2/3 = 20.00"]
    assert april.devices() == {"TAB-1": 0}


def test_a_final_period_is_prorated_by_default() -> None:
    [april] = bills(devices="PC-1 #>", prices=COMPUTERS_AT_30, flat_fee="60.00", ends_on="2026-04-11")

    assert april.issued_on == "2026-04-11"
    assert april.lines == [
        "usage computer: 1 x 30.00 x 1/3 = 10.00",
        "flat_fee gold, flat fee: 1 x 60.00 x 1/3 = 20.00",
    ]


def test_a_final_period_in_full_keeps_its_end_and_charges_to_the_whole_ones() -> None:
    [april] = bills(
        devices="""
            PC-1  ##########....................
            PC-2  #####.........................
        """,
        prices=COMPUTERS_AT_30,
        flat_fee="60.00",
        counting="any_day",
        ends_on="2026-04-11",
        final_period="full",
    )

    assert april.lines == ["usage computer: 2 x 30.00 = 60.00", "flat_fee gold, flat fee: 1 x 60.00 = 60.00"]
    assert april.devices() == {"PC-1": 30, "PC-2": 5}
    assert [(line["start"], line["end"]) for line in april.json["lines"]] == [("2026-04-01", "2026-04-11")] * 2
    assert (april.json["periods"][0]["end"], april.json["periods"][0]["days"]) == ("2026-04-11", 10)


def test_a_final_stub_in_full_leaves_the_days_before_its_start_uncharged() -> None:
    [stub] = bills(
        devices="PC-1 #>",
        start="2026-01-31",
        prices={"computer": {"unit_price": "31.00"}},
        counting="prorated",
        starts_on="2026-01-31",
        billing_day=15,
        ends_on="2026-02-05",
        final_period="full",
    )

    # From 31 January to 15 February are 15 days, of the 31 from 15 January on.
    assert stub.lines == ["usage computer: 15 x 31.00 / 31 = 15.00"]
    assert stub.json["lines"][0]["fraction"] == "15/31"


def test_only_the_last_line_of_a_split_final_period_runs_on_and_later_terms_do_not_count() -> None:
    [april] = bills(
        devices="PC-1 #>",
        prices=COMPUTERS_AT_30,
        later=[
            {"effective_on": "2026-04-06", "prices": {"computer": {"unit_price": "36.00"}}},
            {"effective_on": "2026-04-21", "prices": {"computer": {"unit_price": "99.00"}}},
        ],
        ends_on="2026-04-11",
        final_period="full",
    )

    assert april.lines == ["usage computer: 1 x 30.00 x 1/6 = 5.00", "usage computer: 1 x 36.00 x 5/6 = 30.00"]
    assert april.devices(0) == {"PC-1": 5}
    assert april.devices(1) == {"PC-1": 25}


def test_a_class_without_a_price_on_the_last_served_day_does_not_run_on() -> None:
    [april] = bills(
        devices="PC-1 #>",
        prices=COMPUTERS_AT_30,
        flat_fee="30.00",
        later=[{"effective_on": "2026-04-07", "flat_fee": "30.00", "prices": {}}],
        ends_on="2026-04-11",
        final_period="full",
    )

    assert april.lines == ["usage computer: 1 x 30.00 x 1/5 = 6.00", "flat_fee gold, flat fee: 1 x 30.00 = 30.00"]


# --- 6: terms -----------------------------------------------------------------------------------------------------


def test_a_version_belongs_to_its_day_and_splits_only_what_it_changes() -> None:
    prices = {**COMPUTERS_AT_30, "server": {"unit_price": "90.00"}}
    [april] = bills(
        devices="""
            PC-1          ##############################
            SRV-1 server  ##############################
        """,
        prices=prices,
        flat_fee="9.00",
        later=[
            {
                "effective_on": "2026-04-16",
                "flat_fee": "9.0",
                "prices": {"computer": {"unit_price": "30.0"}, "server": {"unit_price": "100.00"}},
            }
        ],
    )

    assert april.lines == [
        "usage computer: 1 x 30.00 = 30.00",
        "usage server: 1 x 90.00 x 1/2 = 45.00",
        "usage server: 1 x 100.00 x 1/2 = 50.00",
        "flat_fee gold, flat fee: 1 x 9.00 = 9.00",
    ]
    assert [(line["start"], line["end"]) for line in april.json["lines"][1:3]] == [
        ("2026-04-01", "2026-04-16"),
        ("2026-04-16", "2026-05-01"),
    ]


def test_a_version_for_the_next_period_waits_for_it() -> None:
    later = [{"effective_on": "2026-04-02", "applies": "next_period", "prices": {"computer": {"unit_price": "40.00"}}}]
    april, may = bills(devices="PC-1 #>", prices=COMPUTERS_AT_30, later=later, until="2026-06-01")

    assert april.lines == ["usage computer: 1 x 30.00 = 30.00"]
    assert may.lines == ["usage computer: 1 x 40.00 = 40.00"]


def test_a_version_for_the_next_period_counts_in_one_that_starts_on_its_day() -> None:
    later = [{"effective_on": "2026-04-01", "applies": "next_period", "prices": {"computer": {"unit_price": "40.00"}}}]
    [april] = bills(devices="PC-1 #>", prices=COMPUTERS_AT_30, later=later)

    assert april.lines == ["usage computer: 1 x 40.00 = 40.00"]


def test_of_the_versions_that_have_begun_the_latest_counts_whatever_their_order() -> None:
    """The version of 10 April waits for May; there it is later than the one of 6 April, which had begun at once."""
    later = [
        {"effective_on": "2026-04-10", "applies": "next_period", "prices": {"computer": {"unit_price": "50.00"}}},
        {"effective_on": "2026-04-06", "prices": {"computer": {"unit_price": "36.00"}}},
    ]
    april, may = bills(devices="PC-1 #>", prices=COMPUTERS_AT_30, later=later, until="2026-06-01")

    assert april.lines == ["usage computer: 1 x 30.00 x 1/6 = 5.00", "usage computer: 1 x 36.00 x 5/6 = 30.00"]
    assert may.lines == ["usage computer: 1 x 50.00 = 50.00"]


def test_terms_that_return_make_a_run_of_their_own() -> None:
    later = [
        {"effective_on": "2026-04-11", "prices": {"computer": {"unit_price": "60.00"}}},
        {"effective_on": "2026-04-21", "prices": COMPUTERS_AT_30},
    ]
    [april] = bills(devices="PC-1 #>", prices=COMPUTERS_AT_30, later=later)

    assert [line["net"] for line in april.json["lines"]] == ["10.00", "20.00", "10.00"]


def test_a_changed_minimum_or_included_splits_too() -> None:
    later = [{"effective_on": "2026-04-16", "prices": {"computer": {"unit_price": "30.00", "minimum": 2}}}]
    [april] = bills(devices="PC-1 #>", prices=COMPUTERS_AT_30, later=later)

    assert april.lines == [
        "usage computer: 1 x 30.00 x 1/2 = 15.00",
        "usage computer: 1 x 30.00 x 1/2 = 15.00",
        "minimum computer: 1 x 30.00 x 1/2 = 15.00",
    ]


# --- 7 and 8: prices and nets -------------------------------------------------------------------------------------


def computers(count: int) -> str:
    return "\n".join(f"PC-{n} #>" for n in range(count))


def servers(count: int) -> str:
    return "\n".join(f"SRV-{n} server #>" for n in range(count))


def test_included_units_come_off_first_and_the_minimum_fills_up_what_is_left() -> None:
    price = {"computer": {"unit_price": "10.00", "included": 2, "minimum": 3}}
    [april] = bills(devices=computers(4), prices=price)

    assert april.lines == ["usage computer: 2 x 10.00 = 20.00", "minimum computer: 1 x 10.00 = 10.00"]


def test_a_minimum_is_charged_without_any_device() -> None:
    [april] = bills(prices={"computer": {"unit_price": "10.00", "included": 5, "minimum": 3}})

    assert april.lines == ["minimum computer: 3 x 10.00 = 30.00"]


@pytest.mark.parametrize(
    ("count", "lines"),
    [
        (2, ["usage server: 2 x 90.00 = 180.00"]),
        (3, ["usage server: 2 x 90.00 = 180.00", "usage server: 1 x 80.00 = 80.00"]),
        (
            6,
            [
                "usage server: 2 x 90.00 = 180.00",
                "usage server: 3 x 80.00 = 240.00",
                "usage server: 1 x 70.00 = 70.00",
            ],
        ),
    ],
)
def test_graduated_steps_include_their_bounds(count: int, lines: list[str]) -> None:
    tiers = {"mode": "graduated", "steps": [[2, "90.00"], [5, "80.00"], [None, "70.00"]]}
    [april] = bills(devices=servers(count), prices={"server": {"tiers": tiers}})

    assert april.lines == lines


@pytest.mark.parametrize(("count", "net"), [(2, "180.00"), (3, "240.00"), (5, "400.00"), (6, "420.00")])
def test_volume_prices_all_units_by_the_step_of_their_total(count: int, net: str) -> None:
    tiers = {"mode": "volume", "steps": [[2, "90.00"], [5, "80.00"], [None, "70.00"]]}
    [april] = bills(devices=servers(count), prices={"server": {"tiers": tiers}})

    assert april.net == net
    assert len(april.lines) == 1


def test_bounds_of_device_days_are_multiplied_by_the_days_of_the_line() -> None:
    """Two servers for 30 days: one server's 30 days at the first price, the other's at the second."""
    [april] = bills(
        devices=servers(2),
        prices={"server": {"tiers": {"mode": "graduated", "steps": SERVERS_IN_STEPS}}},
        counting="prorated",
    )

    assert april.lines == ["usage server: 30 x 90.00 / 30 = 90.00", "usage server: 30 x 80.00 / 30 = 80.00"]


def test_in_a_part_of_a_period_bounds_included_and_minimum_are_multiplied_by_its_days() -> None:
    """Half of April: two servers are 30 device-days, 15 are included, 15 are charged, 15 more make up the minimum."""
    price = {"tiers": {"mode": "graduated", "steps": SERVERS_IN_STEPS}, "included": 1, "minimum": 2}
    [april] = bills(devices=servers(2), prices={"server": price}, counting="prorated", ends_on="2026-04-16")

    assert april.lines == ["usage server: 15 x 90.00 / 30 = 45.00", "minimum server: 15 x 80.00 / 30 = 40.00"]


def test_bounds_and_included_of_counted_devices_are_not_scaled_in_a_part_of_a_period() -> None:
    price = {"tiers": {"mode": "graduated", "steps": SERVERS_IN_STEPS}, "included": 1, "minimum": 3}
    [april] = bills(devices=servers(2), prices={"server": price}, ends_on="2026-04-16")

    assert april.lines == ["usage server: 1 x 90.00 x 1/2 = 45.00", "minimum server: 2 x 80.00 x 1/2 = 80.00"]


def test_760_device_days_at_30_in_a_month_of_31_days_are_735_48() -> None:
    [march] = bills(
        devices=computers(24) + "\nPC-99 ...............################",
        start="2026-03-01",
        prices=COMPUTERS_AT_30,
        counting="prorated",
        starts_on="2026-03-01",
        until="2026-04-01",
    )

    assert march.lines == ["usage computer: 760 x 30.00 / 31 = 735.48"]


def test_a_line_is_rounded_once_not_each_device() -> None:
    """Three devices for one day of 31: 3 x 10.00 / 31 is 0.97; rounded one by one it would be 0.96."""
    [march] = bills(
        devices="PC-1 #\nPC-2 #\nPC-3 #",
        start="2026-03-01",
        prices={"computer": {"unit_price": "10.00"}},
        counting="prorated",
        starts_on="2026-03-01",
    )

    assert march.lines == ["usage computer: 3 x 10.00 / 31 = 0.97"]


def test_unit_prices_keep_up_to_six_decimals() -> None:
    [april] = bills(devices=computers(3), prices={"computer": {"unit_price": "0.333333"}})

    assert april.lines == ["usage computer: 3 x 0.333333 = 1.00"]


# --- 9: what a line names -----------------------------------------------------------------------------------------


def test_use_that_is_wholly_included_is_shown_with_its_devices() -> None:
    [april] = bills(devices="PC-1 #>", prices={"computer": {"unit_price": "30.00", "included": 1}}, flat_fee="9.00")

    assert april.lines == ["usage computer: 0 x 30.00 = 0.00", "flat_fee gold, flat fee: 1 x 9.00 = 9.00"]
    assert april.devices() == {"PC-1": 30}


def test_a_line_of_no_price_stays_and_a_class_without_devices_has_none() -> None:
    prices = {"computer": {"unit_price": "0"}, "server": {"unit_price": "90.00"}}
    [april] = bills(devices="PC-1 #>", prices=prices, flat_fee="9.00")

    assert april.lines == ["usage computer: 1 x 0.00 = 0.00", "flat_fee gold, flat fee: 1 x 9.00 = 9.00"]


def test_of_several_steps_only_the_first_line_names_the_devices() -> None:
    prices = {"server": {"tiers": {"mode": "graduated", "steps": SERVERS_IN_STEPS}, "minimum": 3}}
    [april] = bills(devices=servers(2), prices=prices)

    assert [(line["kind"], "devices" in line) for line in april.json["lines"]] == [
        ("usage", True),
        ("usage", False),
        ("minimum", False),
    ]
    assert april.devices() == {"SRV-0": 30, "SRV-1": 30}


def test_a_flat_fee_is_one_period_without_a_class() -> None:
    [april] = bills(flat_fee="49.90")

    [line] = april.json["lines"]
    assert line == {
        "kind": "flat_fee",
        "subscription": 0,
        "text": "gold, flat fee",
        "start": "2026-04-01",
        "end": "2026-05-01",
        "quantity": "1",
        "unit": "period",
        "unit_price": "49.90",
        "per": "1",
        "fraction": "1",
        "net": "49.90",
    }


def test_a_version_that_changes_nothing_changes_no_bill() -> None:
    told: dict[str, Any] = {"devices": computers(2), "prices": COMPUTERS_AT_30, "until": "2026-08-01"}
    same = {"prices": {"computer": {"unit_price": "30", "minimum": 0}}, "flat_fee": "0.00"}
    later = [{"effective_on": "2026-05-10", **same}, {"effective_on": "2026-06-01", "applies": "next_period", **same}]

    assert bills(**told) == bills(**told, later=later)
