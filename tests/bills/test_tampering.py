"""What was written stays: the tables refuse even their owner, and what a superuser forces is found and named."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest

from quarterday.bills.actions import DraftChanged, release_bill
from quarterday.bills.models import Bill
from quarterday.bills.queries import Unexplained, bridge_to
from quarterday.bills.queries.proving import faults_of_bills, faults_of_chain, recompute
from quarterday.bills.stored import stored_contents
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on, moment
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

if TYPE_CHECKING:
    from tests.databases import Database

APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))

FROZEN = ["bills_bill", "bills_billline", "bills_billissue", "bills_billfacts", "bills_billtax", "bills_partycopy"]


@pytest.fixture
def books(fresh_database: Database) -> Database:
    """Two issued bills and a draft, committed."""
    with acting(Scope.all()):
        open_shop()
        plan = a_plan()
        for name, review in (("Alpha", False), ("Beta", False), ("Careful", True)):
            customer = a_customer(name)
            a_subscription(customer, plan, review_first_bill=review)
            present(customer, "PC-1 #>\nPC-2 #>", start=APRIL)
    bill_on(MAY)
    return fresh_database


def force(database: Database, change: str) -> None:
    """Change rows as only a superuser can, who switches the triggers off."""
    with psycopg.connect(database.superuser) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(change)


def test_rows_that_are_written_once_refuse_their_owner(books: Database) -> None:
    with psycopg.connect(books.owner, autocommit=True) as owner:
        for table in FROZEN:
            owner.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            for change in ("UPDATE {} SET customer_id = customer_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
                with pytest.raises(psycopg.errors.RestrictViolation, match="written once"):
                    owner.execute(change.format(table))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE bills_bill SET due_days = 99 WHERE id = 1", {"content", "arithmetic"}),
        ("UPDATE bills_bill SET net = net - 10, total = total - 10 WHERE id = 1", {"content", "sums", "arithmetic"}),
        ("UPDATE bills_billline SET net = 1 WHERE bill_id = 1", {"content", "sums", "arithmetic"}),
        ("UPDATE bills_billline SET device_days = '{1,1}' WHERE bill_id = 1", {"content", "arithmetic"}),
        ("UPDATE bills_billtax SET rate = 7 WHERE bill_id = 1", {"content", "arithmetic"}),
        (
            "UPDATE bills_billfacts SET data = (SELECT data FROM bills_billfacts WHERE bill_id = 2) WHERE bill_id = 1",
            {"facts"},
        ),
        ("UPDATE bills_billfacts SET data = 'x' WHERE bill_id = 1", {"facts"}),
        ("UPDATE bills_bill SET content_digest = sha256('x') WHERE id = 1", {"content", "hash"}),
        ("UPDATE bills_billissue SET due_on = due_on + 30 WHERE sequence = 1", {"hash"}),
        ("UPDATE bills_billissue SET number = 'INV-2026-99999' WHERE sequence = 1", {"hash"}),
        ("DELETE FROM bills_billissue WHERE sequence = 1", {"gap", "chain"}),
        ("DELETE FROM bills_billissue WHERE sequence = 2", {"counter"}),
        ("UPDATE bills_numbercounter SET last_number = 7", {"counter"}),
    ],
)
def test_what_a_superuser_forces_is_found_and_named(books: Database, change: str, found: set[str]) -> None:
    with acting(Scope.all()):
        assert [*faults_of_bills([1, 2, 3]), *faults_of_chain()] == []

    force(books, change)

    with acting(Scope.all()):
        assert {fault.code for fault in (*faults_of_bills([1, 2, 3]), *faults_of_chain())} == found


@pytest.mark.parametrize("change", ["due_days = 99", "billing_date = '2026-05-31'", "currency = 'USD'"])
def test_what_the_facts_contradict_is_found_though_the_digest_was_made_to_fit(books: Database, change: str) -> None:
    with acting(Scope.all()):
        draft = Bill.objects.get(issue=None)
    force(books, f"UPDATE bills_bill SET {change} WHERE id = {draft.pk}")
    with acting(Scope.all()):
        fitting = stored_contents([draft.pk])[draft.pk].digest().hex()
    force(books, f"UPDATE bills_bill SET content_digest = '\\x{fitting}' WHERE id = {draft.pk}")

    with acting(Scope.all()):
        proof = recompute(Bill.objects.get(pk=draft.pk))

    assert [fault.code for fault in proof.faults] == ["arithmetic"]
    assert proof.content_digest == fitting
    assert proof.recomputed_content_digest == bytes(draft.content_digest).hex()


def test_a_draft_whose_rows_were_forced_is_not_issued(books: Database) -> None:
    with acting(Scope.all()):
        draft = Bill.objects.get(issue=None)
    force(books, f"UPDATE bills_billline SET text = 'computers' WHERE bill_id = {draft.pk}")

    with acting(Scope.all()), pytest.raises(DraftChanged, match="is not what was calculated"):
        release_bill(draft, now=moment(MAY, 12), by=BY)


def test_a_row_of_another_customer_is_refused_under_a_bill(books: Database) -> None:
    foreign = (
        "INSERT INTO bills_billtax (bill_id, customer_id, position, category, rate, base, amount, reason, components)"
        " SELECT id, customer_id + 1, 9, 'S', 19, 0, 0, '', '[]' FROM bills_bill WHERE id = 1"
    )
    refused = pytest.raises(psycopg.errors.ForeignKeyViolation, match="bills_billtax_bill_id_same_customer")
    with psycopg.connect(books.superuser, autocommit=True) as connection, refused:
        connection.execute(foreign)


def test_a_bill_whose_total_was_changed_by_a_cent_is_not_explained_away(books: Database) -> None:
    bill_on(JUNE)
    force(books, "UPDATE bills_bill SET net = net + 0.01, total = total + 0.01 WHERE billing_date = '2026-06-01'")

    with acting(Scope.all()):
        [june, *_] = Bill.objects.filter(billing_date=JUNE).order_by("pk")
        with pytest.raises(Unexplained, match="not what their stored facts say"):
            bridge_to(june)
