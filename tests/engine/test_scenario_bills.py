"""What stands on a bill, and when: true-ups, adjustments, empty bills, credit notes (points 10 to 15 of the format)."""

import json
from typing import Any

import pytest

from quarterday.engine.scenario import run_lines, run_scenario
from tests.engine.story import Bill, bills, story

COMPUTERS_AT_30 = {"computer": {"unit_price": "30.00"}}
VAT = {"category": "S", "rate": "19"}
ADVANCE: dict[str, Any] = {"timing": "advance", "counting": "at_end"}


def computers(count: int) -> str:
    return "\n".join(f"PC-{n} #>" for n in range(count))


# --- 10: one bill per date ----------------------------------------------------------------------------------------


def test_one_bill_a_date_holds_all_subscriptions_due_with_the_longest_due_days() -> None:
    told = bills(
        prices={},
        flat_fee="10.00",
        subscriptions=[
            {"plan": "gold", "starts_on": "2026-04-01", "due_days": 7},
            {"plan": "gold", "starts_on": "2026-03-01", "due_days": 30},
            {"plan": "gold", "starts_on": "2026-04-02", "due_days": 60},
        ],
        until="2026-05-02",
    )

    assert [(bill.issued_on, bill.json["due_on"], len(bill.lines)) for bill in told] == [
        ("2026-04-01", "2026-05-01", 1),
        ("2026-05-01", "2026-05-31", 2),
        ("2026-05-02", "2026-07-01", 1),
    ]
    assert [period["subscription"] for period in told[1].json["periods"]] == [0, 1]


def test_a_subscription_due_without_lines_is_listed_and_its_due_days_count() -> None:
    nothing = {"versions": [{"effective_on": "2026-01-01", "prices": COMPUTERS_AT_30}]}
    [april] = bills(
        flat_fee="10.00",
        plans={"nothing": nothing},
        subscriptions=[
            {"plan": "gold", "starts_on": "2026-04-01", "due_days": 7},
            {"plan": "nothing", "starts_on": "2026-04-01", "due_days": 30},
        ],
    )

    assert april.json["due_on"] == "2026-05-31"
    assert [period["subscription"] for period in april.json["periods"]] == [0, 1]


def test_in_advance_a_period_is_listed_on_the_bill_of_its_start_only() -> None:
    first, second = bills(
        devices="PC-1 #>\nPC-2 .....#>", prices=COMPUTERS_AT_30, ends_on="2026-05-01", until="2026-06-01", **ADVANCE
    )

    assert [period["start"] for period in first.json["periods"]] == ["2026-04-01"]
    assert second.issued_on == "2026-05-01"
    assert second.json["periods"] == []
    assert second.lines == ["true_up computer: 1 x 30.00 = 30.00"]


# --- 11: true-ups -------------------------------------------------------------------------------------------------


def test_a_device_that_came_after_the_first_day_is_trued_up_on_the_next_bill() -> None:
    first, second = bills(devices="PC-1 #>\nPC-2 .....#>", prices=COMPUTERS_AT_30, **ADVANCE)

    assert first.lines == ["usage computer: 1 x 30.00 = 30.00"]
    assert second.lines == ["true_up computer: 1 x 30.00 = 30.00", "usage computer: 2 x 30.00 = 60.00"]
    assert second.devices(0) == {"PC-1": 30, "PC-2": 25}
    assert [(line["start"], line["end"]) for line in second.json["lines"]] == [
        ("2026-04-01", "2026-05-01"),
        ("2026-05-01", "2026-06-01"),
    ]


def test_a_count_as_billed_leaves_no_true_up() -> None:
    _, second = bills(devices=computers(2), prices=COMPUTERS_AT_30, flat_fee="10.00", **ADVANCE)

    assert second.lines == ["usage computer: 2 x 30.00 = 60.00", "flat_fee gold, flat fee: 1 x 10.00 = 10.00"]


