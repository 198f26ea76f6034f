"""The tab Billing: the list, a bill's page, and who sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from quarterday.engine.periods import Period
from quarterday.web.templatetags.bills import period
from tests.web.bills_desk import billed, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import counting_queries


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-05-02T09:00:00+00:00", tick=False)
    open_the_shop()


def asked(client: Client, address: str) -> tuple[int, list[str]]:
    """The answer's status, and what the page asked the database."""
    with counting_queries() as queries:
        status = client.get(address).status_code
    return status, queries


def test_the_list_shows_what_a_clerk_looks_for(sign_in: SignIn) -> None:
    billed("North Dental")

    shown = page(sign_in("clerk"), "/billing/bills/")

    assert "INV-2026-00001" in shown
    assert "North Dental Europe/Berlin" in shown
    assert "monthly" in shown
    assert "1–30 Apr 2026" in shown
    assert "EUR 178.50" in shown
    assert "15 May 2026" in shown
    assert "open" in shown


@pytest.mark.parametrize(
    ("first", "end", "shown"),
    [
        (
            date(2026, 11, 1),
            date(2026, 12, 1),
            '<span class="q-nowrap">1.–30.\N{NO-BREAK SPACE}Nov.\N{NO-BREAK SPACE}2026</span>',
        ),
        (date(2026, 9, 30), date(2026, 10, 31), "30. Sept. – 30. Okt. 2026"),
    ],
)
def test_the_days_of_a_month_stay_on_one_line(first: date, end: date, shown: str) -> None:
    with translation.override("de"):
        said = period(Period(first, end))
    blanks = str.maketrans({"\N{THIN SPACE}": " ", "\N{NO-BREAK SPACE}": " "})
    assert said.translate(blanks) == shown.translate(blanks)


def test_an_empty_list_leads_to_the_dry_run(sign_in: SignIn) -> None:
    shown = sign_in("clerk").get("/billing/bills/").content.decode()

    assert "No bill yet" in shown
    assert shown.count('href="/billing/bills/run/"') == 2


@pytest.mark.parametrize("names", [("A",), ("A", "B", "C")])
def test_the_list_asks_the_same_questions_at_any_size(sign_in: SignIn, names: tuple[str, ...]) -> None:
    billed(*names)

    status, queries = asked(sign_in("clerk"), "/billing/bills/")

    assert status == 200
    assert len(queries) == 9, queries


@pytest.mark.parametrize("names", [("A",), ("A", "B", "C")])
def test_a_bill_asks_the_same_questions_at_any_size(sign_in: SignIn, names: tuple[str, ...]) -> None:
    bill = billed(*names)[0]

    status, queries = asked(sign_in("clerk"), f"/billing/bills/{bill.pk}/")

    assert status == 200
    assert len(queries) == 11, queries


def test_a_bill_opens_each_line_to_its_devices_rule_and_price(sign_in: SignIn) -> None:
    bill = billed("North Dental")[0]

    shown = page(sign_in("auditor"), f"/billing/bills/{bill.pk}/")

    assert "2 × 30.00 = 60.00" in shown
    assert "Counted: the devices present on the last day of the period (30 Apr 2026)" in shown
    assert "30.00 EUR each, by the plan's version of 1 Jan 2026" in shown
    assert "PC-2 1–30 Apr 2026 30" in shown
    assert "Issued · Clara Clerk 1 May 2026, 09:00 (Europe/Berlin) · INV-2026-00001" in shown


def test_a_bill_is_calculated_again(sign_in: SignIn) -> None:
    bill = billed("North Dental")[0]

    assert "It comes out the same, to the byte." in page(sign_in("auditor"), f"/billing/bills/{bill.pk}/proof/")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "pdf/",
        "facts.json",
        "proof/",
        "release/",
        "recount/",
        "discard/",
        "charge/",
        "credit/",
        "resend/",
        "payment/",
    ],
)
def test_a_foreign_bill_is_not_there(sign_in: SignIn, path: str) -> None:
    mine, foreign = billed("Mine", "Foreign")
    client = sign_in("customer_admin", customers=[mine.customer_id])

    answers = {client.get(f"/billing/bills/{pk}/{path}").status_code for pk in (foreign.pk, 999_999)}
    assert len(answers) == 1
    assert answers <= {403, 404, 405}
    shown = page(client, "/billing/bills/")
    assert ("Mine" in shown, "Foreign" in shown) == (True, False)
    assert b"Foreign" not in b"".join(client.get("/billing/bills/export.csv"))


@pytest.mark.parametrize(
    "address",
    [
        "/billing/bills/",
        "/billing/bills/?q=north&state=draft&paid=open&sent=failed&since=2026-01-01&sort=amount",
        "/billing/bills/?since=nonsense&sort=upwards&after=x",
        "/billing/bills/?state=discarded",
        "/billing/bills/consolidated/",
        "/billing/bills/waiting/",
        "/billing/bills/run/",
        "/billing/bills/charge/",
        "/billing/bills/payment/",
        "/billing/bills/payment/?customer=North%20Dental",
        "/billing/bills/charge/?customer=C-0001",
    ],
)
def test_every_page_of_the_tab_opens(sign_in: SignIn, address: str) -> None:
    billed("North Dental", review=True)

    page(sign_in("clerk"), address)
