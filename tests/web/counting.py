"""How many questions a page asks the database: a literal count keeps it from growing with the rows."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

ROLE_AND_SCOPE = ("SAVEPOINT", "RELEASE SAVEPOINT", "SELECT set_config", "SELECT current_setting")
"""What `acting` says when it opens and closes; it asks no table. (Savepoints stand for a test's own transaction.)"""


def asked(client: Client, address: str) -> tuple[Any, list[str]]:
    """The answer to a GET, and the queries behind it, the door's own (session, user, role, assignments) included."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    return answer, [row["sql"] for row in captured if not row["sql"].startswith(ROLE_AND_SCOPE)]