def test_device_days_billed_in_advance_are_trued_up_by_the_day() -> None:
    first, second = bills(
        devices="""
            PC-1  ####################..........
            PC-2  .........................#####
        """,
        prices=COMPUTERS_AT_30,
        timing="advance",
    )

    assert first.lines == ["usage computer: 30 x 30.00 / 30 = 30.00"]
    assert second.lines == ["true_up computer: -5 x 30.00 / 30 = -5.00"]
    assert second.devices() == {"PC-1": 20, "PC-2": 5}


def test_a_true_up_compares_usage_with_its_minimum_to_what_was_billed_with_it() -> None:
    """One computer and a minimum of three were billed as three; four at the end are one more."""
    _, second = bills(
        devices="PC-0 #>\nPC-1 .#>\nPC-2 .#>\nPC-3 .#>",
        prices={"computer": {"unit_price": "10.00", "minimum": 3}},
        ends_on="2026-05-01",
        **ADVANCE,
    )

    assert second.lines == ["true_up computer: 1 x 10.00 = 10.00"]


def test_a_minimum_that_was_reached_by_devices_later_leaves_no_true_up() -> None:
    told = bills(
        devices="PC-0 #>\nPC-1 .#>",
        prices={"computer": {"unit_price": "10.00", "minimum": 2}},
        ends_on="2026-05-01",
        **ADVANCE,
    )

    assert [bill.issued_on for bill in told] == ["2026-04-01"]


def test_another_volume_step_is_trued_up_price_by_price_from_the_lowest_step() -> None:
    tiers = {"mode": "volume", "steps": [[2, "10.00"], [None, "8.00"]]}
    first, second = bills(
        devices="PC-0 #>\nPC-1 #>\nPC-2 .#>",
        prices={"computer": {"tiers": tiers}},
        ends_on="2026-05-01",
        **ADVANCE,
    )

    assert first.net == "20.00"
    assert second.lines == ["true_up computer: -2 x 10.00 = -20.00", "true_up computer: 3 x 8.00 = 24.00"]
    assert second.devices(0) == {"PC-0": 30, "PC-1": 30, "PC-2": 29}
    assert "devices" not in second.json["lines"][1]


def test_each_part_of_a_split_period_is_trued_up_on_its_own() -> None:
    later = [{"effective_on": "2026-04-11", "prices": {"computer": {"unit_price": "60.00"}}}]
    first, second = bills(
        devices="PC-0 #>\nPC-1 .#>", prices=COMPUTERS_AT_30, later=later, ends_on="2026-05-01", **ADVANCE
    )

    assert first.lines == ["usage computer: 1 x 30.00 x 1/3 = 10.00", "usage computer: 1 x 60.00 x 2/3 = 40.00"]
    assert second.lines == ["true_up computer: 1 x 30.00 x 1/3 = 10.00", "true_up computer: 1 x 60.00 x 2/3 = 40.00"]
    assert second.devices(0) == {"PC-0": 10, "PC-1": 9}
    assert second.devices(1) == {"PC-0": 20, "PC-1": 20}


def test_a_final_period_in_full_is_billed_and_trued_up_to_the_whole_ones_end() -> None:
    first, second = bills(
        devices="PC-0 #>\nPC-1 .....#>",
        prices=COMPUTERS_AT_30,
        timing="advance",
        ends_on="2026-04-11",
        final_period="full",
    )

    assert first.lines == ["usage computer: 30 x 30.00 / 30 = 30.00"]
    assert second.issued_on == "2026-04-11"
    assert second.lines == ["true_up computer: 25 x 30.00 / 30 = 25.00"]
    assert (second.json["lines"][0]["end"], second.json["lines"][0]["fraction"]) == ("2026-04-11", "1")
    assert second.devices() == {"PC-0": 30, "PC-1": 25}


def test_a_bill_that_was_not_issued_billed_nothing() -> None:
    """At 0.004 the first bill would be 0.00 and is not issued, so the true-up has all of the rule's units."""
    [only] = bills(
        devices="PC-0 #>\nPC-1 .#>",
        prices={"computer": {"unit_price": "0.004"}},
        ends_on="2026-05-01",
        **ADVANCE,
    )

    assert only.lines == ["true_up computer: 2 x 0.004 = 0.01"]


