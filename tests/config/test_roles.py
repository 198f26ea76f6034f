"""The roles that row-level security rests on, and a server that cannot be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connection

from quarterday.config import roles
from quarterday.config.database import migrate
from quarterday.config.postgres import PostgresUnavailable

if TYPE_CHECKING:
    from tests.databases import Database, Server


def test_making_roles_again_mends_what_became_too_strong(fresh_database: Database) -> None:
    # Roles belong to the whole server, so the wrong state never leaves this transaction.
    with psycopg.connect(fresh_database.superuser) as superuser:
        superuser.execute("ALTER ROLE quarterday_login BYPASSRLS INHERIT CREATEDB")
        superuser.execute("REVOKE quarterday_scoped FROM quarterday_login")
        superuser.execute(roles.script())
        rows = superuser.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolinherit, rolcreatedb, rolcanlogin,"
            " pg_has_role('quarterday_login', oid, 'MEMBER')"
            " FROM pg_roles WHERE rolname LIKE 'quarterday%' ORDER BY rolname"
        ).fetchall()
        superuser.rollback()

    assert rows == [
        ("quarterday_login", False, False, False, False, True, True),
        ("quarterday_owner", False, False, True, False, True, False),
        ("quarterday_scoped", False, False, True, False, False, True),
        ("quarterday_staff", False, False, True, False, False, True),
    ]


def test_the_server_notices_soon_when_the_applications_machine_is_gone(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.login) as login:
        row = login.execute("SELECT current_setting('client_connection_check_interval')").fetchone()

    assert row == ("5s",)


def test_nobody_but_the_owner_creates_tables(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r, has_schema_privilege(r, 'public', 'CREATE') FROM unnest(ARRAY["
            "'quarterday_owner', 'quarterday_login', 'quarterday_staff', 'quarterday_scoped']) AS r"
        )
        assert cursor.fetchall() == [
            ("quarterday_owner", True),
            ("quarterday_login", False),
            ("quarterday_staff", False),
            ("quarterday_scoped", False),
        ]


def test_migrating_again_changes_nothing(fresh_database: Database) -> None:
    migrate(verbosity=0)

    with psycopg.connect(fresh_database.owner) as owner:
        before = owner.execute("SELECT count(*), max(applied) FROM django_migrations").fetchone()
    migrate(verbosity=0)
    with psycopg.connect(fresh_database.owner) as owner:
        assert owner.execute("SELECT count(*), max(applied) FROM django_migrations").fetchone() == before


def test_an_unreachable_database_is_named_without_its_password() -> None:
    with pytest.raises(PostgresUnavailable) as refusal:
        roles.check_server("postgresql://quarterday_login:hunter2@127.0.0.1:1/books")

    message = str(refusal.value)
    assert message.startswith("The database books at 127.0.0.1 cannot be reached as quarterday_login: ")
    assert "Connection refused" in message
    assert "Check that PostgreSQL runs, and the address, name and password in DATABASE_URL." in message
    assert "hunter2" not in message


def test_a_role_that_kept_another_password_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise psycopg.OperationalError('password authentication failed for user "quarterday_login"')

    monkeypatch.setattr(psycopg, "connect", refuse)
    with pytest.raises(PostgresUnavailable) as refusal:
        roles.check_server("postgresql://quarterday_login:hunter2@db/books")

    assert str(refusal.value).endswith(r"keeps its password: give it this one by psql -c '\password quarterday_login'.")


def test_a_server_that_is_too_old_is_refused(fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 140_012)

    with pytest.raises(PostgresUnavailable, match=r"is PostgreSQL 14; 15 to 18 do\. Set DATABASE_URL"):
        roles.check_server(fresh_database.login)


def test_a_superusers_address_makes_the_database_and_its_roles(database_server: Server, tmp_path: Path) -> None:
    new = database_server.unmade("quarterday_test_unmade")
    command = [sys.executable, "-c", "from quarterday.config.start import prepare; prepare(set_up_database=True)"]
    environment = new.environment(tmp_path)

    refused = subprocess.run(command, env=environment, capture_output=True, text=True)
    made = subprocess.run(command, env={**environment, "DATABASE_URL": new.superuser}, capture_output=True, text=True)

    assert 'database "quarterday_test_unmade" does not exist' in refused.stderr
    assert (made.returncode, made.stderr) == (0, "")
    with psycopg.connect(new.login) as login:
        assert login.execute("SELECT extname FROM pg_extension WHERE extname = 'btree_gist'").fetchone()
    database_server.drop(new)
