"""The ledger's lock and its clock.

Who writes the ledger holds the lock alone; who bills from it shares it. Stamps are taken under the lock and only rise,
so that "as known on day X" never depends on a sync that was not committed then.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

_LOCK = 5_144_001  # any number that no other advisory lock of Quarterday uses


def inventory_lock(*, shared: bool = False) -> None:
    """Wait for the ledger's lock and keep it to the end of the transaction (see `acting`)."""
    _refuse_outside_a_transaction()
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_LOCK])


def lock_and_stamp(now: datetime) -> datetime:
    """Take the lock alone; the instant at which what follows is recorded: `now`, or just after the last stamp."""
    _refuse_outside_a_transaction()
    with connection.cursor() as cursor:
        # One round trip, and still two statements: the second sees what was committed while the first waited.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s);"
            "INSERT INTO inventory_ledgerclock AS clock (id, last_at) VALUES (1, %s)"
            " ON CONFLICT (id) DO UPDATE"
            " SET last_at = greatest(excluded.last_at, clock.last_at + interval '1 microsecond')"
            " RETURNING last_at",
            [_LOCK, now],
        )
        cursor.nextset()
        (stamp,) = cursor.fetchone()
    return stamp  # type: ignore[no-any-return]  # a driver's row is untyped


def last_stamp() -> datetime | None:
    """The instant at which the ledger was last written, or None for a new one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_at FROM inventory_ledgerclock")
        row = cursor.fetchone()
    return row[0] if row else None


def _refuse_outside_a_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("the inventory lock belongs to a transaction: take it inside acting(scope)")
