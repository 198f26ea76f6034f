"""A bill is written off from its page, after a look, and the write-off is taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.web.bills_desk import agree, billed, fill, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import text_of


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-05-02T09:00:00+00:00", tick=False)
    open_the_shop()


@pytest.fixture
def clerk(sign_in: SignIn) -> Client:
    return sign_in("clerk")


def test_a_bill_is_written_off_after_a_look_and_taken_back(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    address = f"/billing/bills/{bill.pk}/write-off/"

    looked = fill(clerk, address, amount="100.00", reason="Insolvent")
    assert "Open of INV-2026-00001 EUR 78.50 What the customer owes EUR 78.50" in text_of(looked)
    assert "Nothing is written off yet." in text_of(looked)

    after = agree(clerk, address, looked)
    assert "EUR 100.00 of INV-2026-00001 are written off." in after
    assert "written off: Insolvent" in after
    assert "INV-2026-00001" in page(clerk, "/billing/bills/?paid=written+off")
    account = page(clerk, f"/customers/{bill.customer_id}/account/")
    assert "Written off INV-2026-00001" in account

    taken = clerk.post(taking_back(clerk, bill.pk), {"reason": "It came"}, follow=True)
    assert "The write-off is taken back: EUR 100.00 of INV-2026-00001 are open again." in text_of(taken)
    assert "Write-off taken back · Clerk" in text_of(taken)


def test_what_cannot_be_written_off_is_said_beside_its_field(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    address = f"/billing/bills/{bill.pk}/write-off/"

    assert "178.51 is more than the EUR 178.50 that are open." in text_of(
        fill(clerk, address, amount="178.51", reason="Insolvent")
    )
    assert "This field is required." in text_of(fill(clerk, address, reason=" "))


def test_the_pages_ask_a_fixed_number_of_questions(
    clerk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    (bill,) = billed("North Dental")
    clerk.get("/")

    with django_assert_num_queries(10):
        clerk.get(f"/billing/bills/{bill.pk}/write-off/")


@pytest.mark.parametrize("role", ["auditor", "customer_admin"])
def test_who_only_reads_cannot_write_off(sign_in: SignIn, role: str) -> None:
    (bill,) = billed("North Dental")

    assert sign_in(role, customers=[bill.customer_id]).get(f"/billing/bills/{bill.pk}/write-off/").status_code == 403


def taking_back(clerk: Client, pk: int) -> str:
    """The address behind "take it back" on the bill's page."""
    shown = clerk.get(f"/billing/bills/{pk}/").content.decode()
    (address,) = re.findall(r'href="(/billing/payments/write-offs/\d+/)"', shown)
    return str(address)
