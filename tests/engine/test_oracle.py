"""The engine against an independent reading of the scenario format, on a hundred hostile scenarios.

`ORACLE_SEED=4711 pytest tests/engine/test_oracle.py` repeats one scenario, `ORACLE_SEED=4711-4999` a range.
The long run is tests/prove/test_simulation.py. First, both are held to figures worked out on paper: two readings that
agree could still both be wrong.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quarterday.engine.scenario import run_scenario
from tests.engine.oracle.compare import comparable, first_difference
from tests.engine.oracle.generate import scenario
from tests.engine.oracle.oracle import answer

Answer = Callable[[dict[str, Any]], dict[str, Any]]
both = pytest.mark.parametrize("bills_of", [answer, run_scenario], ids=["oracle", "engine"])


def test_hostile_scenarios_have_the_same_bills() -> None:
    first, _, last = os.environ.get("ORACLE_SEED", "1-60").partition("-")
    for seed in range(int(first), int(last or first) + 1):
        story = scenario(seed)
        found = first_difference(comparable(answer(story)), comparable(run_scenario(story)))
        assert found is None, f"ORACLE_SEED={seed}: {found}\n{json.dumps(story)}"


# --- Worked out on paper ------------------------------------------------------------------------------------------


def story(
    prices: dict[str, Any],
    devices: dict[str, list[list[str | None]]],
    *,
    starts_on: str,
    bill_until: str,
    plan: dict[str, Any] | None = None,
    subscription: dict[str, Any] | None = None,
    later: list[dict[str, Any]] | None = None,
    adjustments: list[dict[str, Any]] | None = None,
    currency: str = "EUR",
) -> dict[str, Any]:
    """One customer, one plan, one subscription, computers only."""
    first = {"effective_on": "2020-01-01", "prices": prices}
    return {
        "id": "on paper",
        "customer": {"name": "North Dental", "timezone": "Europe/Berlin", "currency": currency},
        "plans": {"gold": {**(plan or {}), "versions": [first, *(later or [])]}},
        "subscriptions": [{"plan": "gold", "starts_on": starts_on, **(subscription or {})}],
        "devices": [{"id": name, "class": "computer", "present": stays} for name, stays in devices.items()],
        "adjustments": adjustments or [],
        "bill_until": bill_until,
    }


def figures(bill: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(line["kind"], line["quantity"], line["net"]) for line in bill["lines"]]


ALWAYS: list[list[str | None]] = [["2020-01-01", None]]


def example(number: int) -> dict[str, Any]:
    """A JSON block of docs/scenario.md."""
    page = Path(__file__).parents[2] / "docs" / "scenario.md"
    block: dict[str, Any] = json.loads(page.read_text(encoding="utf-8").split("```json")[number].split("```")[0])
    return block


@both
def test_the_example_of_the_format_leads_to_its_five_bills(bills_of: Answer) -> None:
    bills = bills_of(example(1))["bills"]

    assert [(bill["issued_on"], bill["due_on"], bill["net"], bill["total"]) for bill in bills] == [
        ("2026-02-28", "2026-03-14", "244.00", "290.36"),
        ("2026-03-31", "2026-04-14", "123.29", "146.72"),  # 15 of 31 days: 14.52; 90.00; 5 % of 104.52: -5.23; 24.00
        ("2026-04-30", "2026-05-14", "137.05", "163.09"),  # 29 of 30 days: 29.00; 90.00; 5 % of 119.00: -5.95; 24.00
        ("2026-05-31", "2026-06-14", "114.00", "135.66"),  # 30.00; 90.00; third and last 5 %: -6.00; no seats in May
        ("2026-06-30", "2026-07-14", "120.00", "142.80"),  # 30.00; 90.00
    ]
    assert comparable({"bills": bills[:1]}) == comparable({"bills": [example(2)]})


@both
def test_760_device_days_at_30_per_31_days_are_735_48(bills_of: Answer) -> None:
    devices = {f"PC-{n}": ALWAYS for n in range(24)} | {"PC-24": [["2026-03-16", None]]}
    told = story(
        {"computer": {"unit_price": "30.00"}},
        devices,
        starts_on="2026-03-01",
        bill_until="2026-04-01",
        plan={"counting": "prorated"},
    )

    [bill] = bills_of(told)["bills"]

    assert figures(bill) == [("usage", "760", "735.48")]


@both
def test_a_stub_is_charged_as_part_of_the_whole_cycle(bills_of: Answer) -> None:
    told = story(
        {"computer": {"unit_price": "31.00"}},
        {"PC-1": ALWAYS},
        starts_on="2026-01-31",
        bill_until="2026-02-15",
        subscription={"billing_day": 15},
    )

    [bill] = bills_of(told)["bills"]

    assert bill["periods"][0]["full_start"] == "2026-01-15"
    assert bill["lines"][0]["fraction"] == "15/31"
    assert bill["net"] == "15.00"


@both
def test_a_version_splits_only_the_class_that_it_changes(bills_of: Answer) -> None:
    told = story(
        {"computer": {"unit_price": "30.00"}},
        {"PC-1": ALWAYS},
        starts_on="2026-04-01",
        bill_until="2026-05-01",
        later=[
            {"effective_on": "2026-04-11", "prices": {"computer": {"unit_price": "30.0"}}, "flat_fee": "60"},
            {"effective_on": "2026-04-21", "prices": {"computer": {"unit_price": "60.00"}}, "flat_fee": "60"},
        ],
    )

    [bill] = bills_of(told)["bills"]

    assert [(line["kind"], line["start"], line["fraction"], line["net"]) for line in comparable_lines(bill)] == [
        ("flat_fee", "2026-04-11", "2/3", "40.00"),
        ("usage", "2026-04-01", "2/3", "20.00"),
        ("usage", "2026-04-21", "1/3", "20.00"),
    ]


@both
def test_a_final_period_in_full_counts_on_with_the_devices_of_the_last_day(bills_of: Answer) -> None:
    told = story(
        {"computer": {"unit_price": "30.00"}},
        {"PC-1": ALWAYS, "PC-2": [["2026-04-01", "2026-04-05"]], "PC-3": [["2026-04-10", None]]},
        starts_on="2026-04-01",
        bill_until="2026-04-11",
        plan={"counting": "prorated"},
        subscription={"ends_on": "2026-04-11", "final_period": "full"},
    )

    [bill] = bills_of(told)["bills"]

    assert (bill["periods"][0]["days"], bill["lines"][0]["end"], bill["lines"][0]["fraction"]) == (
        10,
        "2026-04-11",
        "1",
    )
    assert bill["lines"][0]["devices"] == [
        {"id": "PC-1", "days": 30},
        {"id": "PC-2", "days": 4},
        {"id": "PC-3", "days": 21},
    ]
    assert figures(bill) == [("usage", "55", "55.00")]


@both
def test_in_advance_a_device_that_comes_and_one_that_goes_are_trued_up(bills_of: Answer) -> None:
    told = story(
        {"computer": {"unit_price": "30.00"}},
        {"PC-1": [["2026-01-01", "2026-04-21"]], "PC-2": [["2026-04-26", None]]},
        starts_on="2026-04-01",
        bill_until="2026-05-31",
        plan={"timing": "advance"},
        subscription={"ends_on": "2026-05-31"},
    )

    bills = bills_of(told)["bills"]

    assert [bill["issued_on"] for bill in bills] == ["2026-04-01", "2026-05-01"]
    assert figures(bills[0]) == [("usage", "30", "30.00")]
    assert [(each["kind"], each["quantity"], each["net"]) for each in comparable_lines(bills[1])] == [
        ("true_up", "-5", "-5.00"),  # 20 + 5 device-days, 30 billed
        ("usage", "30", "29.03"),  # 30 of May's 31 days
    ]


@both
def test_a_minimum_comes_after_the_used_units_and_volume_prices_them_all_alike(bills_of: Answer) -> None:
    steps = [[2, "10.00"], [4, "8.00"], [None, "6.00"]]
    devices = {"PC-1": ALWAYS, "PC-2": ALWAYS, "PC-3": ALWAYS, "PC-4": ALWAYS}

    def lines(mode: str) -> list[tuple[str, str, str]]:
        price = {"tiers": {"mode": mode, "steps": steps}, "included": 1, "minimum": 5}
        told = story({"computer": price}, devices, starts_on="2026-04-01", bill_until="2026-05-01")
        return figures(bills_of(told)["bills"][0])

    assert lines("graduated") == [
        ("usage", "2", "20.00"),
        ("usage", "1", "8.00"),
        ("minimum", "1", "8.00"),
        ("minimum", "1", "6.00"),
    ]
    assert lines("volume") == [("usage", "3", "18.00"), ("minimum", "2", "12.00")]


@both
def test_what_is_cut_off_a_discount_waits_for_the_next_bills(bills_of: Answer) -> None:
    told = story(
        {"computer": {"unit_price": "50.00"}},
        {"PC-1": ALWAYS},
        starts_on="2026-01-31",
        bill_until="2026-04-30",
        adjustments=[
            {"on": "2026-02-01", "text": "Sorry", "amount": "-70.00", "times": 2},
            {"on": "2026-02-01", "text": "Setup", "amount": "5.00"},
        ],
    )

    first, second, third = bills_of(told)["bills"]

    assert figures(first) == [("usage", "1", "50.00"), ("adjustment", "1", "-55.00"), ("adjustment", "1", "5.00")]
    assert first["net"] == "0.00"
    assert figures(second) == [("usage", "1", "50.00"), ("adjustment", "1", "-15.00"), ("adjustment", "1", "-35.00")]
    assert figures(third) == [("usage", "1", "50.00"), ("adjustment", "1", "-35.00")]
    assert third["net"] == "15.00"


@both
def test_currencies_have_their_own_digits(bills_of: Answer) -> None:
    def net(currency: str, price: str) -> str:
        told = story(
            {"computer": {"unit_price": price}},
            {"PC-1": ALWAYS},
            starts_on="2026-02-01",
            bill_until="2026-02-15",
            subscription={"ends_on": "2026-02-15"},
            currency=currency,
        )
        return str(bills_of(told)["bills"][0]["net"])

    assert net("JPY", "1001") == "501"  # half of 1001 is 500.5
    assert net("EUR", "10.01") == "5.01"
    assert net("KWD", "10.001") == "5.001"


def comparable_lines(bill: dict[str, Any]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = comparable({"bills": [bill]})["bills"][0]["lines"]
    return lines