# --- 12: other charges and discounts ------------------------------------------------------------------------------


def monthly(net: str, months: int, **told: Any) -> list[Bill]:
    """Bills of a flat fee alone, from April on."""
    return bills(flat_fee=net, until=f"2026-{4 + months:02d}-01", **told)


def adjustment(text: str, **fields: Any) -> dict[str, Any]:
    return {"on": "2026-04-01", "text": text, **fields}


def test_an_adjustment_goes_on_bills_from_its_day_and_before_its_until() -> None:
    told = monthly(
        "50.00",
        4,
        adjustments=[{"on": "2026-06-01", "text": "Seats", "amount": "1.00", "times": None, "until": "2026-08-01"}],
    )

    assert [bill.net for bill in told] == ["50.00", "51.00", "51.00", "50.00"]


def test_an_adjustment_is_charged_once_unless_it_says_how_often() -> None:
    told = monthly(
        "50.00", 4, adjustments=[adjustment("Once", amount="1.00"), adjustment("Twice", amount="2.00", times=2)]
    )

    assert [bill.net for bill in told] == ["53.00", "52.00", "50.00", "50.00"]


def test_an_adjustment_of_a_subscription_waits_until_that_one_is_due() -> None:
    told = bills(
        flat_fee="10.00",
        subscriptions=[
            {"plan": "gold", "starts_on": "2026-04-01"},
            {"plan": "gold", "starts_on": "2026-04-15"},
        ],
        adjustments=[adjustment("Setup", subscription=1, amount="99.00")],
        until="2026-05-15",
    )

    assert [(bill.issued_on, bill.net) for bill in told] == [("2026-05-01", "10.00"), ("2026-05-15", "109.00")]


def test_adjustments_wait_for_a_bill_with_another_line_that_is_not_0() -> None:
    told = bills(
        devices="PC-1 " + "." * 30 + "#>",
        prices=COMPUTERS_AT_30,
        adjustments=[adjustment("Setup", amount="99.00")],
        until="2026-06-01",
    )

    assert [(bill.issued_on, bill.net) for bill in told] == [("2026-06-01", "129.00")]


def test_quantity_times_price_is_shown_as_such() -> None:
    [april] = monthly("10.00", 1, adjustments=[adjustment("Cable", quantity="2.5", unit_price="0.333333")])

    assert april.lines[1] == "adjustment Cable: 2.5 x 0.333333 = 0.83"


def test_a_percentage_is_of_the_other_lines_and_never_of_adjustments() -> None:
    [april] = monthly(
        "100.00",
        1,
        adjustments=[
            adjustment("Setup", amount="50.00"),
            adjustment("Loyalty", percent="-10"),
            adjustment("Fuel", percent="2.5"),
        ],
    )

    assert april.lines[1:] == ["adjustment Setup: 50.00", "adjustment Loyalty: -10.00", "adjustment Fuel: 2.50"]


def test_a_percentage_of_a_subscription_is_of_its_own_lines() -> None:
    [april] = bills(
        flat_fee="10.00",
        plans={"silver": {"versions": [{"effective_on": "2026-01-01", "flat_fee": "70.00"}]}},
        subscriptions=[{"plan": "gold", "starts_on": "2026-04-01"}, {"plan": "silver", "starts_on": "2026-04-01"}],
        adjustments=[adjustment("Loyalty", subscription=1, percent="-10")],
    )

    assert april.lines[2] == "adjustment Loyalty: -7.00"


def test_a_percentage_is_of_true_ups_too() -> None:
    _, second = bills(
        devices="PC-1 #>\nPC-2 .#>",
        prices=COMPUTERS_AT_30,
        ends_on="2026-05-01",
        adjustments=[{"on": "2026-05-01", "text": "Loyalty", "percent": "-10"}],
        **ADVANCE,
    )

    assert second.lines == ["true_up computer: 1 x 30.00 = 30.00", "adjustment Loyalty: -3.00"]


