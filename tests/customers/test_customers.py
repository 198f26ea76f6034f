"""Who is billed: adding, changing, time zones, archiving, finding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from quarterday.customers.actions import (
    ChangedMeanwhile,
    add_contact,
    add_customers,
    change_contact,
    change_customer,
    mark_archived,
    remove_contact,
    restore_customer,
)
from quarterday.customers.models import Customer, ZoneChange
from quarterday.customers.queries import (
    contacts_of,
    customer_list,
    customers_by_id,
    customers_named,
    find_customer,
    get_customer,
    zone_histories,
)
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, a_customer


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        yield


def test_customers_are_numbered_in_turn() -> None:
    a_customer("North")
    a_customer("Own number", number="K-77")
    a_customer("South")

    assert [customer.number for customer in customer_list(order="number")] == ["C-0001", "C-0002", "K-77"]


def test_a_customer_is_kept_in_one_form_and_told_to_the_trail() -> None:
    customer = a_customer(
        "  Café Lyon ",
        country="fr",
        currency="eur",
        language="de-fr",
        tax_status="business",
        vat_id="61 954 506 077",
        emails="a@lyon.example; b@lyon.example, a@LYON.example",
    )

    kept = Customer.objects.get(pk=customer.pk)
    assert (kept.name, kept.country, kept.currency, kept.language) == ("Café Lyon", "FR", "EUR", "de-FR")
    assert kept.vat_id == "FR61954506077"
    assert kept.emails == ["a@LYON.example", "b@lyon.example"]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject_name, entry.customer_id) == ("added", "Café Lyon", customer.pk)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"country": ""}, "country", "is missing"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "use an IANA name"),
        ({"time_zone": None}, "time_zone", "is missing"),
        ({"currency": "EURO"}, "currency", "three capital letters"),
        ({"currency": "CLF"}, "currency", "has 4 decimals, amounts on bills have 3 at most"),
        ({"country": "XX"}, "country", "two letters"),
        ({"language": "klingon"}, "language", "use one of de, en"),
        ({"emails": "a@b"}, "emails", "is not an e-mail address"),
        ({"emails": ["x@y.example"] + [f"a{n}@b.example" for n in range(60)]}, "emails", "at most 50"),
        ({"name": ""}, "name", "is missing"),
        ({"name": "a\x00b"}, "name", "control character"),
        ({"name": "\x1b[31mred"}, "name", "control character"),
        ({"tax_status": "rich"}, "tax_status", "is not one of"),
        ({"vat_id": "DE1"}, "vat_id", "not a VAT number of Germany"),
        ({"country": "FR", "tax_status": "business"}, "vat_id", "is missing: a business in the EU"),
        ({"reminder_days_after": "400"}, "reminder_days_after", "from 0 to 365"),
        ({"archived_on": date(2026, 1, 1)}, "archived_on", "cannot be set here"),
    ],
)
def test_a_wrong_field_is_refused_in_words(fields: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Refused) as error:
        a_customer(**fields)

    assert [(problem.field, words in problem.message) for problem in error.value.problems] == [(field, True)]
    assert not Customer.objects.exists()


def test_many_are_added_all_or_none_and_each_wrong_row_is_named() -> None:
    good = {"name": "North", "country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR"}

    with pytest.raises(Refused) as error:
        add_customers([good, {**good, "currency": "QQQ"}, {"name": "South"}], by=BY, now=NOW)

    assert [problem.field for problem in error.value.problems] == [
        "row 2, currency",
        "row 3, country",
        "row 3, time_zone",
        "row 3, currency",
    ]
    assert not Customer.objects.exists()


def test_a_number_is_given_once() -> None:
    a_customer("North", number="K-1")

    with pytest.raises(Refused, match="number: 'K-1' is taken"):
        a_customer("South", number="K-1")
    with pytest.raises(Refused, match="number: 'K-1' is taken"):
        change_customer(a_customer("East"), number="K-1", by=BY, now=NOW)


def test_the_second_of_two_editors_is_told() -> None:
    customer = a_customer()
    mine, theirs = get_customer(customer.number), get_customer(customer.number)
    change_customer(theirs, city="Bremen", by=BY, now=NOW)

    with pytest.raises(ChangedMeanwhile, match="North Dental was changed by somebody else"):
        change_customer(mine, city="Berlin", by=BY, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        change_customer(get_customer(customer.number), city="Berlin", seen=1, by=BY, now=NOW)
    change_customer(get_customer(customer.number), city="Berlin", seen=2, by=BY, now=NOW)

    assert get_customer(customer.number).city == "Berlin"


def test_a_change_to_what_is_already_so_tells_nothing() -> None:
    customer = a_customer()

    assert change_customer(customer, currency="EUR", country="DE", by=BY, now=NOW) == {}
    assert customer.revision == 1
    assert AuditEntry.objects.filter(verb="changed").count() == 0


def test_the_currency_is_an_act_of_its_own() -> None:
    with pytest.raises(Refused, match="currency: cannot be changed among other fields"):
        change_customer(a_customer(), currency="USD", by=BY, now=NOW)


def test_a_changed_zone_counts_for_periods_that_start_after_the_day_of_the_change() -> None:
    customer = a_customer(time_zone="Europe/Berlin")
    # 23:30 UTC on the 9th is the 10th in Berlin and the 9th in New York.
    change_customer(customer, time_zone="America/New_York", by=BY, now=datetime(2026, 4, 9, 23, 30, tzinfo=UTC))

    zones = zone_histories([customer])[customer.pk]
    assert zones.on(date(2026, 4, 1)) == "Europe/Berlin"
    assert zones.on(date(2026, 4, 10)) == "Europe/Berlin"
    assert zones.on(date(2026, 4, 11)) == "America/New_York"


def test_a_zone_changed_twice_on_a_day_is_one_change_and_back_again_is_none() -> None:
    customer = a_customer(time_zone="Europe/Berlin")
    change_customer(customer, time_zone="Africa/Cairo", by=BY, now=NOW)
    change_customer(customer, time_zone="Asia/Tokyo", by=BY, now=NOW)

    assert [(c.before, c.after) for c in ZoneChange.objects.all()] == [("Europe/Berlin", "Asia/Tokyo")]
    change_customer(customer, time_zone="Europe/Berlin", by=BY, now=NOW)
    assert not ZoneChange.objects.exists()


def test_zones_of_many_customers_cost_one_query(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    customers = [a_customer(f"Customer {n}") for n in range(3)]
    change_customer(customers[0], time_zone="Asia/Tokyo", by=BY, now=NOW)

    with django_assert_num_queries(1):
        histories = zone_histories(customers)

    assert histories[customers[0].pk].on(date(2026, 5, 1)) == "Asia/Tokyo"
    assert histories[customers[1].pk].on(date(2026, 5, 1)) == "Europe/Berlin"


def test_an_archived_customer_leaves_the_list_and_can_come_back() -> None:
    customer = a_customer()
    mark_archived(customer, on=date(2026, 4, 30), by=BY, now=NOW)

    assert list(customer_list()) == []
    assert list(customer_list(archived=True)) == [customer]
    with pytest.raises(Refused, match="archived already"):
        mark_archived(customer, on=date(2026, 4, 30), by=BY, now=NOW)
    restore_customer(customer, by=BY, now=NOW)
    assert list(customer_list()) == [customer]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("dental", ["North Dental"]),
        ("c-0002", ["South Law"]),
        ("law bremen", ["South Law"]),
        ("it@north", ["North Dental"]),
        ("%", []),
        ("\0", ["North Dental", "South Law"]),
        ("'; DROP TABLE customers_customer; --", []),
    ],
)
def test_customers_are_found_by_what_people_remember(search: str, found: list[str]) -> None:
    a_customer("North Dental")
    a_customer("South Law", city="Bremen", emails=["ap@south.example"])

    assert [customer.name for customer in customer_list(search=search)] == found


def test_customers_are_named_by_number_or_name_and_all_unknown_ones_are_told() -> None:
    north, south = a_customer("North"), a_customer("South")
    a_customer("Twin")
    a_customer("Twin")

    assert customers_named(["South", "C-0001", "North"]) == [south, north]
    with pytest.raises(NotFound, match="'West' is not known; 'East' is not known"):
        customers_named(["West", "North", "East"])
    with pytest.raises(NotFound, match="'Twin' is the name of 2 customers, say the number"):
        customers_named(["Twin"])
    with pytest.raises(NotFound, match=r"'\\x00' is not known"):
        customers_named(["\0"])


def test_contacts_are_kept_and_forgotten() -> None:
    customer = a_customer()
    contact = add_contact(customer, name="Ada", email="ada@north.example", by=BY, now=NOW)
    change_contact(contact, phone="030 123", email="", by=BY, now=NOW)

    assert [(c.name, c.email, c.phone) for c in contacts_of(customer)] == [("Ada", "", "030 123")]
    with pytest.raises(Refused, match="name: is missing"):
        add_contact(customer, by=BY, now=NOW)
    remove_contact(contact, by=BY, now=NOW)
    assert not contacts_of(customer)


def test_a_scope_sees_only_its_customers_in_every_query() -> None:
    mine, theirs = a_customer("Mine"), a_customer("Theirs")
    for customer in (mine, theirs):
        add_contact(customer, name="Ada", by=BY, now=NOW)
        change_customer(customer, time_zone="Asia/Tokyo", by=BY, now=NOW)

    with acting(Scope.of(mine.pk)):
        assert list(customer_list(archived=None)) == [mine]
        assert find_customer(theirs.pk) is None
        assert customers_by_id([mine.pk, theirs.pk]) == {mine.pk: mine}
        assert list(contacts_of(theirs)) == []
        assert zone_histories([mine, theirs])[theirs.pk].changes == ()
        assert zone_histories([mine, theirs])[mine.pk].changes != ()
        with pytest.raises(NotFound) as foreign:
            get_customer(theirs.number)
        with pytest.raises(NotFound) as missing:
            get_customer("C-9999")
        with pytest.raises(NotFound):
            customers_named(["Theirs"])
    assert str(foreign.value).replace(theirs.number, "C-9999") == str(missing.value)
