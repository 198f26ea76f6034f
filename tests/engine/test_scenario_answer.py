"""The answer to a scenario, written out in full: each key of a bill, and each word of an error."""

import json

import pytest

from quarterday.engine import scenario
from quarterday.engine.scenario import run_lines, run_scenario
from tests.engine.story import story


def test_an_answer_has_all_that_stands_on_its_bills() -> None:
    told = story(
        devices="PC-1 #>\nPC-2 ...............#>",
        prices={"computer": {"unit_price": "0.125", "minimum": 3}},
        flat_fee="10.00",
        tax={"category": "S", "rate": "19.0"},
        adjustments=[{"on": "2026-05-01", "text": "Discount", "amount": "-1.00"}],
        starts_on="2026-04-11",
        billing_day=1,
        due_days=10,
    )

    period = {
        "subscription": 0,
        "start": "2026-04-11",
        "end": "2026-05-01",
        "days": 20,
        "full_start": "2026-04-01",
        "full_end": "2026-05-01",
        "full_days": 30,
    }
    of_april = {"start": "2026-04-11", "end": "2026-05-01"}
    # 2 x 0.125 x 2/3 = 0.1667; a third device is the minimum: 0.0833; 10.00 x 2/3 = 6.67. 5.92 at 19 % are 1.1248.
    assert run_scenario(told) == {
        "id": "story",
        "bills": [
            {
                "issued_on": "2026-05-01",
                "due_on": "2026-05-11",
                "currency": "EUR",
                "periods": [period],
                "lines": [
                    {
                        "kind": "usage",
                        "subscription": 0,
                        "text": "computer",
                        "class": "computer",
                        **of_april,
                        "quantity": "2",
                        "unit": "device",
                        "unit_price": "0.125",
                        "per": "1",
                        "fraction": "2/3",
                        "net": "0.17",
                        "devices": [{"id": "PC-1", "days": 20}, {"id": "PC-2", "days": 15}],
                    },
                    {
                        "kind": "minimum",
                        "subscription": 0,
                        "text": "computer, minimum",
                        "class": "computer",
                        **of_april,
                        "quantity": "1",
                        "unit": "device",
                        "unit_price": "0.125",
                        "per": "1",
                        "fraction": "2/3",
                        "net": "0.08",
                    },
                    {
                        "kind": "flat_fee",
                        "subscription": 0,
                        "text": "gold, flat fee",
                        **of_april,
                        "quantity": "1",
                        "unit": "period",
                        "unit_price": "10.00",
                        "per": "1",
                        "fraction": "2/3",
                        "net": "6.67",
                    },
                    {
                        "kind": "adjustment",
                        "text": "Discount",
                        "quantity": "1",
                        "per": "1",
                        "fraction": "1",
                        "net": "-1.00",
                    },
                ],
                "net": "5.92",
                "tax": [{"category": "S", "rate": "19", "base": "5.92", "amount": "1.12"}],
                "total": "7.04",
            }
        ],
    }


def test_the_keys_of_a_line_stand_in_the_order_of_the_format() -> None:
    [bill] = run_scenario(story(devices="PC-1 #>", prices={"computer": {"unit_price": "30.00"}}))["bills"]

    assert list(bill) == ["issued_on", "due_on", "currency", "periods", "lines", "net", "tax", "total"]
    assert list(bill["lines"][0]) == [
        *("kind", "subscription", "text", "class", "start", "end", "quantity", "unit"),
        *("unit_price", "per", "fraction", "net", "devices"),
    ]


def test_a_credit_note_says_first_what_it_is() -> None:
    """Two of three computers billed in advance were there for the first days only; nothing follows in May."""
    first, second = run_scenario(
        story(
            devices="PC-1 #>\nPC-2 #####.........................\nPC-3 #####.........................",
            prices={"computer": {"unit_price": "30.00"}},
            timing="advance",
            counting="at_end",
            ends_on="2026-05-01",
        )
    )["bills"]

    assert "type" not in first
    assert (next(iter(second)), second["type"], second["total"]) == ("type", "credit_note", "-60.00")


