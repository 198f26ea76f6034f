"""The only door to the rooms' tables: `acting(scope)`.

The application logs in as a role that owns nothing and sees no room's table. `acting` opens a transaction, puts on the
role that fits the scope, tells PostgreSQL's row-level security which customers are in it, and takes both off again.
Without it a query is refused with "permission denied", which is the point: a forgotten scope is loud, never empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from quarterday.shared.scope import Scope

OWNER = "quarterday_owner"
LOGIN = "quarterday_login"
STAFF = "quarterday_staff"
SCOPED = "quarterday_scoped"


@contextmanager
def acting(scope: Scope) -> Iterator[None]:
    """Open a transaction that sees exactly the rows of `scope`; nested calls restore the outer scope at their end.

    An exception rolls the block back, and PostgreSQL takes the settings back with it.
    """
    with transaction.atomic():
        before = _role_and_customers()
        _put_on(_fitting(scope))
        yield
        # A released savepoint keeps what SET LOCAL did inside it, so the outer scope is put back by hand.
        _put_on(before)


def _fitting(scope: Scope) -> tuple[str, str]:
    """The role that fits a scope, and its customers as PostgreSQL writes an array."""
    if scope.everything:
        return STAFF, ""
    return SCOPED, "{" + ",".join(str(number) for number in sorted(scope.customer_ids)) + "}"


def _role_and_customers() -> tuple[str, str]:
    """What is on now; without an outer scope the login's own role and no customers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), coalesce(current_setting('quarterday.customer_ids', true), '')")
        role, customers = cursor.fetchone()
        return role, customers


def _put_on(role_and_customers: tuple[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('quarterday.customer_ids', %s, true)", role_and_customers
        )
