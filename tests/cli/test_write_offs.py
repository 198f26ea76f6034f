"""`quarterday payments write-off`, `write-offs` and `take-back`."""

from __future__ import annotations

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
        return issued(customer("North Dental"), "119.00")


def test_a_bill_is_written_off_after_a_look_and_taken_back(bill: Bill) -> None:
    number = bill.issue.number

    looked = run("payments", "write-off", number, "--reason", "insolvent", "--dry-run").out
    assert "119.00 EUR would be written off. North Dental then owes 0.00 EUR." in looked
    assert run("payments", "write-offs", "--json").json == []

    assert "are written off" in run("payments", "write-off", number, "--reason", "insolvent").out
    (row,) = run("payments", "write-offs", "--json").json
    assert (row["number"], row["state"], row["by"]) == (number, "written off", "command line")
    back = run("payments", "take-back", str(row["id"]), "--reason", "it came")
    assert f"119.00 EUR of {number} are open again." in back.out
    assert run("payments", "write-offs", "--json").json[0]["state"] == "taken back"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("INV-9999",), "There is no bill 'INV-9999'"),
        (("--amount", "120"), "more than the 119"),
        (("--amount", "0"), "not more than nothing"),
        (("--on", "2026-01-01"), "is not between the bill's issue"),
        (("--on", "yesterday"), "yesterday"),
    ],
)
def test_what_cannot_be_written_off_is_said_with_its_cure(bill: Bill, told: tuple[str, ...], words: str) -> None:
    named = told if told[0].startswith("INV") else (bill.issue.number, *told)

    answer = run("payments", "write-off", *named, "--reason", "insolvent")
    assert answer.code != 0
    assert words in answer.err


def test_there_is_no_such_write_off(bill: Bill) -> None:
    answer = run("payments", "take-back", "77", "--reason", "it came")

    assert answer.code != 0
    assert "There is no write-off 77: see quarterday payments write-offs." in answer.err
