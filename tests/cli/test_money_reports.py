"""`quarterday payments ledger` and `ageing`, and a statement as CSV."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.cli.terminal import run
from tests.payments.conftest import customer, issued
from tests.shop import open_shop

MARCH = ("--since", "2026-03-01", "--until", "2026-03-31")


@pytest.fixture
def number(database: None) -> str:
    with acting(Scope.all()):
        open_shop()
        owner = customer("North Dental")
        issued(owner, "119.00", on=date(2026, 3, 1))
        return str(owner.number)


def test_the_ledger_is_a_table_by_account_and_every_posting_as_csv(number: str, tmp_path: Path) -> None:
    rows = run("payments", "ledger", *MARCH, "--json").json
    file = tmp_path / "march.csv"

    assert [(row["account"], row["after"]) for row in rows] == [("receivables", "119.00"), ("revenue", "-119.00")]
    assert "receivables" in run("payments", "ledger", *MARCH).out
    assert run("payments", "ledger", *MARCH, "--out", str(file)).code == 0
    assert file.read_text().splitlines()[1].endswith("North Dental,receivables,119.00,,EUR")
    assert "receivables,119.00" in run("payments", "ledger", *MARCH, "--customer", number, "--out", "-").out


def test_ageing_is_a_table_and_a_csv_of_a_day(number: str) -> None:
    (row,) = run("payments", "ageing", "--on", "2026-04-14", "--json").json

    assert (row["open"], row["up_to_30"]) == ("119.00", "119.00")
    assert "119.00,0.00,119.00" in run("payments", "ageing", "--on", "2026-04-14", "--out", "-").out
    assert run("payments", "ageing", "--on", "2026-02-01").out.strip() == "Nobody owes anything."


def test_a_statement_is_written_as_csv(number: str, tmp_path: Path) -> None:
    file = tmp_path / "statement.csv"

    assert run("payments", "statement", number, *MARCH, "--out", str(file)).code == 0
    assert file.read_text().splitlines()[-1] == "2026-03-31,closing balance,,,,119.00,EUR"


def test_days_in_the_wrong_order_and_unknown_customers_are_refused(number: str) -> None:
    assert "exchange them" in run("payments", "ledger", "--since", "2026-03-31", "--until", "2026-03-01").err
    assert run("payments", "ageing", "--customer", "K-9").code != 0
    assert run("payments", "ageing", "--on", "soon").code != 0
