"""Whose postal address a bill would lack, told before the bill goes out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quarterday.customers.addressing import MissingAddresses, addresses_missing_for, missing_addresses
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import a_customer, open_shop


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        yield


def test_an_address_is_there_when_it_has_street_and_city() -> None:
    shop = open_shop(street="Hafen 1", city="Kiel")
    whole = a_customer("Whole", street="Markt 2", city="Bonn")
    no_street = a_customer("No street", city="Bonn")
    no_city = a_customer("No city", street="Markt 2")

    told = missing_addresses(shop, [whole, no_street, no_city])

    assert told == MissingAddresses(is_ours=False, customers=("No city", "No street"))


def test_ours_is_missed_once_we_are_set_up() -> None:
    assert not missing_addresses(None, [])
    assert missing_addresses(open_shop(city="Kiel"), []).is_ours


def test_only_those_who_are_asked_for_are_told() -> None:
    open_shop(street="Hafen 1", city="Kiel")
    asked, _other = a_customer("Asked"), a_customer("Other")

    assert addresses_missing_for([asked.pk]) == MissingAddresses(is_ours=False, customers=("Asked",))
    assert not addresses_missing_for([])


def test_five_names_are_read_and_the_rest_is_counted() -> None:
    missing = MissingAddresses(is_ours=False, customers=tuple("ABCDEFG"))

    assert (missing.first_customers, missing.more_count) == (("A", "B", "C", "D", "E"), 2)