def test_what_was_billed_in_advance_is_trued_up_line_by_line_and_plan_by_plan() -> None:
    """Both plans lose a computer; each true-up is against its own price and names nothing of the other."""
    plans = {
        name: {
            "timing": "advance",
            "counting": "at_end",
            "versions": [
                {"effective_on": "2020-01-01", "flat_fee": fee, "prices": {"computer": {"unit_price": price}}}
            ],
        }
        for name, price, fee in (("gold", "30.00", "5.00"), ("silver", "12.00", "0"))
    }
    told = story(
        devices="PC-1 #>\nPC-2 ##########....................",
        plans=plans,
        subscriptions=[
            {"plan": "gold", "starts_on": "2026-04-01", "ends_on": "2026-05-01"},
            {"plan": "silver", "starts_on": "2026-04-01", "ends_on": "2026-05-01"},
        ],
    )

    first, second = run_scenario(told)["bills"]

    assert [line["net"] for line in first["lines"]] == ["60.00", "5.00", "24.00"]
    assert [(line["subscription"], line["text"], line["net"]) for line in second["lines"]] == [
        (0, "computer, true-up", "-30.00"),
        (1, "computer, true-up", "-12.00"),
    ]


def test_a_price_is_written_with_its_currencys_digits_or_its_own() -> None:
    def unit_price(price: object, currency: str) -> str:
        told = story(devices="PC-1 #>", prices={"computer": {"unit_price": price}}, currency=currency)
        return str(run_scenario(told)["bills"][0]["lines"][0]["unit_price"])

    assert unit_price(30, "EUR") == "30.00"
    assert unit_price("30.100", "EUR") == "30.10"
    assert unit_price("0.005", "EUR") == "0.005"
    assert unit_price("30", "JPY") == "30"
    assert unit_price("30.5", "JPY") == "30.5"
    assert unit_price("30", "KWD") == "30.000"


def test_wrong_lines_are_answered_by_path_and_message_under_the_id_that_can_be_read() -> None:
    no_json, twice, list_, no_id, with_id = run_lines(
        ["{", "", '{"id": 1, "id": 2}', " \n", "[]", '{"id": {}, "customer": 7}', '{"id": "x", "\\ud800": 1}']
    )

    assert (no_json["id"], no_json["error"]["path"]) == (None, "")
    assert no_json["error"]["message"].startswith("this line is no JSON: Expecting property name")
    assert twice == {"id": None, "error": {"path": "id", "message": "stands twice in one object: keep one"}}
    assert list_ == {"id": None, "error": {"path": "", "message": "must be an object in braces, not a list"}}
    assert (no_id["id"], no_id["error"]["message"]) == (None, "is missing")
    assert (with_id["id"], with_id["error"]["path"]) == ("x", "\\ud800")
    json.dumps(with_id, ensure_ascii=False).encode()


def test_the_key_that_stands_twice_is_named_and_not_its_neighbour() -> None:
    [answer] = run_lines(['{"id": 1, "plans": {}, "devices": [], "devices": []}'])

    assert answer["error"]["path"] == "devices"


def test_a_story_of_too_many_dates_says_what_to_do() -> None:
    told = story(flat_fee="0", cycle={"every": 1, "unit": "week"}, until="2999-12-31")

    assert run_scenario(told)["error"] == {
        "path": "bill_until",
        "message": "leads to more than 10000 billing dates: bill until an earlier day",
    }


def test_a_story_may_have_as_many_dates_as_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario, "MOST_DATES", 3)

    assert len(run_scenario(story(flat_fee="1.00", until="2026-07-01"))["bills"]) == 3
    assert run_scenario(story(flat_fee="1.00", until="2026-08-01"))["error"]["path"] == "bill_until"