def test_charges_count_wherever_they_stand_before_a_discount_is_cut() -> None:
    [april] = monthly(
        "50.00", 1, adjustments=[adjustment("Sorry", amount="-60.00"), adjustment("Setup", amount="30.00")]
    )

    assert april.lines[1:] == ["adjustment Sorry: -60.00", "adjustment Setup: 30.00"]
    assert april.net == "20.00"


def test_discounts_are_cut_in_the_order_of_the_file() -> None:
    [april] = monthly(
        "50.00", 1, adjustments=[adjustment("First", amount="-40.00"), adjustment("Second", amount="-40.00")]
    )

    assert april.lines[1:] == ["adjustment First: -40.00", "adjustment Second: -10.00"]
    assert april.net == "0.00"


def test_what_is_cut_off_waits_on_the_next_bills_and_uses_no_time() -> None:
    told = monthly("50.00", 4, adjustments=[adjustment("Voucher", amount="-120.00", until="2026-05-02")])

    assert [bill.lines[1:] for bill in told] == [
        ["adjustment Voucher: -50.00"],
        ["adjustment Voucher, carried over: -50.00"],
        ["adjustment Voucher, carried over: -20.00"],
        [],
    ]


def test_a_rest_stands_before_its_discounts_next_time_and_both_rests_become_one() -> None:
    told = monthly("50.00", 5, adjustments=[adjustment("Sorry", amount="-70.00", times=2)])

    assert [bill.lines[1:] for bill in told] == [
        ["adjustment Sorry: -50.00"],  # 20.00 wait
        ["adjustment Sorry, carried over: -20.00", "adjustment Sorry: -30.00"],  # 40.00 wait
        ["adjustment Sorry, carried over: -40.00"],
        [],
        [],
    ]


def test_a_rest_goes_on_the_next_bill_whichever_subscription_is_due() -> None:
    told = bills(
        flat_fee="10.00",
        subscriptions=[{"plan": "gold", "starts_on": "2026-04-01"}, {"plan": "gold", "starts_on": "2026-04-15"}],
        adjustments=[adjustment("Sorry", subscription=0, amount="-15.00")],
        until="2026-05-15",
    )

    assert [(bill.issued_on, bill.lines[1:]) for bill in told] == [
        ("2026-05-01", ["adjustment Sorry: -10.00"]),
        ("2026-05-15", ["adjustment Sorry, carried over: -5.00"]),
    ]
    assert told[1].json["lines"][1]["subscription"] == 0


def test_what_is_cut_off_a_percentage_is_lost() -> None:
    told = monthly("50.00", 2, adjustments=[adjustment("Voucher", amount="-40.00"), adjustment("Half", percent="-50")])

    assert told[0].lines[1:] == ["adjustment Voucher: -40.00", "adjustment Half: -10.00"]
    assert told[1].lines[1:] == []


def test_a_discount_cut_to_nothing_has_used_its_time_and_waits_as_a_rest() -> None:
    told = monthly("50.00", 2, adjustments=[adjustment("Free", percent="-100"), adjustment("Voucher", amount="-20.00")])

    assert told[0].lines[1:] == ["adjustment Free: -50.00", "adjustment Voucher: 0.00"]
    assert told[1].lines[1:] == ["adjustment Voucher, carried over: -20.00"]


def test_a_cut_discount_is_one_of_its_amount_without_a_unit_price() -> None:
    [april] = monthly("50.00", 1, adjustments=[adjustment("Seats back", quantity="7", unit_price="-10.00")])

    line = april.json["lines"][1]
    assert (line["quantity"], line["net"], "unit_price" in line) == ("1", "-50.00", False)


def test_a_charge_of_no_units_leaves_no_line() -> None:
    [april] = monthly("50.00", 1, adjustments=[adjustment("Seats", quantity="0", unit_price="10.00")])

    assert april.lines == ["flat_fee gold, flat fee: 1 x 50.00 = 50.00"]


# --- 13: empty bills and credit notes -----------------------------------------------------------------------------


