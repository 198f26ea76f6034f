"""Customers from a CSV file: looked at first, every bad row named, then done as it was seen."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quarterday.accounts.models import Upload
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import a_customer
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of

DEFAULTS = {"country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR", "language": "de"}
GOOD = "name;number;city;e-mail;colour\nNorth;;Kiel;it@north.example;red\nSouth;C-9;Bonn;;\n"


@pytest.fixture
def desk(sign_in, time_machine):
    return at_desk(sign_in, time_machine)


@pytest.fixture
def everything(desk):
    with acting(Scope.all()):
        yield


def upload(desk, text, **fields):
    return desk.post(
        "/customers/import/", file=SimpleUploadedFile("list.csv", text.encode()), fields={**DEFAULTS, **fields}
    )


def test_nothing_is_saved_before_it_was_seen(desk, everything):
    a_customer("South", number="C-9", city="Berlin")
    preview = upload(desk, GOOD)["Location"]
    said = text_of(desk.get(preview))
    assert "1 customer is new , 1 is changed, 0 stay as they are." in said
    assert "These columns mean nothing to us: colour." in said
    assert "2 North the next one Kiel DE Europe/Berlin EUR it@north.example" in said
    assert "3 South City: Berlin → Bonn" in said
    assert Customer.objects.count() == 1

    desk.post(preview, fields={**fields_of(desk.get(preview)), "import": "yes"})
    assert sorted(Customer.objects.values_list("number", "name", "city", "time_zone")) == [
        ("C-0010", "North", "Kiel", "Europe/Berlin"),
        ("C-9", "South", "Bonn", "Europe/Berlin"),
    ]
    assert not Upload.objects.exists()


def test_every_bad_row_is_named_and_nothing_can_be_imported(desk, everything):
    preview = upload(desk, "name,country,vat_id\nNorth,XX,\nSouth,DE,DE123\nWest,DE,\n")["Location"]
    answer = desk.get(preview)
    said = text_of(answer)
    assert answer.status_code == 422
    assert "Nothing is imported until these 2 are mended" in said
    assert "line 2, country 'XX' is not a country: use the two letters of ISO 3166, such as DE." in said
    assert "line 3, vat_id 'DE123' is not a VAT number of Germany" in said
    assert "Import this" not in said
    desk.post(preview, fields={"import": "yes", "seen": "x"})
    assert not Customer.objects.exists()


def test_a_file_that_would_do_something_else_by_now_is_looked_at_again(desk, everything):
    preview = upload(desk, GOOD)["Location"]
    seen = fields_of(desk.get(preview))
    a_customer("North")
    answer = desk.post(preview, fields={**seen, "import": "yes"})
    assert "the file would do something else: look again" in text_of(answer)
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "submitted file is empty"),
        ("name\n", "has no rows"),
        ("colour\nred\n", "head one of them “name”"),
        ("name\n\0\n", "is no text: save the table as CSV"),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_its_field(desk, everything, content, words):
    answer = upload(desk, content)
    assert answer.status_code == 200
    assert words in text_of(answer)
    assert b'id="id_file_error"' in answer.content
    assert not Upload.objects.exists()


def test_the_file_is_its_users_alone_and_is_put_away_when_asked(desk, everything, sign_in):
    preview = upload(desk, GOOD)["Location"]
    assert sign_in("admin").get(preview).status_code == 404
    assert desk.post(preview, discard="yes")["Location"] == "/customers/"
    assert desk.get(preview).status_code == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_more_rows_need_no_more_queries(desk, everything, count):
    rows = "".join(f"Customer {number}\n" for number in range(count))
    preview = upload(desk, f"name\n{rows}")["Location"]
    with counting_queries() as asked:
        assert desk.get(preview).status_code == 200
    assert len(asked) == 5, asked
