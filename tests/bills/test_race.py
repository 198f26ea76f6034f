"""Promise 1: any number of processes bill at once, some of them fail on the way, and it comes out as with one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from benchmarks.crowd import build_crowd
from quarterday.bills.run import run_billing
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.racer import FIRST_OF_MAY
from tests.settings import ROOT
from tests.shop import BY

if TYPE_CHECKING:
    from tests.databases import Database

WITHOUT_LOCK, WITHOUT_CONSTRAINT, WITH_BOTH = "lock off", "constraint off", "lock and constraint"


def race(database: Database, folder: Path, *, customers: int, processes: int, layers: str, faults: float) -> None:
    """Bill all customers by several processes at once, and compare with what a dry run of one process says."""
    with acting(Scope.all()):
        build_crowd(customers=customers, devices=customers * 5)
    alone = run_billing(at=FIRST_OF_MAY, by=BY, dry=True)
    if layers == WITHOUT_CONSTRAINT:
        with psycopg.connect(database.owner) as owner:
            owner.execute("ALTER TABLE bills_periodclaim DROP CONSTRAINT a_period_is_claimed_once")
    lock = "off" if layers == WITHOUT_LOCK else "on"
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bills.racer", str(seed), str(faults), lock],
            cwd=ROOT,
            env={**database.environment(folder), "PYTHONPATH": f"src:{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(processes)
    ]
    assert [racer.stdout.readline() for racer in racers if racer.stdout] == ["ready\n"] * processes
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    assert [racer.wait(timeout=300) for racer in racers] == [0] * processes

    with psycopg.connect(database.superuser) as reader:
        digests = [bytes(row[0]).hex() for row in reader.execute("SELECT content_digest FROM bills_bill")]
        sequences = [row[0] for row in reader.execute("SELECT sequence FROM bills_billissue ORDER BY sequence")]
        links = reader.execute("SELECT previous_hash, hash FROM bills_billissue ORDER BY sequence").fetchall()
        [claims] = reader.execute("SELECT count(*) FROM bills_periodclaim WHERE released_at IS NULL").fetchone() or [0]
        workers = [row[0] for row in reader.execute("SELECT DISTINCT issued_by FROM bills_billissue")]
    assert sorted(digests) == sorted(bill.content_digest for bill in alone.bills)
    assert len(digests) == customers
    assert sequences == list(range(1, customers + 1))
    assert [before for before, _ in links] == [None, *(own for _, own in links[:-1])]
    assert claims == customers
    # Without the lock the first one wins chunk after chunk, and the others find nothing left.
    assert len(workers) > 1 or layers == WITHOUT_LOCK, f"only {workers} billed: this was no race"


@pytest.mark.parametrize("layers", [WITH_BOTH, WITHOUT_LOCK, WITHOUT_CONSTRAINT])
def test_four_processes_that_fail_now_and_then_bill_as_one(
    fresh_database: Database, tmp_path: Path, layers: str
) -> None:
    race(fresh_database, tmp_path, customers=60, processes=4, layers=layers, faults=0.04)


@pytest.mark.prove
@pytest.mark.parametrize("layers", [WITH_BOTH, WITHOUT_LOCK, WITHOUT_CONSTRAINT])
def test_eight_processes_on_four_hundred_subscriptions_with_many_rollbacks_bill_as_one(
    fresh_database: Database, tmp_path: Path, layers: str
) -> None:
    race(fresh_database, tmp_path, customers=400, processes=8, layers=layers, faults=0.06)
