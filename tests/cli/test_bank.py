"""`quarterday payments import`, `suggestions`, `confirm`, `ignore` and `reopen`."""

from __future__ import annotations

from pathlib import Path

import pytest

from quarterday.bills.models import Bill
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.cli.terminal import run
from tests.payments.bank import camt, details, ntry
from tests.payments.conftest import customer, issued
from tests.shop import open_shop


@pytest.fixture
def bill(database: None) -> Bill:
    with acting(Scope.all()):
        open_shop()
        return issued(customer("North Dental GmbH"), "119.00")


@pytest.fixture
def file(bill: Bill, tmp_path: Path) -> Path:
    path = tmp_path / "june.xml"
    path.write_bytes(camt(ntry(details=details(bill.issue.number)), ntry("4.90", "DBIT"), ntry("7.00")))
    return path


def test_a_file_is_imported_once_and_what_is_sure_is_confirmed(bill: Bill, file: Path) -> None:
    assert run("payments", "import", str(file)).out.strip() == "3 lines, 3 of them new."
    assert "imported before" in run("payments", "import", str(file)).out

    sure, fee, other = run("payments", "suggestions", "--json").json
    assert (sure["sure"], sure["bills"], sure["because"]) == (True, [bill.issue.number], ["number", "payer", "amount"])
    assert (fee["suggestion"], other["suggestion"]) == ("nobody knows", "nobody knows")
    assert run("payments", "confirm", "--sure").out.strip() == "1 confirmed."

    assert "Nobody knows what this line is" in run("payments", "confirm", str(other["line"])).err
    owner = bill.customer.number
    assert run("payments", "confirm", str(other["line"]), "--customer", owner).out.strip() == "1 confirmed."
    assert run("payments", "ignore", str(fee["line"]), "--reason", "the bank's fee").out.strip() == "1 ignored."
    assert run("payments", "suggestions").out.strip() == "No line of the bank waits."
    assert run("payments", "reopen", str(fee["line"])).out.strip() == "It waits again."
    assert len(run("payments", "suggestions", "--json").json) == 1


def test_a_csv_names_its_columns_and_is_confirmed_on_the_way(bill: Bill) -> None:
    typed = f"Wann;Wieviel;Wofuer\n01.06.2026;119,00;{bill.issue.number}\n".encode()
    named = ("--column", "day=Wann", "--column", "amount=Wieviel", "--column", "text=Wofuer")

    assert "1 confirmed." in run("payments", "import", "-", *named, "--confirm-sure", typed=typed).out


def test_a_day_that_may_be_two_is_asked_about(bill: Bill) -> None:
    american = f"date,amount,text\n06/01/2026,119.00,{bill.issue.number}\n".encode()

    answer = run("payments", "import", "-", typed=american)
    assert (answer.code, "may be 2026-06-01 or 2026-01-06" in answer.err, "--days" in answer.err) == (2, True, True)
    assert (
        "1 confirmed." in run("payments", "import", "-", "--days", "month-first", "--confirm-sure", typed=american).out
    )


def test_a_wrong_file_imports_nothing_and_says_where(bill: Bill, tmp_path: Path) -> None:
    path = tmp_path / "bad.xml"
    path.write_bytes(camt(ntry(), ntry("much")))
    answer = run("payments", "import", str(path))

    assert answer.code == 2
    assert "line 4, Amt: “much” is no amount" in answer.err
    assert run("payments", "suggestions", "--json").json == []


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("confirm",), "Name lines, or say --sure"),
        (("confirm", "1", "--sure"), "Name lines, or say --sure"),
        (("confirm", "1", "2", "--customer", "K-1"), "name just that"),
        (("confirm", "99"), "There is no bank line 99"),
        (("ignore", "99", "--reason", "x"), "There is no bank line 99"),
        (("import", "nowhere.xml"), "nowhere.xml"),
    ],
)
def test_what_cannot_be_done_is_said(bill: Bill, told: tuple[str, ...], words: str) -> None:
    answer = run("payments", *told)

    assert answer.code != 0
    assert words in answer.err
