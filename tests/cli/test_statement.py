"""`quarterday payments statement`: an account as a table, as JSON and as a PDF."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.cli.terminal import run
from tests.documents.reading import text
from tests.payments.conftest import issued
from tests.shop import a_customer, open_shop

DAYS = ("--since", "2026-03-01", "--until", "2026-03-31")


@pytest.fixture
def number(database: None) -> str:
    with acting(Scope.all()):
        open_shop()
        customer = a_customer()
        issued(customer, "120.00", on=date(2026, 2, 1))
        issued(customer, "80.00", on=date(2026, 3, 31))
    return customer.number


def test_a_statement_is_told_with_its_running_balance(number: str) -> None:
    rows = run("payments", "statement", number, *DAYS, "--json").json

    assert [(row["on"], row["kind"], row["amount"], row["balance"]) for row in rows] == [
        ("2026-03-01", "opening balance", None, "120.00"),
        ("2026-03-31", "bill", "80.00", "200.00"),
        ("2026-03-31", "closing balance", None, "200.00"),
    ]
    assert "closing balance" in run("payments", "statement", number, *DAYS).out


def test_a_statement_is_written_as_a_pdf(number: str, tmp_path: Path) -> None:
    file = tmp_path / "statement.pdf"

    assert f"Written to {file}." in run("payments", "statement", number, *DAYS, "--out", str(file)).out.replace(
        "\n", ""
    )
    assert "Statement of account" in text(file.read_bytes())


def test_days_in_the_wrong_order_are_wrong_usage(number: str) -> None:
    answer = run("payments", "statement", number, "--since", "2026-03-31", "--until", "2026-03-01")

    assert answer.code == 2
    assert "exchange them" in answer.err
