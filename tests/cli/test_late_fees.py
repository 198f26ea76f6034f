"""`quarterday payments charge-late-fees`, `late-fees` and `let-late-fee-go`."""

from __future__ import annotations

from datetime import date

import pytest

from quarterday.bills.models import Bill
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.cli.terminal import run
from tests.payments.conftest import customer, issued
from tests.shop import open_shop


@pytest.fixture
def bill(database: None) -> Bill:
    with acting(Scope.all()):
        open_shop()
        return issued(customer("North Dental"), "119.00", on=date(2026, 1, 2))


def test_a_fee_is_shown_charged_listed_and_let_go(bill: Bill) -> None:
    number = bill.issue.number
    fields = ("late_fee_days=14", "late_fee_since=2026-01-01", "late_fee_percent=2")
    assert "Saved." in run("provider", "change", *(word for field in fields for word in ("--set", field))).out

    (looked,) = run("payments", "charge-late-fees", "--dry-run", "--json").json
    assert (looked["number"], looked["open"], looked["fee"]) == (number, "119.00", "2.38")
    assert run("payments", "late-fees", "--json").json == []

    assert number in run("payments", "charge-late-fees").out
    assert "No late fee is due now." in run("payments", "charge-late-fees").out
    (row,) = run("payments", "late-fees", "--json").json
    assert (row["number"], row["state"]) == (number, "waits for the next bill")

    assert "is let go" in run("payments", "let-late-fee-go", number, "--reason", "it crossed").out
    assert run("payments", "late-fees", "--json").json[0]["state"] == "let go"


def test_what_cannot_be_set_or_let_go_is_said_with_its_cure(bill: Bill) -> None:
    half = run("provider", "change", "--set", "late_fee_days=14")
    assert half.code != 0
    assert "give an amount or a percentage" in half.err
    wrong = run("provider", "change", "--set", "late_fee_since=yesterday")
    assert "'yesterday' is not a day: write it like 2026-04-30." in wrong.err
    none = run("payments", "let-late-fee-go", bill.issue.number, "--reason", "it crossed")
    assert none.code != 0
    assert "was charged no late fee: see quarterday payments late-fees." in none.err
