"""A scenario that is wrong says where, and in words what to do: one row, one mistake, one path (scenario.md, 15)."""

import copy
from typing import Any

import pytest

from quarterday.engine.scenario import run_scenario

RIGHT: dict[str, Any] = {
    "id": "right",
    "customer": {
        "name": "North Dental",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "tax": {"category": "S", "rate": "19"},
    },
    "plans": {
        "gold": {
            "counting": "peak",
            "timing": "arrears",
            "versions": [
                {
                    "effective_on": "2026-01-01",
                    "flat_fee": "10.00",
                    "prices": {
                        "computer": {"unit_price": "30.00", "minimum": 1, "included": 0},
                        "server": {
                            "tiers": {"mode": "graduated", "steps": [[10, "90.00"], [20, "85.00"], [None, "80.00"]]}
                        },
                    },
                },
                {"effective_on": "2026-03-01", "applies": "on_day", "prices": {"computer": {"unit_price": "31.00"}}},
            ],
        }
    },
    "subscriptions": [
        {
            "plan": "gold",
            "starts_on": "2026-01-31",
            "ends_on": "2026-06-15",
            "final_period": "prorated",
            "cycle": {"every": 1, "unit": "month"},
            "billing_day": 31,
            "due_days": 14,
        }
    ],
    "devices": [
        {"id": "PC-1", "class": "computer", "present": [["2026-01-31", "2026-03-15"], ["2026-04-01", None]]},
        {"id": "SRV-1", "class": "server", "present": [["2026-01-31", None]]},
    ],
    "adjustments": [
        {"subscription": 0, "on": "2026-02-10", "text": "Onboarding", "amount": "100.00"},
        {"on": "2026-03-01", "text": "Loyalty", "percent": "-5", "times": 3},
        {
            "on": "2026-02-01",
            "text": "Seats",
            "quantity": "4",
            "unit_price": "6.00",
            "times": None,
            "until": "2026-05-01",
        },
    ],
    "bill_until": "2026-06-30",
}

MISSING = object()
VERSION = "plans.gold.versions[0]"
COMPUTER = f"{VERSION}.prices.computer"
TIERS = f"{VERSION}.prices.server.tiers"