def test_a_bill_whose_lines_all_are_0_is_not_issued_and_uses_no_adjustment() -> None:
    told = bills(
        devices="PC-1 #>",
        prices={"computer": {"unit_price": "0"}},
        later=[{"effective_on": "2026-05-01", "prices": COMPUTERS_AT_30}],
        adjustments=[adjustment("Setup", amount="5.00")],
        until="2026-06-01",
    )

    assert [(bill.issued_on, bill.net) for bill in told] == [("2026-06-01", "35.00")]


def test_lines_that_cancel_each_other_make_a_bill_of_0() -> None:
    """The volume price of three falls to that of six: 3 x 8.00 were billed, 6 x 4.00 are right."""
    tiers = {"mode": "volume", "steps": [[3, "8.00"], [None, "4.00"]]}
    devices = "\n".join(f"PC-{n} {'' if n < 3 else '.'}#>" for n in range(6))
    _, second = bills(devices=devices, prices={"computer": {"tiers": tiers}}, ends_on="2026-05-01", tax=VAT, **ADVANCE)

    assert second.lines == ["true_up computer: -3 x 8.00 = -24.00", "true_up computer: 6 x 4.00 = 24.00"]
    assert second.json["tax"] == [{"category": "S", "rate": "19", "base": "0.00", "amount": "0.00"}]
    assert second.json["total"] == "0.00"
    assert "type" not in second.json


def test_a_negative_total_is_a_credit_note_with_negative_amounts() -> None:
    first, second = bills(
        devices="PC-1 ##########....................", prices=COMPUTERS_AT_30, timing="advance", tax=VAT
    )

    assert "type" not in first.json
    assert second.json["type"] == "credit_note"
    assert second.lines == ["true_up computer: -20 x 30.00 / 30 = -20.00"]
    assert second.json["tax"] == [{"category": "S", "rate": "19", "base": "-20.00", "amount": "-3.80"}]
    assert second.json["total"] == "-23.80"


def test_on_a_credit_note_discounts_are_cut_to_nothing_and_charges_are_charged() -> None:
    told = bills(
        devices="PC-1 ##########....................",
        prices=COMPUTERS_AT_30,
        timing="advance",
        adjustments=[
            {"on": "2026-05-01", "text": "Voucher", "amount": "-5.00"},
            {"on": "2026-05-01", "text": "Setup", "amount": "7.00"},
        ],
    )

    assert told[1].lines[1:] == ["adjustment Voucher: 0.00", "adjustment Setup: 7.00"]
    assert told[1].net == "-13.00"


def test_a_percentage_off_a_negative_base_is_a_charge() -> None:
    told = bills(
        devices="PC-1 ##########....................",
        prices=COMPUTERS_AT_30,
        timing="advance",
        adjustments=[adjustment("Loyalty", percent="-5", times=2)],
    )

    assert told[0].lines[1:] == ["adjustment Loyalty: -1.50"]
    assert told[1].lines[1:] == ["adjustment Loyalty: 1.00"]


# --- 14: rounding and digits --------------------------------------------------------------------------------------


def test_halves_are_rounded_away_from_zero_on_both_sides() -> None:
    [april] = monthly(
        "10.00",
        1,
        adjustments=[
            adjustment("Up", quantity="1", unit_price="0.125"),
            adjustment("Down", quantity="1", unit_price="-0.125"),
        ],
    )

    assert april.lines[1:] == ["adjustment Up: 1 x 0.125 = 0.13", "adjustment Down: 1 x -0.125 = -0.13"]


def test_tax_is_rounded_once_on_the_sum_of_the_lines() -> None:
    """Three lines of 0.03 have a tax of 0.0057 each, in sum 0.0171."""
    [april] = monthly(
        "0.03", 1, tax=VAT, adjustments=[adjustment("One", amount="0.03"), adjustment("Two", amount="0.03")]
    )

    assert april.json["tax"] == [{"category": "S", "rate": "19", "base": "0.09", "amount": "0.02"}]
    assert april.json["total"] == "0.11"


