"""The audit trail is read: who, from where, what, before and after."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest

from quarterday.customers.actions import change_customer
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from quarterday.upkeep.trail import COLUMNS, Wanted, csv_of_trail, trail_acts
from tests.cli.terminal import run
from tests.shop import NOW, a_customer

CLARA = Actor("person", "Clara Clerk", 1, address="203.0.113.5", request_id="11111111-aaaa")
ADAM = Actor("command", "command line", address="adam@billing")
LATER = NOW + timedelta(days=3)


@pytest.fixture
def customer(database: None) -> Customer:
    """North Dental, added, then moved by Clara, then renamed by a command three days later."""
    with acting(Scope.all()):
        north = a_customer()
        a_customer("South Law")
        change_customer(north, city="Kiel", by=CLARA, now=NOW)
        change_customer(north, name="=North()", by=ADAM, now=LATER)
    return north


def acts(**wanted: object) -> list[str]:
    with acting(Scope.all()):
        return [f"{act.who}: {act.act} {act.subject}" for act in trail_acts(Wanted(**wanted))]  # type: ignore[arg-type]


def test_an_act_says_who_from_where_and_what_was_before(customer: Customer) -> None:
    with acting(Scope.all()):
        _, moved, _, _ = trail_acts(Wanted())

    assert (moved.who, moved.kind, moved.address, moved.request_id) == (
        "Clara Clerk",
        "person",
        "203.0.113.5",
        "11111111-aaaa",
    )
    (change,) = moved.changes
    assert (change.field, change.before, change.after) == ("city", "", "Kiel")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"who": "adam"}, ["command line: changed =North()"]),
        ({"who": "clara", "what": "changed"}, ["Clara Clerk: changed North Dental"]),
        ({"what": "11111111-aaaa"}, ["Clara Clerk: changed North Dental"]),
        ({"what": "south"}, ["Clara Clerk: added South Law"]),
        ({"since": LATER}, ["command line: changed =North()"]),
        ({"since": NOW, "until": LATER, "what": "changed"}, ["Clara Clerk: changed North Dental"]),
        ({"who": "nobody"}, []),
    ],
)
def test_filters_leave_the_others_out(customer: Customer, wanted: dict[str, object], found: list[str]) -> None:
    assert acts(**wanted) == found


def test_a_customers_own_entries(customer: Customer) -> None:
    assert len(acts(customer_id=customer.pk)) == 3
    with acting(Scope.of(customer.pk)):
        assert len(trail_acts(Wanted())) == 3, "a scope sees its own customers' entries and no other"


def test_the_file_has_every_entry_and_no_formula(customer: Customer) -> None:
    with acting(Scope.all()):
        rows = list(csv.reader("".join(csv_of_trail(Wanted())).splitlines()))

    assert rows[0] == list(COLUMNS)
    assert len(rows) == 5
    assert rows[-1][COLUMNS.index("subject")] == "'=North()"
    assert rows[-1][COLUMNS.index("details")] == '{"name": ["North Dental", "=North()"]}'


def test_the_command_lists_and_a_command_says_from_where_it_came(customer: Customer, tmp_path) -> None:
    run("customers", "change", customer.number, "--set", "city=Bremen")

    (first, *_) = run("trail", "--customer", customer.number, "--json").json
    file = tmp_path / "trail.csv"
    written = run("trail", "--csv", str(file))

    assert first["details"] == {"city": ["Kiel", "Bremen"]}
    assert "@" in first["address"]
    assert written.code == 0
    assert len(file.read_text().splitlines()) == 6
    assert "North Dental" in run("trail", "--what", "added").out
