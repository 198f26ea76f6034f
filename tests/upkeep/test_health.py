"""What the doctor finds when somebody broke something by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from quarterday.outbox.actions import configure_mail, send_test_mail
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from quarterday.upkeep import health
from quarterday.upkeep.health import findings
from tests.databases import Database
from tests.outbox.post import scripted_post

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLERK = Actor("person", "Clara Clerk")


def wrong(data_folder: Path) -> dict[str, str]:
    return {finding.what: finding.words for finding in findings(data_folder=data_folder) if not finding.is_well}


@pytest.mark.parametrize(
    ("sabotage", "what", "words"),
    [
        (
            "ALTER TABLE customers_contact NO FORCE ROW LEVEL SECURITY",
            "Row-level security",
            "off for customers_contact",
        ),
        ("ALTER TABLE bills_bill DISABLE ROW LEVEL SECURITY", "Row-level security", "off for bills_bill"),
        (
            "DROP POLICY scoped ON subscriptions_subscription",
            "Row-level security",
            "off for subscriptions_subscription",
        ),
        ("CREATE TABLE extra (customer_id bigint)", "Row-level security", "off for extra"),
        (
            "DELETE FROM django_migrations WHERE app = 'upkeep'",
            "Migrations",
            "1 not applied: upkeep.0001_initial",
        ),
        ("DROP TABLE provider_provider CASCADE", "Provider", "cannot be checked: its table is not made yet"),
    ],
)
def test_sabotage_is_found(fresh_database: Database, tmp_path: Path, sabotage: str, what: str, words: str) -> None:
    assert set(wrong(tmp_path)) == {"Provider", "Mail"}, "an empty installation lacks nothing else"
    with psycopg.connect(fresh_database.superuser, autocommit=True) as connection:
        connection.execute(sabotage.encode())

    found = wrong(tmp_path)

    assert found[what].startswith(words)


def test_a_superuser_is_no_way_to_run(
    fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {
        "quarterday_owner": (False, False, True),
        "quarterday_login": (True, True, True),
        "quarterday_scoped": (False, False, True),
    }

    def told(query: str, parameters: object = None) -> list[tuple[object, ...]]:
        if "pg_roles" in query:
            return [(name, *rights) for name, rights in rows.items()]
        return [("postgres",)]

    monkeypatch.setattr(health, "_rows", told)

    assert wrong(tmp_path)["Roles"] == (
        "quarterday_staff is missing; quarterday_login is a superuser; quarterday_login may bypass row-level security;"
        " quarterday_login inherits the rights of other roles;"
        " the application logs in as postgres instead of quarterday_login"
    )


def test_a_mail_server_that_answers_no_longer_is_told_without_a_mail(database: None, tmp_path: Path) -> None:
    with scripted_post() as post:
        with acting(Scope.all()):
            local: dict[str, Any] = {"host": "127.0.0.1", "port": post.port, "security": "none"}
            configure_mail(**local, sender_address="bills@msp.example", now=NOON, by=CLERK)
        assert wrong(tmp_path)["Mail"] == f"127.0.0.1:{post.port}, no test mail has gone out"

        send_test_mail(to="me@msp.example", now=NOON, by=CLERK)
        assert "Mail" not in wrong(tmp_path)
        assert [address for address, _ in post.taken] == ["me@msp.example"], "the doctor sends nothing"

    assert wrong(tmp_path)["Mail"].startswith(
        f"127.0.0.1:{post.port}: Nothing answers at this port of the server: check both (ConnectionRefusedError"
    )


def test_a_disk_that_is_nearly_full_is_told(database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LITTLE_SPACE", 2**60)

    assert wrong(tmp_path / "not" / "there")["Disk"].endswith(f"GiB free at {tmp_path}")
