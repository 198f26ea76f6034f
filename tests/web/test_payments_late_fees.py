"""Late fees on the pages: set, shown before they are charged, listed, let go."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from quarterday.payments.late_fees import charge_late_fees
from quarterday.provider.queries import get_provider
from quarterday.shared.database import acting
from quarterday.shared.scope import WORKER, Scope
from tests.bills.desk import moment
from tests.web.bills_desk import MAY, billed, fill, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import fields_of, text_of

SETTINGS, FEES = "/settings/reminders/", "/billing/payments/late-fees/"
FIVE_EUROS = {"late_fee_days": "14", "late_fee_since": "2026-01-01", "late_fee_amount": "5.00"}


@pytest.fixture(autouse=True)
def june(database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-06-20T09:00:00+00:00", tick=False)
    open_the_shop()


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in("admin")


def setting(admin: Client, **fields: str) -> Any:
    return admin.post(SETTINGS, {**fields_of(admin.get(SETTINGS)), **fields}, follow=True)


def due(admin: Client) -> str:
    """What a look at the fees that are due says."""
    return text_of(admin.post(FEES))


def charge() -> None:
    with acting(Scope.all()):
        charge_late_fees(now=moment(MAY.replace(month=6, day=20)), by=WORKER)


def test_a_fee_is_set_shown_before_it_is_charged_and_let_go(admin: Client) -> None:
    (bill,) = billed("North Dental")
    assert "Nobody is charged a late fee: no days are set for it." in page(admin, FEES)

    saved = text_of(setting(admin, **FIVE_EUROS))
    assert "English Late fee for invoice INV-2026-00042 of 1 April 2026, due on 15 April 2026" in saved
    assert "INV-2026-00001 North Dental 15 May 2026 EUR 178.50 EUR 5.00" in due(admin)

    charge()
    assert "No late fee is due now." in due(admin)
    shown = page(admin, FEES)
    assert "EUR 5.00 waits for the next bill Let it go" in shown
    assert "Late fee charged" in page(admin, f"/billing/bills/{bill.pk}/")
    (address,) = re.findall(rf'href="({FEES}\d+/)"', admin.get(FEES).content.decode())
    assert "This field is required." in text_of(fill(admin, address))
    after = text_of(admin.post(address, {"reason": "the payment crossed"}, follow=True))
    assert "The late fee of EUR 5.00 for INV-2026-00001 is let go." in after
    assert "Late fee let go" in page(admin, f"/billing/bills/{bill.pk}/")
    assert "It was let go." in page(admin, address)


def test_half_a_setting_is_told_beside_its_fields(admin: Client) -> None:
    shown = text_of(setting(admin, late_fee_days="14"))
    assert "bills of which date, and later ones, have the fee?" in shown
    assert "give an amount or a percentage, not both." in shown
    unknown = text_of(setting(admin, **FIVE_EUROS, late_fee_text="Fee for {client}"))
    assert "The text uses {client}, which is not known here. Known are {number}, {issued}" in unknown
    with acting(Scope.all()):
        assert get_provider().late_fee_days is None


def test_a_customer_is_spared_or_has_a_fee_of_its_own(admin: Client) -> None:
    (bill,) = billed("North Dental")
    setting(admin, **FIVE_EUROS)
    details, edit = f"/customers/{bill.customer_id}/details/", f"/customers/{bill.customer_id}/change/"
    assert "Late fee EUR 5.00, 14 days after a bill is due" in page(admin, details)

    admin.post(edit, {**fields_of(admin.get(edit)), "late_fee_percent": "1.5"})
    assert "Late fee 1.5% of what is open, 14 days after a bill is due" in page(admin, details)
    assert "EUR 178.50 EUR 2.68" in due(admin)

    kept = fields_of(admin.get(edit))
    assert kept["late_fee_percent"] == "1.50"
    admin.post(edit, {name: value for name, value in kept.items() if name != "late_fees"})
    assert "Late fee none" in page(admin, details)
    assert "No late fee is due now." in due(admin)


def test_the_pages_ask_a_fixed_number_of_questions(
    admin: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    billed("North Dental")
    setting(admin, **FIVE_EUROS)
    with django_assert_num_queries(10):
        admin.get(FEES)
    charge()
    with django_assert_num_queries(10):
        admin.get(FEES)


@pytest.mark.parametrize("role", ["customer_admin", "contact"])
def test_a_customers_own_people_do_not_see_the_list(sign_in: SignIn, role: str) -> None:
    (bill,) = billed("North Dental")
    assert sign_in(role, customers=[bill.customer_id]).get(FEES).status_code in (403, 404)
