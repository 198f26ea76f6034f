"""A customer's data is downloaded or erased by an admin, who types its number first."""

from __future__ import annotations

import io
import zipfile

import pytest

from quarterday.customers.actions import add_contact
from quarterday.customers.models import Contact, Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import archive_customer
from quarterday.upkeep.privacy.places import PLACES
from quarterday.web.customers.privacy import TAKEN
from tests.shop import BY, NOW, a_customer
from tests.web.plans_desk import counting_queries, text_of


def archived(contacts: int = 1) -> Customer:
    with acting(Scope.all()):
        customer = a_customer()
        for number in range(contacts):
            add_contact(customer, name=f"Person {number}", by=BY, now=NOW)
        archive_customer(customer, on=NOW.date(), by=BY, now=NOW)
    return customer


def test_an_admin_downloads_everything_about_a_customer(sign_in):
    customer = archived()

    answer = sign_in("admin").post(f"/customers/{customer.pk}/data.zip")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as portfolio:
        assert b"Person 0" in portfolio.read("tables/customers_contact.csv")


def test_the_number_is_typed_before_anything_is_erased(sign_in):
    customer = archived()
    client = sign_in("admin")
    address = f"/customers/{customer.pk}/erase/"

    assert "contacts: 1" in text_of(client.get(address)).replace("  ", " ")
    assert "This is not its number" in text_of(client.post(address, {"number": "C-9"}))
    with acting(Scope.all()):
        assert Contact.objects.count() == 1

    assert "The personal data is erased" in text_of(client.post(address, {"number": customer.number}, follow=True))
    with acting(Scope.all()):
        assert Contact.objects.count() == 0


def test_what_stands_against_it_is_said_and_there_is_no_button(sign_in):
    with acting(Scope.all()):
        customer = a_customer()

    shown = text_of(sign_in("admin").get(f"/customers/{customer.pk}/erase/"))

    assert "North Dental is not archived" in shown
    assert "Erase for ever" not in shown


@pytest.mark.parametrize("role", ["clerk", "auditor"])
def test_nobody_but_an_admin_may(sign_in, role: str) -> None:
    customer = archived()
    client = sign_in(role)

    assert client.post(f"/customers/{customer.pk}/data.zip").status_code == 403
    assert client.get(f"/customers/{customer.pk}/erase/").status_code == 403


@pytest.mark.parametrize("contacts", [1, 3])
def test_the_preview_asks_the_same_number_of_queries_at_any_size(sign_in, contacts: int) -> None:
    customer = archived(contacts)
    client = sign_in("admin")

    with counting_queries() as asked:
        client.get(f"/customers/{customer.pk}/erase/")
    assert len(asked) == 8, asked


def test_whatever_is_taken_has_words_for_the_translators() -> None:
    assert {place.what for place in PLACES} == set(TAKEN)
