"""Whatever stands in a scenario: an answer or an error that can be written, never a stack trace."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from quarterday.engine.scenario import run_lines, run_scenario
from tests.engine.story import story

HOSTILE: list[Any] = [
    *(None, True, 0, -1, 2, 10**20, 10**5000, 1.5, float("nan"), float("inf")),
    *("", " ", "0", "-0", "-1", "1e5", "0.0000001", "999999999999.999999", "NaN", "١", "x" * 100_000, "\ud800"),
    *("0001-01-01", "1900-01-01", "2026-02-30", "2026-W05-1", "2999-12-31", "9999-12-31"),
    *("JPY", "week", "year", "advance", "full", "prorated", "next_period", "Pacific/Apia", "../etc/passwd"),
    *([], {}, [1], [[None, "1"]], {"a": 1}, [["0001-01-01", None]], [["9999-12-31", None]]),
]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a JSON value: its container and the key or index in it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def test_500_scenarios_with_hostile_values_are_answered() -> None:
    right = story(
        devices="PC-1 #>\nSRV-1 server #>",
        prices={
            "computer": {"unit_price": "30.00", "minimum": 1, "included": 0},
            "server": {"tiers": {"mode": "graduated", "steps": [[10, "90.00"], [None, "80.00"]]}},
        },
        later=[{"effective_on": "2026-04-10", "applies": "on_day", "prices": {"computer": {"unit_price": "31.00"}}}],
        counting="peak",
        timing="advance",
        billing_day=31,
        cycle={"every": 1, "unit": "month"},
        ends_on="2026-06-15",
        tax={"category": "S", "rate": "19"},
        adjustments=[
            {"subscription": 0, "on": "2026-04-01", "text": "Onboarding", "amount": "100.00"},
            {"on": "2026-04-01", "quantity": "4", "unit_price": "6.00", "times": None, "until": "2026-06-01"},
            {"on": "2026-04-01", "percent": "-5", "times": 3},
        ],
        until="2026-06-30",
    )
    assert len(run_scenario(right)["bills"]) == 3
    seed = 20260401
    dice = random.Random(seed)
    errors = 0
    for n in range(500):
        wrong = copy.deepcopy(right)
        for _ in range(dice.choice([1, 1, 2])):
            container, key = dice.choice(list(places(wrong)))
            container[key] = copy.deepcopy(dice.choice(HOSTILE))

        answer = run_scenario(wrong)

        assert answer.keys() in ({"id", "bills"}, {"id", "error"}), f"seed {seed}, scenario {n}: {answer}"
        json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
        errors += "error" in answer
    assert 300 < errors < 500


@pytest.mark.parametrize(
    "line",
    [
        "null",
        "NaN",
        '"text"',
        "[" * 100_000,
        '{"id": ' + "9" * 5000 + "}",
        '{"id": {"a": 1}}',
        '{"id": "\\ud800", "customer": {}}',
        '{"id": "x", "\\ud800": {}}',
        '{"id": "x", "customer": 1e999, "plans": {}, "subscriptions": [], "bill_until": ""}',
    ],
)
def test_hostile_lines_are_errors_and_never_more(line: str) -> None:
    [answer] = run_lines([line])

    assert answer.keys() == {"id", "error"}
    json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()


def test_a_story_of_a_thousand_years_of_weeks_is_refused() -> None:
    told = story(flat_fee="1.00", cycle={"every": 1, "unit": "week"}, until="2999-12-31")

    assert run_scenario(told)["error"]["path"] == "bill_until"
