"""The tests' own databases behave as conftest.py says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import ProgrammingError, connection

from quarterday.customers.models import Contact, Customer
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope

if TYPE_CHECKING:
    from tests.databases import Database


def test_the_application_is_neither_superuser_nor_owner(database: None) -> None:
    attributes = "current_user, rolsuper, rolbypassrls, rolinherit"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {attributes} FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("quarterday_login", False, False, False)


@pytest.mark.database
def test_a_query_without_a_scope_is_refused() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        Customer.objects.count()


@pytest.mark.parametrize("turn", [1, 2])
def test_changes_are_rolled_back_between_tests(database: None, turn: int) -> None:
    with acting(Scope.all()):
        assert AuditEntry.objects.count() == 0
        AuditEntry.objects.create(at="2026-04-01T00:00Z", actor_kind="test", actor_name="test", verb="tested")
        assert AuditEntry.objects.count() == 1


def test_another_process_sees_what_a_fresh_database_committed(fresh_database: Database, tmp_path: Path) -> None:
    with acting(Scope.all()):
        AuditEntry.objects.create(at="2026-04-01T00:00Z", actor_kind="test", actor_name="Ada", verb="tested")

    program = (
        "from quarterday.config.start import prepare; prepare()\n"
        "from quarterday.shared.database import acting\n"
        "from quarterday.shared.models import AuditEntry\n"
        "from quarterday.shared.scope import Scope\n"
        "with acting(Scope.all()): print(AuditEntry.objects.get().actor_name)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], env=fresh_database.environment(tmp_path), capture_output=True, text=True
    )

    assert (answer.stdout, answer.stderr) == ("Ada\n", "")


def test_a_fresh_database_starts_empty(fresh_database: Database) -> None:
    with acting(Scope.all()):
        assert (AuditEntry.objects.count(), Contact.objects.count()) == (0, 0)
