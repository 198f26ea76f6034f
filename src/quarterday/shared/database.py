"""The only door to the rooms' tables: `acting(scope)`.

The application logs in as a role that owns nothing and sees no room's table. `acting` opens a transaction, puts on the
role that fits the scope, tells PostgreSQL's row-level security which customers are in it, and takes both off again.
Without it a query is refused with "permission denied", which is the point: a forgotten scope is loud, never empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from quarterday.shared.scope import Scope

OWNER = "quarterday_owner"
LOGIN = "quarterday_login"
STAFF = "quarterday_staff"
SCOPED = "quarterday_scoped"

_READ = "SELECT current_setting('role'), coalesce(current_setting('quarterday.customer_ids', true), '')"
_WRITE = "SELECT set_config('role', %s, true), set_config('quarterday.customer_ids', %s, true)"


@contextmanager
def acting(scope: Scope, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Open a transaction that sees exactly the rows of `scope`; nested calls restore the outer scope at their end.

    An exception rolls the block back, and PostgreSQL takes the settings back with it.
    """
    role = STAFF if scope.everything else SCOPED
    ids = "{" + ",".join(str(number) for number in sorted(scope.customer_ids)) + "}"
    connection = connections[using]
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            cursor.execute(_READ)
            before = cursor.fetchone()
            cursor.execute(_WRITE, [role, "" if scope.everything else ids])
        yield
        # A released savepoint keeps what SET LOCAL did inside it, so the outer scope is put back by hand.
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, list(before))
