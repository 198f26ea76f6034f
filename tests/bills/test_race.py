"""Promise 1: any number of processes bill at once, some of them fail on the way, and it comes out as with one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from benchmarks.crowd import build_crowd
from quarterday.bills.run import run_billing
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.broken import PLANTED
from tests.bills.racer import FIRST_OF_MAY
from tests.settings import ROOT
from tests.shop import BY

if TYPE_CHECKING:
    from tests.databases import Database

WITHOUT_LOCK, WITHOUT_CONSTRAINT, WITH_BOTH = "lock off", "constraint off", "lock and constraint"


@dataclass(frozen=True)
class Outcome:
    """What all processes left behind, and what one alone would have billed."""

    alone: list[str]
    digests: list[str]
    sequences: list[int]
    links: list[tuple[bytes | None, bytes]]
    claims: int
    workers: list[str]


def race(
    database: Database, folder: Path, *, customers: int, processes: int, layers: str, faults: float, mistake: str = ""
) -> Outcome:
    """Bill all customers by several processes at once, after a dry run of one process."""
    with acting(Scope.all()):
        build_crowd(customers=customers, devices=customers * 5)
    alone = run_billing(at=FIRST_OF_MAY, by=BY, dry=True)
    if layers == WITHOUT_CONSTRAINT:
        with psycopg.connect(database.owner) as owner:
            owner.execute("ALTER TABLE bills_periodclaim DROP CONSTRAINT a_period_is_claimed_once")
    lock = "off" if layers == WITHOUT_LOCK else "on"
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bills.racer", str(seed), str(faults), lock, *filter(None, [mistake])],
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
        [claims] = reader.execute("SELECT count(*) FROM bills_periodclaim WHERE released_at IS NULL").fetchone() or [0]
        return Outcome(
            alone=[bill.content_digest for bill in alone.bills],
            digests=[bytes(row[0]).hex() for row in reader.execute("SELECT content_digest FROM bills_bill")],
            sequences=[row[0] for row in reader.execute("SELECT sequence FROM bills_billissue ORDER BY sequence")],
            links=reader.execute("SELECT previous_hash, hash FROM bills_billissue ORDER BY sequence").fetchall(),
            claims=claims,
            workers=[row[0] for row in reader.execute("SELECT DISTINCT issued_by FROM bills_billissue")],
        )


def assert_billed_as_one(outcome: Outcome, *, layers: str) -> None:
    """The bills of one process, numbered without a gap, chained, each period claimed once."""
    customers = len(outcome.alone)
    assert sorted(outcome.digests) == sorted(outcome.alone)
    assert outcome.sequences == list(range(1, customers + 1))
    assert [before for before, _ in outcome.links] == [None, *(own for _, own in outcome.links[:-1])]
    assert outcome.claims == customers
    # Without the lock the first one wins chunk after chunk, and the others find nothing left.
    assert len(outcome.workers) > 1 or layers == WITHOUT_LOCK, f"only {outcome.workers} billed: this was no race"


@pytest.mark.parametrize(
    "layers",
    [
        WITH_BOTH,
        pytest.param(WITHOUT_LOCK, marks=pytest.mark.prove),
        pytest.param(WITHOUT_CONSTRAINT, marks=pytest.mark.prove),
    ],
)
def test_four_processes_that_fail_now_and_then_bill_as_one(
    fresh_database: Database, tmp_path: Path, layers: str
) -> None:
    outcome = race(fresh_database, tmp_path, customers=60, processes=4, layers=layers, faults=0.04)
    assert len(outcome.digests) == 60
    assert_billed_as_one(outcome, layers=layers)


@pytest.mark.prove
@pytest.mark.parametrize("layers", [WITH_BOTH, WITHOUT_LOCK, WITHOUT_CONSTRAINT])
def test_eight_processes_on_four_hundred_subscriptions_with_many_rollbacks_bill_as_one(
    fresh_database: Database, tmp_path: Path, layers: str
) -> None:
    outcome = race(fresh_database, tmp_path, customers=400, processes=8, layers=layers, faults=0.06)
    assert len(outcome.digests) == 400
    assert_billed_as_one(outcome, layers=layers)


@pytest.mark.prove
@pytest.mark.parametrize("layers", [WITH_BOTH, WITHOUT_LOCK, WITHOUT_CONSTRAINT])
@pytest.mark.parametrize("mistake", sorted(PLANTED))
def test_the_race_notices_a_mistake(fresh_database: Database, tmp_path: Path, layers: str, mistake: str) -> None:
    outcome = race(fresh_database, tmp_path, customers=60, processes=4, layers=layers, faults=0.04, mistake=mistake)
    if mistake == "claims later":
        assert len(outcome.digests) > len(set(outcome.digests)) == 60, "nobody was billed twice"
    else:
        assert outcome.sequences != list(range(1, 61)), "no number is missing"
    with pytest.raises(AssertionError):
        assert_billed_as_one(outcome, layers=layers)
