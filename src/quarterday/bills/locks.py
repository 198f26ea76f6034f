"""One customer is billed by one process at a time: advisory locks that end with their transaction."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

# Any number that no other advisory lock of Quarterday uses; the customer's id fills the lower bits.
_SPACE = 5_144 << 48

_WAIT = "SELECT id, pg_advisory_xact_lock(%s + id) FROM unnest(%s::bigint[]) AS wanted (id)"
_TRY = "SELECT id, pg_try_advisory_xact_lock(%s + id) FROM unnest(%s::bigint[]) AS wanted (id)"


def lock_customers(customer_ids: Sequence[int], *, wait: bool = True) -> list[int]:
    """Lock customers until the transaction ends, in one order by everybody; answers those that are locked.

    Without `wait` those whom somebody else holds are left out.
    """
    statement = _WAIT if wait else _TRY
    with connection.cursor() as cursor:
        cursor.execute(statement, [_SPACE, sorted(customer_ids)])
        return [customer_id for customer_id, locked in cursor.fetchall() if wait or locked]
