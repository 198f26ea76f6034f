"""A backup comes back whole or not at all, and a copy bothers nobody."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from quarterday.audit.queries import audit
from quarterday.bills.models import Bill, BillIssue, Parking
from quarterday.bills.run import run_billing
from quarterday.customers.models import Customer
from quarterday.outbox.models import Delivery, MailServer
from quarterday.outbox.sending import send_due
from quarterday.provider.queries import restored_copy
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.upkeep.backup.manifest import MANIFEST, read_manifest
from quarterday.upkeep.backup.tables import OF_THE_MOMENT, tables_of
from quarterday.upkeep.health import findings
from quarterday.upkeep.queries import last_drill
from quarterday.worker import jobs
from tests.audit.books import END, keep_books
from tests.bills.ledger import present
from tests.cli.terminal import run
from tests.databases import Database, Server, pointing_django_at
from tests.outbox.post import scripted_post
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop


@pytest.fixture
def empty_database(database_server: Server, fresh_database: Database) -> Iterator[Database]:
    """A second database, in which nobody has worked."""
    copy = database_server.clone()
    yield copy
    database_server.drop(copy)


@contextmanager
def staff() -> Iterator[None]:
    with acting(Scope.all()):
        yield


def backed_up(folder: Path, *options: str) -> Path:
    file = folder / "backup.zip"
    answer = run("backup", str(file), *options)
    assert answer.code == 0, answer.err
    return file


def test_half_a_year_of_books_comes_back_byte_by_byte_and_the_audit_finds_nothing(
    fresh_database: Database, empty_database: Database, tmp_path: Path
) -> None:
    keep_books()
    file = backed_up(tmp_path)
    with staff():
        issued = list(BillIssue.objects.order_by("bill").values_list("number", "hash"))
    again = tmp_path / "again.zip"

    with pointing_django_at(empty_database):
        answer = run("restore", str(file))
        assert (answer.code, answer.err) == (0, "")
        assert "are back, and read as written" in answer.out
        assert "This is a copy" in answer.out
        with staff():
            assert list(BillIssue.objects.order_by("bill").values_list("number", "hash")) == issued
        assert [kept.promise for kept in audit(now=END) if not kept.holds] == []
        assert {finding.what for finding in findings(data_folder=tmp_path) if not finding.is_well} <= {
            "Mail",
            "Provider",
        }, "this shop has no address"
        with connection.cursor() as cursor:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O'")
            assert cursor.fetchall() == [], "what the tables do by themselves they do again"
        run("backup", str(again))

    first, second = read_manifest(file), read_manifest(again)
    assert len(issued) > 10
    assert first.heads == second.heads
    assert sum(table.rows for table in first.tables) == first.row_count > 500
    changed = [a.name for a, b in zip(first.tables, second.tables, strict=True) if a.sha256 != b.sha256]
    assert changed == ["provider_restoration"], "what was restored is what was saved"


def test_a_copy_sends_no_mail_and_reminds_nobody_until_told_so(
    fresh_database: Database, empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_books()
    late = END + timedelta(days=60)
    with staff():
        Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(state="queued", next_at=END)
    file = backed_up(tmp_path)
    monkeypatch.setattr(jobs, "clock", lambda: late)

    with pointing_django_at(empty_database), scripted_post() as post:
        run("restore", str(file))
        with staff():
            MailServer.objects.update(host="127.0.0.1", port=post.port, security="none")
            before = (BillIssue.objects.count(), Delivery.objects.count())
        send_due(clock=lambda: late)
        jobs.bill(0)
        jobs.remind(0)
        with staff():
            assert (BillIssue.objects.count(), Delivery.objects.count()) == before
            assert restored_copy() is not None
        assert len(post.taken) == 0

        assert run("restore", "--live").code == 0
        with staff():
            assert restored_copy() is None
        send_due(clock=lambda: late)
        assert len(post.taken) == 1


def test_no_door_issues_a_bill_from_a_copy_until_told_so(
    fresh_database: Database, empty_database: Database, tmp_path: Path, time_machine: Any
) -> None:
    with staff():
        open_shop()
        for name, review in (("North Dental", False), ("South Law", True)):
            customer = a_customer(name)
            a_subscription(customer, a_plan(f"Plan of {name}"), review_first_bill=review)
            present(customer, "PC-1 #>", start=date(2026, 4, 1))
    may = datetime(2026, 5, 1, 9, tzinfo=UTC)
    run_billing(at=may, by=BY)
    time_machine.move_to(may + timedelta(days=31), tick=False)
    file = backed_up(tmp_path)

    with pointing_django_at(empty_database):
        run("restore", str(file))
        with staff():
            (number,) = BillIssue.objects.values_list("number", flat=True)
            held = Bill.objects.get(issue=None).pk

        answer = run("bill", "--confirm")
        assert (answer.code, "restored copy" in answer.err) == (1, True)
        assert run("bill", "--dry-run").code == 0, "what would be billed may be looked at"
        for act in (["release", str(held)], ["credit", number, "--reason", "An error"]):
            answer = run("bills", *act)
            assert (answer.code, "restored copy" in answer.err) == (1, True), answer.err
        with staff():
            assert BillIssue.objects.count() == 1
            assert not Parking.objects.exists()

        run("restore", "--live")
        assert run("bill").code in (0, 1)
        with staff():
            assert BillIssue.objects.count() == 2


def test_a_database_in_which_somebody_works_is_refused_and_stays_as_it_is(
    fresh_database: Database, tmp_path: Path
) -> None:
    with staff():
        open_shop()
        a_customer()
    file = backed_up(tmp_path)

    answer = run("restore", str(file))

    assert answer.code == 1
    assert "is in use: provider_provider has rows" in answer.err
    assert "createdb" in answer.err
    with staff():
        assert Customer.objects.count() == 1
        assert restored_copy() is None


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("a changed row", "customers_customer is not what was written"),
        ("a missing table", "customers_customer is not what was written"),
        ("half a file", "no whole backup"),
    ],
)
def test_a_damaged_file_changes_nothing(
    fresh_database: Database, empty_database: Database, tmp_path: Path, harm: str, words: str
) -> None:
    with staff():
        open_shop()
        a_customer("North Dental")
    file = backed_up(tmp_path)
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(damaged, "w") as changed:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "tables/customers_customer.tsv":
                if harm == "a missing table":
                    continue
                content = content.replace(b"North", b"South")
            changed.writestr(name, content)
    if harm == "half a file":
        damaged.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    with pointing_django_at(empty_database):
        answer = run("restore", str(damaged))

        assert answer.code == 1
        assert (
            "no whole backup" if harm == "half a file" else "customers_customer is not what was written"
        ) in answer.err
        with staff():
            assert Customer.objects.count() == 0


def forged(file: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """A backup that somebody wrote anew, with digests that fit."""
    with zipfile.ZipFile(file) as whole:
        members = {name: whole.read(name) for name in whole.namelist() if name != MANIFEST}
        told = json.loads(whole.read(MANIFEST))
    change(told, members)
    for table in told["tables"]:
        table["sha256"] = hashlib.sha256(members[f"tables/{table['name']}.tsv"]).hexdigest()
    forgery = file.with_name("forged.zip")
    with zipfile.ZipFile(forgery, "w") as written:
        for name, content in {**members, MANIFEST: json.dumps(told).encode()}.items():
            written.writestr(name, content)
    return forgery


def with_a_cache(told: dict[str, Any], members: dict[str, bytes]) -> None:
    """Django unpickles what its cache holds, so a row of it is a program that the next reader runs."""
    columns = ["cache_key", "value", "expires"]
    told["tables"].append({"name": "django_cache", "columns": columns, "rows": 1, "sha256": ""})
    members["tables/django_cache.tsv"] = b":1:allauth\tgASVBAAAAAAAAABLAS4=\t2099-01-01 00:00:00+00\n"


def without_its_trail(told: dict[str, Any], members: dict[str, bytes]) -> None:
    told["tables"] = [table for table in told["tables"] if table["name"] != "shared_auditentry"]


def with_a_table_twice(told: dict[str, Any], members: dict[str, bytes]) -> None:
    told["tables"] += [table for table in told["tables"] if table["name"] == "upkeep_drill"]


def without_a_step(told: dict[str, Any], members: dict[str, bytes]) -> None:
    """The rows say that it was done, so the tables would be without it for ever."""
    told["migrations"].remove(["payments", "0011_nothing_is_reversed_before_it_was_booked"])


def with_a_sequence_of_its_own(told: dict[str, Any], members: dict[str, bytes]) -> None:
    told["sequences"]['x"; DROP TABLE bills_bill; --'] = 7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_a_cache, "it would fill django_cache"),
        (without_its_trail, "shared_auditentry is not in it"),
        (with_a_table_twice, "it would fill upkeep_drill"),
        pytest.param(without_a_step, "made by other steps than it says", marks=pytest.mark.sweep),
        (with_a_sequence_of_its_own, "there is no sequence x"),
    ],
)
def test_a_file_that_only_looks_like_a_backup_is_refused_and_changes_nothing(
    fresh_database: Database, empty_database: Database, tmp_path: Path, change: Any, words: str
) -> None:
    with staff():
        a_customer("North Dental")
    forgery = forged(backed_up(tmp_path), change)

    with pointing_django_at(empty_database):
        answer = run("restore", str(forgery))

        assert answer.code == 1
        assert words in answer.err
        with staff():
            assert Customer.objects.count() == 0


def test_a_backup_of_a_newer_version_says_with_which_it_is_restored(
    fresh_database: Database, empty_database: Database, tmp_path: Path
) -> None:
    with psycopg.connect(fresh_database.superuser) as superuser:
        superuser.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('plans', '0099_dreams', now())")
    file = backed_up(tmp_path)

    with pointing_django_at(empty_database):
        answer = run("restore", str(file))

    assert answer.code == 1
    assert "which knows plans.0099_dreams: restore it with that version" in answer.err


@pytest.mark.prove
def test_an_older_versions_tables_are_made_first_and_brought_up_to_date_afterwards(
    fresh_database: Database, empty_database: Database, tmp_path: Path
) -> None:
    with staff():
        a_customer("North Dental")
    # As a version left it that knew neither drills nor seals.
    with psycopg.connect(fresh_database.superuser) as superuser:
        superuser.execute("DROP TABLE upkeep_drill; DROP TABLE upkeep_seal")
        superuser.execute("DELETE FROM django_migrations WHERE app = 'upkeep'")
    file = backed_up(tmp_path)

    with pointing_django_at(empty_database):
        answer = run("restore", str(file))

        assert (answer.code, answer.err) == (0, "")
        with staff():
            assert [customer.name for customer in Customer.objects.all()] == ["North Dental"]
            assert last_drill() is None, "the table is there"


def test_numbers_that_were_given_are_not_given_again(
    fresh_database: Database, empty_database: Database, tmp_path: Path
) -> None:
    with staff():
        gone = [a_customer(f"Customer {number}").pk for number in range(3)]
        Customer.objects.filter(pk__in=gone[1:]).delete()
    file = backed_up(tmp_path)

    with pointing_django_at(empty_database):
        run("restore", str(file))
        with staff():
            assert a_customer("The next").pk == gone[-1] + 1


def test_every_table_is_saved_but_those_of_the_moment(fresh_database: Database, tmp_path: Path) -> None:
    manifest = read_manifest(backed_up(tmp_path))

    assert {table.name for table in tables_of(connection)} == {t.name for t in manifest.tables} | set(manifest.left_out)
    assert {"django_session", "procrastinate_jobs", "accounts_upload"} < set(manifest.left_out)
    assert all(name.startswith(OF_THE_MOMENT) for name in manifest.left_out)


def test_keys_are_in_a_backup_only_when_asked_for(fresh_database: Database, tmp_path: Path) -> None:
    key = b"a signing key that is used by tests"
    without = backed_up(tmp_path)
    with zipfile.ZipFile(without) as backup:
        assert not any(key in backup.read(name) for name in backup.namelist())

    with zipfile.ZipFile(backed_up(tmp_path, "--with-keys")) as backup:
        assert key in backup.read("keys.json")
    assert without.stat().st_mode & 0o077 == 0, "nobody else may read it"


@pytest.mark.prove
def test_a_drill_proves_a_backup_on_a_server_of_its_own_and_notes_it(fresh_database: Database) -> None:
    with staff():
        open_shop()
        a_customer()

    answer = run("drill")

    assert answer.code == 0, answer.err
    assert "Proven:" in answer.out
    with staff():
        drill = last_drill()
        assert drill is not None
        assert drill.problems == []
        assert drill.row_count > 50


@pytest.mark.prove
def test_a_drill_that_finds_something_is_no_proof(fresh_database: Database, empty_database: Database) -> None:
    with staff():
        open_shop()
        Customer.objects.create(
            number="C-1", name="Nobody's", country="DE", time_zone="Europe/Berlin", currency="EUR", created_at=NOW
        )

    answer = run("drill", "--scratch", empty_database.superuser, "--json")

    assert answer.code == 1
    assert answer.json["proven"] is False
    assert answer.json["problems"][0].startswith("trail: customer")
    with staff():
        drill = last_drill()
        assert drill is not None
        assert drill.problems == answer.json["problems"]
    with psycopg.connect(empty_database.superuser) as scratch:
        left = scratch.execute("SELECT count(*) FROM pg_class WHERE relname = 'customers_customer'").fetchone()
        assert left == (0,), "the scratch is thrown away"
