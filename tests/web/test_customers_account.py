"""A customer's statement of account: the page, the PDF and the CSV are over the same days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from quarterday.customers.models import Customer
from quarterday.payments.actions import record_payment
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, a_customer
from tests.web.conftest import SignIn
from tests.web.plans_desk import Desk, at_desk, text_of

PAPERS = ("/customers/{}/account/", "/billing/customers/{}/statement.pdf", "/billing/customers/{}/statement.csv")


@pytest.fixture
def desk(sign_in: SignIn, time_machine: object) -> Desk:
    return at_desk(sign_in, time_machine)


@pytest.fixture
def north(desk: Desk) -> Iterator[Customer]:
    """Paid 50.00 EUR and 20.00 USD in April."""
    with acting(Scope.all()):
        customer = a_customer("North Dental")
        for amount, currency in (("50.00", "EUR"), ("20.00", "USD")):
            record_payment(
                customer, amount=Decimal(amount), currency=currency, received_on=date(2026, 4, 3), by=BY, now=NOW
            )
        yield customer


def test_a_range_that_ends_before_it_starts_is_told(desk: Desk, north: Customer) -> None:
    said = text_of(desk.get(f"/customers/{north.pk}/account/", first="2026-04-02", last="2026-04-01"))

    assert "The last day was before the first" in said
    assert "3 Apr 2026 Payment" in said


@pytest.mark.parametrize("address", PAPERS)
@pytest.mark.parametrize("last", ["nonsense", "9999-12-31", "2026-02-30"])
def test_a_day_that_cannot_be_shown_leaves_the_usual_days(desk: Desk, north: Customer, address: str, last: str) -> None:
    assert desk.get(address.format(north.pk), first="2026-01-01", last=last).status_code == 200


def test_without_days_the_page_and_its_files_show_the_last_thirteen_months(desk: Desk, north: Customer) -> None:
    page, pdf, csv = (desk.get(address.format(north.pk)) for address in PAPERS)

    assert b'name="first" value="2025-04-01"' in page.content
    assert f"{north.number}-statement-2025-04-01-2026-04-10.pdf" in pdf["Content-Disposition"]
    assert csv.content.decode().splitlines()[1] == "2025-04-01,opening balance,,,,0.00,EUR"


def test_each_currency_has_a_statement_of_its_own(desk: Desk, north: Customer) -> None:
    def last_line(currency: str) -> str:
        return desk.get(PAPERS[2].format(north.pk), currency=currency).content.decode().splitlines()[-1]

    assert last_line("USD") == "2026-04-10,closing balance,,,,-20.00,USD"
    assert last_line("CHF") == "2026-04-10,closing balance,,,,-50.00,EUR", "nothing was ever in francs"