@pytest.mark.parametrize(
    ("currency", "fee", "net", "tax", "total"),
    [
        ("JPY", "1001", "501", "50", "551"),
        ("EUR", "10.01", "5.01", "0.50", "5.51"),
        ("KWD", "10.001", "5.001", "0.500", "5.501"),
    ],
)
def test_amounts_have_the_digits_of_their_currency(currency: str, fee: str, net: str, tax: str, total: str) -> None:
    [april] = bills(flat_fee=fee, currency=currency, tax={"category": "S", "rate": "10"}, ends_on="2026-04-16")

    assert (april.net, april.json["tax"][0]["amount"], april.json["total"]) == (net, tax, total)


def test_reverse_charge_has_a_group_without_tax() -> None:
    [april] = bills(flat_fee="10.00", tax={"category": "AE"})

    assert april.json["tax"] == [{"category": "AE", "rate": "0", "base": "10.00", "amount": "0.00"}]


# --- 15: many scenarios, some wrong -------------------------------------------------------------------------------


def test_a_wrong_line_is_answered_and_the_others_still_are() -> None:
    right = story(flat_fee="10.00")
    wrong = {**right, "id": "wrong", "bill_until": "2026-02-30"}

    answers = list(run_lines([json.dumps(right), "", "{not json", json.dumps(wrong), "[1, 2]", json.dumps(right)]))

    assert [answer["id"] for answer in answers] == ["story", None, "wrong", None, "story"]
    assert answers[1]["error"]["path"] == ""
    assert answers[2]["error"] == {"path": "bill_until", "message": "2026-02-30 is not a day of the calendar"}
    assert answers[3]["error"]["path"] == ""
    assert answers[0] == answers[4]


def test_a_key_that_stands_twice_is_a_mistake() -> None:
    [answer] = run_lines(['{"id": "twice", "id": "twice"}'])

    assert answer == {"id": None, "error": {"path": "id", "message": "stands twice in one object: keep one"}}

    [answer] = run_lines(['{"id": "twice", "timezone": "UTC", "timezone": "UTC"}'])
    assert answer["error"]["path"] == "timezone"


def test_money_as_a_number_with_a_point_is_refused_with_the_cure() -> None:
    answer = run_scenario(story(prices={"computer": {"unit_price": 30.5}}))

    assert answer["error"] == {
        "path": "plans.gold.versions[0].prices.computer.unit_price",
        "message": 'must be text to be exact: write "30.5" in quotes',
    }


def test_money_as_a_whole_number_is_exact_and_welcome() -> None:
    [april] = bills(devices="PC-1 #>", prices={"computer": {"unit_price": 30}})

    assert april.lines == ["usage computer: 1 x 30.00 = 30.00"]


@pytest.mark.parametrize(
    ("adjustments", "path"),
    [
        ([{"on": "2026-04-01", "amount": "1.005"}], "adjustments[0].amount"),
        ([{"on": "2026-04-01", "amount": "1e3"}], "adjustments[0].amount"),
        ([{"on": "2026-04-01", "amount": 10**40}], "adjustments[0].amount"),
        ([{"on": "2026-04-01", "percent": "-100.01"}], "adjustments[0].percent"),
        ([{"on": "2026-04-01", "percent": "5", "quantity": "2"}], "adjustments[0].quantity"),
        ([{"on": "2026-W14-3", "amount": "5"}], "adjustments[0].on"),
        ([{"on": "2026-04-01", "amount": "5", "times": 10**5000}], "adjustments[0].times"),
    ],
)
def test_a_wrong_adjustment_is_named(adjustments: list[dict[str, Any]], path: str) -> None:
    assert run_scenario(story(adjustments=adjustments))["error"]["path"] == path


def test_overlapping_stays_are_named() -> None:
    told = story()
    told["devices"] = [
        {"id": "PC-1", "class": "computer", "present": [["2026-04-05", "2026-04-10"], ["2026-04-01", "2026-04-06"]]}
    ]

    assert run_scenario(told)["error"]["path"] == "devices[0].present[1]"


def test_an_adjustment_of_a_subscription_needs_one() -> None:
    told = story(adjustments=[adjustment("Setup", subscription=0, amount="1.00")]) | {"subscriptions": []}

    assert run_scenario(told)["error"]["path"] == "adjustments[0].subscription"