# (what is changed, to what, the path of the error where it is another)
MISTAKES: list[tuple[str, Any, str | None]] = [
    ("id", MISSING, None),
    ("customer", MISSING, None),
    ("customer", "North Dental", None),
    ("customer.timezone", "Mars/Olympus_Mons", None),
    ("customer.timezone", MISSING, None),
    ("customer.currency", "EURO", None),
    ("customer.currency", MISSING, None),
    ("customer.tax.category", "Q", None),
    ("customer.tax.rate", "nineteen", None),
    ("customer.tax.rate", "-19", None),
    ("customer.tax.rate", MISSING, None),
    ("plans", [], None),
    ("plans", MISSING, None),
    ("plans.gold.counting", "average", None),
    ("plans.gold.timing", "later", None),
    ("plans.gold.versions", [], None),
    ("plans.gold.versions", MISSING, None),
    (f"{VERSION}.effective_on", "2026-02-30", None),
    (f"{VERSION}.effective_on", "01.01.2026", None),
    (f"{VERSION}.effective_on", 20260101, None),
    (f"{VERSION}.effective_on", MISSING, None),
    ("plans.gold.versions[1].effective_on", "2026-01-01", None),  # two versions from one day: which one counts?
    ("plans.gold.versions[1].applies", "soon", None),
    (f"{VERSION}.flat_fee", "ten", None),
    (f"{VERSION}.flat_fee", "-10.00", None),
    (f"{VERSION}.prices", [], None),
    (f"{COMPUTER}.unit_price", MISSING, COMPUTER),
    (COMPUTER, {"unit_price": "30.00", "tiers": {"mode": "volume", "steps": [[None, "30.00"]]}}, None),
    (f"{COMPUTER}.unit_price", "thirty", None),
    (f"{COMPUTER}.unit_price", "NaN", None),
    (f"{COMPUTER}.unit_price", "Infinity", None),
    (f"{COMPUTER}.unit_price", 30.1, None),
    (f"{COMPUTER}.unit_price", "-30.00", None),
    (f"{COMPUTER}.unit_price", "0.1234567", None),  # up to six decimals
    (f"{COMPUTER}.minimum", -1, None),
    (f"{COMPUTER}.minimum", 1.5, None),
    (f"{COMPUTER}.minimum", True, None),
    (f"{COMPUTER}.included", -1, None),
    (f"{COMPUTER}.included", "some", None),
    (f"{TIERS}.mode", "staircase", None),
    (f"{TIERS}.steps", [], None),
    (f"{TIERS}.steps[0]", [10], None),
    (f"{TIERS}.steps[0][1]", "cheap", None),
    (f"{TIERS}.steps[0][0]", 0, None),
    (f"{TIERS}.steps[0][0]", None, None),  # only the last bound is null
    (f"{TIERS}.steps[1][0]", 10, None),  # bounds rise
    (f"{TIERS}.steps[2][0]", 30, None),  # the last bound is null
    ("subscriptions", MISSING, None),
    ("subscriptions", {}, None),
    ("subscriptions[0]", "gold", None),
    ("subscriptions[0].plan", "platinum", None),
    ("subscriptions[0].plan", MISSING, None),
    ("subscriptions[0].starts_on", MISSING, None),
    ("subscriptions[0].starts_on", "2025-12-31", None),  # before the plan's first version
    ("subscriptions[0].ends_on", "2026-01-30", None),  # before it starts
    ("subscriptions[0].ends_on", "never", None),
    ("subscriptions[0].final_period", "half", None),
    ("subscriptions[0].cycle.every", 0, None),
    ("subscriptions[0].cycle.every", 1.5, None),
    ("subscriptions[0].cycle.unit", "day", None),
    ("subscriptions[0].cycle.unit", "week", "subscriptions[0].billing_day"),
    ("subscriptions[0].billing_day", 0, None),
    ("subscriptions[0].billing_day", 32, None),
    ("subscriptions[0].due_days", -1, None),
    ("devices", {}, None),
    ("devices[1].id", "PC-1", None),  # twice
    ("devices[0].id", MISSING, None),
    ("devices[0].class", MISSING, None),
    ("devices[0].present", MISSING, None),
    ("devices[0].present[0]", ["2026-01-31"], None),
    ("devices[0].present[0][0]", None, None),
    ("devices[0].present[0][1]", "2026-13-01", None),
    ("devices[0].present[0][1]", "2026-01-30", None),  # gone before it came
    ("adjustments[0].on", MISSING, None),
    ("adjustments[0].subscription", 1, None),
    ("adjustments[0].subscription", -1, None),
    ("adjustments[0].amount", MISSING, "adjustments[0]"),
    ("adjustments[0].percent", "5", "adjustments[0]"),  # and an amount
    ("adjustments[0].quantity", "2", None),  # without a unit price
    ("adjustments[0].amount", "a lot", None),
    ("adjustments[1].percent", "-100.5", None),
    ("adjustments[1].times", 0, None),
    ("adjustments[1].times", -1, None),
    ("adjustments[2].until", "someday", None),
    ("adjustments[2].quantity", "four", None),
    ("adjustments[2].unit_price", "six", None),
    ("bill_until", MISSING, None),
    ("bill_until", "2026-06-31", None),
    # A misspelt name must not be taken for a default.
    ("customer.tax_rate", "19", None),
    (f"{COMPUTER}.minimun", 3, None),
    ("subscriptions[0].end_on", "2026-06-15", None),
]


def test_the_scenario_that_the_mistakes_are_made_in_is_right() -> None:
    assert len(run_scenario(RIGHT)["bills"]) == 5


@pytest.mark.parametrize(
    ("changed", "value", "path"),
    MISTAKES,
    ids=[f"{changed} {'missing' if value is MISSING else value!r}" for changed, value, _ in MISTAKES],
)
def test_a_mistake_is_named_by_its_path(changed: str, value: Any, path: str | None) -> None:
    answer = run_scenario(with_change(RIGHT, changed, value))

    assert "bills" not in answer
    assert answer["error"]["path"] == (path or changed)
    assert answer["error"]["message"].strip()
    assert answer["id"] == (None if changed == "id" else "right")


def with_change(scenario: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(scenario)
    *way, last = steps(path)
    place: Any = changed
    for step in way:
        place = place[step]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return changed


def steps(path: str) -> list[str | int]:
    """ "plans.gold.versions[0]" -> ["plans", "gold", "versions", 0]."""
    return [int(part) if part.isdigit() else part for part in path.replace("[", ".").replace("]", "").split(".")]
