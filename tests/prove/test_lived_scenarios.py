"""Promise 2, through Django and PostgreSQL: what an installation bills day by day is what the oracle counts.

    pytest -m prove tests/prove/test_lived_scenarios.py
    ORACLE_SEED=4711 pytest tests/prove/test_lived_scenarios.py       (one story; 4711-4800 for a range)

Runs break off in the middle and are started again or twice; the ledger, the claims and the numbers must not show it.
"""

from __future__ import annotations

import os
import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from tests.engine.oracle.compare import comparable, first_difference
from tests.engine.oracle.generate import scenario
from tests.engine.oracle.oracle import answer
from tests.prove.living import live


def seeds(default: str) -> range:
    first, _, last = os.environ.get("ORACLE_SEED", default).partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.mark.database
def test_a_few_lives_are_billed_as_the_oracle_counts() -> None:
    bills, differences = live_through(seeds("1-3"))
    assert differences == []
    assert bills >= 3


@pytest.mark.prove
@pytest.mark.database
def test_hundreds_of_lives_are_billed_as_the_oracle_counts(capsys: pytest.CaptureFixture[str]) -> None:
    bills, differences = live_through(seeds("1001-1400"))
    with capsys.disabled():
        print(f"\n{bills:,} bills of lived scenarios compared: {len(differences)} differences")
    assert differences == []
    assert bills > 1_000


def live_through(wanted: range) -> tuple[int, list[str]]:
    """(bills, differences); each life in a transaction that is rolled back, as one provider has one calendar."""
    bills = 0
    differences = []
    for seed in wanted:
        story = as_agreed(scenario(seed))
        if charges_nothing(story):
            continue
        with transaction.atomic():
            lived, run_days = live(story, random.Random(seed))
            transaction.set_rollback(True)
        expected = [figures(issued_by_a_run(bill, run_days)) for bill in comparable(answer(story))["bills"]]
        difference = first_difference(expected, [figures(bill) for bill in comparable({"bills": lived})["bills"]])
        if difference:
            differences.append(f"ORACLE_SEED={seed}: {difference}")
        bills += len(expected)
    return bills, differences


def as_agreed(story: dict[str, Any]) -> dict[str, Any]:
    """The story without charges that an installation refuses: of nothing, and those that end before they begin."""
    agreed = [
        each
        for each in story["adjustments"]
        if Decimal(each.get("quantity", "1")) * Decimal(each.get("unit_price", "1"))
        and (not each.get("until") or each["until"] > each["on"])
    ]
    return story | {"adjustments": agreed}


def charges_nothing(story: dict[str, Any]) -> bool:
    """A plan with a version without any price, which an installation refuses."""
    versions = [version for plan in story["plans"].values() for version in plan["versions"]]
    return any(not version["prices"] and not Decimal(version.get("flat_fee", "0")) for version in versions)


def issued_by_a_run(bill: dict[str, Any], run_days: list[date]) -> dict[str, Any]:
    """A bill that became due while nobody billed is issued by the next run, and its due date counts from then."""
    due = date.fromisoformat(bill["issued_on"])
    issued = min(day for day in run_days if day >= due)
    return bill | {
        "issued_on": str(issued),
        "due_on": str(date.fromisoformat(bill["due_on"]) + (issued - due)),
    }


def figures(bill: dict[str, Any]) -> dict[str, Any]:
    """A bill without what only a scenario tells (periods) or what it leaves to the provider (taxes)."""
    kept = {name: value for name, value in bill.items() if name not in ("periods", "tax", "total")}
    kept["lines"] = [line | {"quantity": plain(line["quantity"]), **prices(line)} for line in bill["lines"]]
    return kept


def prices(line: dict[str, Any]) -> dict[str, str]:
    return {"unit_price": plain(line["unit_price"])} if "unit_price" in line else {}


def plain(figure: str) -> str:
    return f"{Decimal(figure).normalize() + 0:f}"
