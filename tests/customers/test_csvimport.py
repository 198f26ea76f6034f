"""Customers from a CSV file: what it would do is shown, then exactly that is done, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quarterday.customers.csvimport import import_customers, read_customer_file
from quarterday.customers.models import Customer
from quarterday.customers.queries import customer_list, get_customer
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, a_customer

DEFAULTS = {"country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR", "language": "de"}


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        yield


def test_a_file_adds_changes_and_leaves_alone() -> None:
    a_customer("North Dental", city="Kiel")
    a_customer("South Law")
    file = read_customer_file(
        b"Customer number;Company;City;E-Mail;Shoe size\r\n"
        b"C-0001;North Dental;Hamburg;;44\r\n"
        b";South Law;;;\r\n"
        b";East Bakery;K\xc3\xb6ln;ap@east.example;38\r\n",
        defaults=DEFAULTS,
    )

    assert file.problems == []
    assert file.ignored_columns == ["Shoe size"]
    assert [row.changes for row in file.changed] == [{"city": ["Kiel", "Hamburg"]}]
    assert [row.fields["name"] for row in file.new] == ["East Bakery"]
    assert get_customer("C-0001").city == "Kiel", "a preview changes nothing"

    import_customers(file, by=BY, now=NOW)

    assert [(c.number, c.name, c.city) for c in customer_list(order="number")] == [
        ("C-0001", "North Dental", "Hamburg"),
        ("C-0002", "South Law", ""),
        ("C-0003", "East Bakery", "Köln"),
    ]
    assert get_customer("C-0003").language == "de"


def test_the_same_file_again_changes_nothing() -> None:
    content = b"name,city\nNorth,Kiel\n"
    import_customers(read_customer_file(content, defaults=DEFAULTS), by=BY, now=NOW)

    again = read_customer_file(content, defaults=DEFAULTS)

    assert (again.new, again.changed, len(again.rows)) == ([], [], 1)


def test_every_wrong_row_is_named_and_nothing_is_done() -> None:
    file = read_customer_file(
        b"name,country,currency,vat_id\n"
        b"Right,DE,EUR,\n"
        b"Wrong,Germany,EUR,\n"
        b",DE,EUR,\n"
        b'"Two\nlines",DE,EUR,\n'
        b"Worse,DE,Euro,DE1\n"
        b"Right,DE,EUR,\n",
        defaults=DEFAULTS,
    )

    assert [problem.field for problem in file.problems] == [
        "line 3, country",
        "line 4, name",
        "line 6, name",
        "line 7, currency",
        "line 8",
    ]
    assert "stands on line 2 already" in file.problems[-1].message
    with pytest.raises(Refused):
        import_customers(file, by=BY, now=NOW)
    assert not Customer.objects.exists()


def test_a_file_does_not_change_a_currency() -> None:
    a_customer("North")

    file = read_customer_file(b"name,currency\nNorth,USD\n", defaults=DEFAULTS)

    assert str(file.problems[0]) == "line 2, currency: is EUR and not changed by a file: leave it out."


def test_old_encodings_are_read() -> None:
    file = read_customer_file("name\tcity\nMüller\tKöln\n".encode("cp1252"), defaults=DEFAULTS)

    assert file.new[0].fields["name"] == "Müller"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has no rows"),
        (b"name,city\n", "has no rows"),
        (b"city,country\nKiel,DE\n", "the file's columns are city, country"),
        (b"name\nab\0c\n", "is no text"),
        (b"%PDF-1.7\n%", "another format \\(PDF\\): save the table as “CSV UTF-8” and import that"),
        (b'name\n"' + b"x" * 200_000 + b'"\n', "cannot be read"),
        (b"name\n" + b"x\n" * 20_001, "20,001 rows"),
        (b"x" * 5_000_001, "too large"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read_customer_file(content, defaults=DEFAULTS)
