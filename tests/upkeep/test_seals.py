"""The audit trail is sealed: whatever a superuser changes later is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest

from quarterday.audit.queries import audit
from quarterday.customers.actions import change_customer
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope
from quarterday.upkeep.models import Seal
from quarterday.upkeep.seals import broken_seals, seal_entries
from tests.audit.books import keep_books
from tests.databases import Database
from tests.shop import BY, NOW, a_customer


@contextmanager
def staff() -> Iterator[None]:
    with acting(Scope.all()):
        yield


def seal(minutes: int = 0) -> Seal | None:
    with staff():
        return seal_entries(now=NOW + timedelta(minutes=minutes))


def faults() -> list[str]:
    with staff():
        return [broken.words for broken in broken_seals()]


def test_entries_are_sealed_by_the_second_seal_after_them_and_then_there_is_quiet(fresh_database: Database) -> None:
    with staff():
        customer = a_customer()
        change_customer(customer, city="Kiel", by=BY, now=NOW)
        entries = AuditEntry.objects.count()

    seen, sealed = seal(0), seal(5)

    assert seen is not None
    assert sealed is not None
    assert (seen.entry_count, seen.seen_id) == (0, entries)
    assert (sealed.entry_count, sealed.previous_hash) == (entries, seen.hash)
    assert seal(10) is None, "nothing happened, so there is nothing to seal"
    assert faults() == []


def test_an_entry_that_is_committed_late_is_waited_for(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.superuser) as slow:
        slow.execute(
            "INSERT INTO shared_auditentry (at, actor_kind, actor_name, verb, subject_kind, subject_name, details)"
            " VALUES (now(), 'person', 'Slow Sam', 'changed', 'plans.Plan', 'Gold', '{}')"
        )
        with staff():
            a_customer()
        seal(0)
        assert seal(5) is None, "somebody wrote before it who has not finished"
        slow.commit()

    sealed = seal(10)

    assert sealed is not None
    assert sealed.entry_count == 2
    assert faults() == []


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        (
            "UPDATE shared_auditentry SET actor_name = 'Somebody else' WHERE id = 1",
            ["an entry after 0 up to 2 is not what was sealed"],
        ),
        (
            "UPDATE shared_auditentry SET details = '{}' WHERE id = 2",
            ["an entry after 0 up to 2 is not what was sealed"],
        ),
        ("DELETE FROM shared_auditentry WHERE id = 2", ["of the 2 entries after 0 up to 2 there are 1"]),
        (
            "UPDATE upkeep_seal SET entry_count = 1 WHERE id = 2; DELETE FROM shared_auditentry WHERE id = 2",
            ["the seal itself was changed", "an entry after 0 up to 2 is not what was sealed"],
        ),
        ("DELETE FROM upkeep_seal WHERE id = 1", ["it does not follow the seal before it"]),
    ],
)
def test_a_superusers_tampering_breaks_a_seal(fresh_database: Database, tampering: str, words: list[str]) -> None:
    with staff():
        change_customer(a_customer(), city="Kiel", by=BY, now=NOW)
    seal(0)
    seal(5)
    assert faults() == []

    with psycopg.connect(fresh_database.superuser) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(tampering.encode())

    assert faults() == words
    (kept,) = audit(now=NOW, only=["seals"])
    assert [breach.words for breach in kept.breaches] == words


@pytest.mark.parametrize("table", ["shared_auditentry", "upkeep_seal"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_nobody_else_can_tamper_at_all(fresh_database: Database, table: str, change: str) -> None:
    with staff():
        a_customer()
    seal(0)

    for address, role in ((fresh_database.login, "quarterday_staff"), (fresh_database.superuser, "postgres")):
        with psycopg.connect(address) as somebody:
            somebody.execute(f"SET ROLE {role}".encode())
            with pytest.raises(psycopg.Error, match=r"written once|permission denied"):
                somebody.execute(change.format(table).encode())


def test_a_bill_that_vanishes_with_its_whole_tail_is_named_by_the_seal(fresh_database: Database) -> None:
    keep_books()
    seal(0)
    seal(5)

    with psycopg.connect(fresh_database.superuser) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("DELETE FROM bills_billissue WHERE kind = 'credit_note'")
        superuser.execute("DELETE FROM bills_numbercounter WHERE kind = 'credit_note'")

    assert set(faults()) == {"document 1 of the series credit_note 2026 was there when it was made, and is gone"}
    with staff():
        assert Customer.objects.count() == 2
