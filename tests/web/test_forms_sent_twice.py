"""A form that adds money to what there is counts once: a double click, a page sent anew, a clerk and a slow network."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.cache.backends.db import DatabaseCache
from django.test import Client

from quarterday.config import settings as shipped
from quarterday.payments.actions import record_payment
from quarterday.payments.models import Payment, Refund
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.models import Adjustment
from tests.shop import BY, NOW
from tests.web.bills_desk import MAY, billed, customers, fields_of, fill, open_the_shop
from tests.web.conftest import SignIn
from tests.web.plans_desk import text_of

SENT = "This form was sent before and is done already: look, before you do it again."


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-05-02T09:00:00+00:00", tick=False)
    open_the_shop()


@pytest.fixture
def clerk(sign_in: SignIn) -> Client:
    return sign_in("clerk")


def form_of(client: Client, address: str) -> dict[str, Any]:
    return {name: value for name, value in fields_of(client.get(address)).items() if value is not None}


def test_a_payment_is_recorded_once_and_the_next_one_is_another(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    address = f"/billing/bills/{bill.pk}/payment/"
    form = {**form_of(clerk, address), "amount": "50.00"}

    answers = [clerk.post(address, form) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [302, 200, 200]
    assert SENT in text_of(answers[1])
    clerk.post(address, {**form_of(clerk, address), "amount": "50.00"})
    with acting(Scope.all()):
        assert [payment.amount for payment in Payment.objects.all()] == [Decimal(50), Decimal(50)]


def test_a_form_that_was_refused_is_mended_and_sent_again(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    address = f"/billing/bills/{bill.pk}/payment/"

    refused = clerk.post(address, {**form_of(clerk, address), "amount": "1.234"})
    mended = {name: value for name, value in fields_of(refused).items() if value is not None}

    assert clerk.post(address, {**mended, "amount": "1.23"}).status_code == 302


def test_part_of_a_payment_goes_back_once(clerk: Client) -> None:
    (customer,) = customers("North Dental")
    with acting(Scope.all()):
        payment = record_payment(customer, amount=Decimal(100), currency="EUR", received_on=MAY, now=NOW, by=BY)
    address = f"/billing/payments/{payment.pk}/refund/"
    agreed = {**fields_of(fill(clerk, address, amount="10.00", reference="paid twice")), "agree": "yes"}

    answers = [clerk.post(address, agreed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 200]
    assert SENT in text_of(answers[1])
    with acting(Scope.all()):
        assert [refund.amount for refund in Refund.objects.all()] == [Decimal(10)]


def test_a_charge_is_added_once(clerk: Client) -> None:
    (customer,) = customers("North Dental")
    address = f"/billing/bills/charge/?customer={customer.pk}"
    looked = fill(clerk, address, kind="charge", text="Onboarding", value="100.00", how_often="once")
    agreed = {**fields_of(looked), "agree": "yes"}

    for _ in range(2):
        clerk.post(address, agreed)

    with acting(Scope.all()):
        assert Adjustment.objects.count() == 1


def test_what_was_used_or_tried_is_not_forgotten_for_what_others_try(database: None) -> None:
    told: Any = shipped.CACHES["default"]
    cache = DatabaseCache(told["LOCATION"], {"OPTIONS": told["OPTIONS"], "TIMEOUT": 300})

    cache.set("the-code-that-was-used", 1)
    for number in range(400):
        cache.set(f"the-try-{number}-of-another", 1)

    assert cache.get("the-code-that-was-used") == 1
