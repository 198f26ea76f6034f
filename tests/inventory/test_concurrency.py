"""Many syncs at once: the same ledger as one after the other, with stamps that only rise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Timer
from typing import Any

import pytest
from django.db import connection, transaction

from quarterday.inventory.actions import apply_snapshot
from quarterday.inventory.lock import inventory_lock
from quarterday.inventory.models import Presence, SyncRun
from quarterday.inventory.queries import presences
from tests.inventory.ledger import JANE, days_later, everything, known_now, make_customer, snapshot, sync

pytestmark = pytest.mark.database

FLEET = "\n".join(f"North {n} PC-{n} computer SN-{n}" for n in range(60))


def in_threads(count: int, work: Any) -> list[Any]:
    barrier = Barrier(count)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_eight_syncs_of_one_snapshot_add_each_device_once(fresh_database: None) -> None:
    with everything():
        north = make_customer("North")

    def apply(_: int) -> int:
        with everything():
            return apply_snapshot(snapshot(FLEET, days_later(0)), now=days_later(0), by=JANE).changed_count

    assert sorted(in_threads(8, apply)) == [0] * 7 + [60]
    with everything():
        assert len(presences([north.pk])) == 60
        assert SyncRun.objects.filter(state="applied").count() == 8


def test_eight_different_snapshots_at_once_leave_the_newest(fresh_database: None) -> None:
    with everything():
        make_customer("North")
        sync(FLEET, days_later(0))

    def apply(number: int) -> str:
        at = days_later(1) + timedelta(minutes=number)
        fleet = "\n".join(f"North {n} PC-{n}-{number} computer SN-{n}" for n in range(60))
        with everything():
            return apply_snapshot(snapshot(fleet, at), now=at, by=JANE).state

    states = in_threads(8, apply)
    assert states[7] == "applied"
    assert set(states) <= {"applied", "superseded"}
    with everything():
        assert {line.split()[1].split("-")[2] for line in known_now()} == {"7"}
        stamps = [run.recorded_at for run in SyncRun.objects.order_by("pk")]
        assert len(set(stamps)) == 9
        assert Presence.objects.filter(recorded__upper_inf=True).count() == 60


def test_who_bills_from_the_ledger_waits_for_a_sync_that_is_not_committed(fresh_database: None) -> None:
    with everything():
        north = make_customer("North")
    written, may_commit = Event(), Event()

    def write() -> None:
        try:
            with everything():
                apply_snapshot(snapshot(FLEET, days_later(0)), now=days_later(0), by=JANE)
                written.set()
                assert may_commit.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert written.wait(10)
        with everything(), transaction.atomic(), connection.cursor() as cursor:
            assert presences([north.pk]) == []
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 5144001"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            assert cursor.fetchone() == (1,)
            # A moment later, so that who does not wait reads before the sync is committed.
            Timer(0.3, may_commit.set).start()
            inventory_lock(shared=True)
            assert len(presences([north.pk])) == 60
        writing.result()


def test_the_lock_is_refused_outside_a_transaction(fresh_database: None) -> None:
    with pytest.raises(RuntimeError, match="take it inside acting"):
        inventory_lock()
