"""Who owes what, the general ledger and the statement: pages and the same as CSV."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from quarterday.customers.models import Customer
from quarterday.payments.actions import record_payment, write_off
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.payments.conftest import customer, issued
from tests.shop import BY
from tests.web.bills_desk import open_the_shop, page
from tests.web.conftest import SignIn

NOW = datetime(2026, 5, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    open_the_shop()


@pytest.fixture
def clerk(sign_in: SignIn) -> Client:
    return sign_in("clerk")


def three_customers(count: int = 3) -> list[Customer]:
    """Each owes a bill of March and one of April; the first has paid 30.00 of them in April."""
    with acting(Scope.all()):
        made = [customer(f"Customer {n}", number=f"K-{n}") for n in range(count)]
        for owner in made:
            issued(owner, "100.00", on=date(2026, 3, 1))
            issued(owner, "50.00", on=date(2026, 4, 20))
        paid: dict[str, Any] = {
            "amount": Decimal(30),
            "currency": "EUR",
            "received_on": date(2026, 4, 10),
            "reference": "=1+1",
        }
        record_payment(made[0], **paid, now=NOW, by=BY)
    return made


def test_who_owes_what_is_shown_by_age_and_added_up(clerk: Client) -> None:
    three_customers()
    shown = page(clerk, "/billing/payments/")

    assert "Customer 0 EUR 120.00 EUR 50.00 EUR 0.00 EUR 70.00 EUR 0.00 EUR 0.00 EUR 0.00" in shown
    assert "All customers, EUR EUR 420.00 EUR 150.00 EUR 0.00 EUR 270.00" in shown


def test_a_day_in_the_past_is_shown_as_it_was(clerk: Client) -> None:
    three_customers()

    assert "Customer 0 EUR 100.00 EUR 0.00 EUR 100.00" in page(clerk, "/billing/payments/?on=2026-04-09")
    assert "Nobody owed anything" in page(clerk, "/billing/payments/?on=2026-02-01")
    assert "EUR 420.00" in page(clerk, "/billing/payments/?on=nonsense")


def test_the_same_as_csv(clerk: Client) -> None:
    three_customers()
    rows = clerk.get("/billing/payments/ageing.csv").content.decode().splitlines()

    assert rows[0].startswith("customer_number,customer,currency,open,not_due")
    assert rows[1] == "K-0,Customer 0,EUR,120.00,50.00,0.00,70.00,0.00,0.00,0.00"
    assert len(rows) == 4


def test_the_ledger_shows_each_account_before_and_after_some_days(clerk: Client) -> None:
    three_customers(1)
    april = page(clerk, "/billing/payments/ledger/?first=2026-04-01&last=2026-04-30")

    assert "Receivables what is open of bills EUR 100.00 EUR 50.00 EUR 30.00 EUR 120.00" in april
    assert "Money received less what was given back EUR 0.00 EUR 30.00 EUR 0.00 EUR 30.00" in april
    assert "this month is shown" in page(clerk, "/billing/payments/ledger/?first=2026-04-02&last=2026-04-01")
    assert "Nothing is booked" in page(clerk, "/billing/payments/ledger/?first=2025-01-01&last=2025-02-01")


def test_every_posting_is_in_the_csv_and_nothing_in_it_is_run(clerk: Client) -> None:
    three_customers(1)
    answer = clerk.get("/billing/payments/ledger.csv?first=2026-04-01&last=2026-04-30")
    rows = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert rows[0] == "booked_on,what,document,customer_number,customer,account,debit,credit,currency"
    assert "2026-04-10,payment,'=1+1,K-0,Customer 0,bank,30.00,,EUR" in rows
    assert "2026-04-10,payment,'=1+1,K-0,Customer 0,customer_credit,,30.00,EUR" in rows
    assert len(rows) == 7


def test_a_statement_is_a_csv_with_both_balances(clerk: Client) -> None:
    (owner,) = three_customers(1)
    address = f"/billing/customers/{owner.pk}/statement.csv?first=2026-04-01&last=2026-04-30"
    shown = clerk.get(f"/customers/{owner.pk}/account/?first=2026-04-01&last=2026-04-30").content.decode()
    assert f"{address.replace('&', '&amp;')}&amp;currency=EUR" in shown  # the account's page leads to it
    rows = clerk.get(address).content.decode().splitlines()

    assert rows[1] == "2026-04-01,opening balance,,,,100.00,EUR"
    assert rows[2] == "2026-04-10,payment,'=1+1,,-30.00,70.00,EUR"
    assert rows[-1] == "2026-04-30,closing balance,,,,120.00,EUR"


def test_write_offs_are_listed_with_their_reason(clerk: Client) -> None:
    assert "Nothing was written off" in page(clerk, "/billing/payments/write-offs/")
    with acting(Scope.all()):
        write_off(issued(customer("North"), "10.00"), reason="insolvent", now=NOW, by=BY)

    assert "North 2 May 2026 EUR 10.00 insolvent" in page(clerk, "/billing/payments/write-offs/")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("/billing/payments/", 10), ("/billing/payments/ledger/", 10), ("/billing/payments/write-offs/", 9)],
)
def test_the_pages_ask_a_fixed_number_of_questions(
    clerk: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int, address: str, queries: int
) -> None:
    with acting(Scope.all()):
        for owner in three_customers(count):
            write_off(issued(owner, "10.00"), reason="insolvent", now=NOW, by=BY)
    clerk.get("/")

    with django_assert_num_queries(queries):
        clerk.get(address)


def test_a_customers_own_people_see_their_account_and_not_our_books(sign_in: SignIn) -> None:
    first, second, _ = three_customers()
    reader = sign_in("customer_admin", customers=[second.pk])

    shown = page(reader, "/billing/payments/")
    assert "Customer 1" in shown
    assert "Customer 0" not in shown
    for address in ("/billing/payments/ledger/", "/billing/payments/ledger.csv", "/billing/payments/write-offs/"):
        assert reader.get(address).status_code == 404
    assert reader.get(f"/billing/customers/{first.pk}/statement.csv").status_code == 404
