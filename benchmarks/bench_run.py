"""The billing run: two processes, 2,000 customers with 100,000 devices, then 40,000 with 1,000,000, then a month later.

Measured is what a run does but for printing: read, calculate, serialise, write (lines, evidence, facts, numbers,
hashes, messages). The split is where the processes spent their time; COPY is what the same rows take when they are
copied into the same tables, with their indexes and checks.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from benchmarks.database import BenchDatabase, bench_database

MAY, JUNE = (datetime(2026, month, 1, 7, tzinfo=UTC) for month in (5, 6))
PROCESSES = 2
LEAST_BILLS_A_SECOND = 800
MOST_SECONDS_FOR_40_000 = 60
MOST_MEGABYTES = 200
MOST_BYTES_A_DEVICE = 60

STAGES = {
    "locked": "read",
    "collected": "read",
    "calculated": "calculate",
    "serialised": "serialise",
    "written": "write",
    "checked": "write",
    "numbered": "write",
    "finished": "write",
}
TABLES = (
    *("bill", "billline", "billtax", "billfacts", "billissue", "billmail", "periodclaim", "adjustmentuse"),
    *("partycopy", "billhold"),
)
MAIL_TABLES = ("outbox_message", "outbox_delivery")


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of both processes."""

    customers: int
    devices: int
    bills: int
    seconds: float
    megabytes: int
    split: dict[str, float]

    @property
    def per_second(self) -> float:
        return self.bills / self.seconds


def main() -> int:
    """Measure, print, and compare with what is promised."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--worker", nargs=2, metavar=("START", "AT"), help=argparse.SUPPRESS)
    arguments.add_argument("-v", action="store_true", help="tell the bytes of each table")
    arguments.add_argument("--small", action="store_true", help="leave out the million devices")
    asked = arguments.parse_args()
    if asked.worker:
        work(float(asked.worker[0]), datetime.fromisoformat(asked.worker[1]))
        return 0
    with bench_database() as database:
        return measure(database, small=asked.small)


def measure(database: BenchDatabase, *, small: bool) -> int:
    """500, 2,000 and (unless small) 40,000 customers, in one growing database."""
    kept = True
    # A first, small month warms the caches that a worker which runs all day has warm.
    _grow(customers=100, devices=5_000, first=1)
    _run(database, MAY)
    results: list[Measured] = []
    for customers, devices, first in ((500, 25_000, 1_001), (2_000, 100_000, 10_001)):
        _add(database, customers, devices, first)
        before = _sizes(database)
        measured = _run(database, MAY)
        grown = _grown(before, _sizes(database))
        results.append(measured)
        _tell(measured, grown)
        kept &= measured.megabytes < MOST_MEGABYTES and _evidence_bytes(measured, grown) <= MOST_BYTES_A_DEVICE
    copied = _copy_seconds(database)
    print(f"  COPY of the same rows takes {copied:.2f} s; the run takes {results[-1].seconds / copied:.1f} times that")
    kept &= results[-1].per_second >= LEAST_BILLS_A_SECOND
    if not small:
        _add(database, 40_000, 1_000_000, 100_001)
        before = _sizes(database)
        measured = _run(database, MAY)
        results.append(measured)
        _tell(measured, _grown(before, _sizes(database)))
        kept &= measured.seconds <= MOST_SECONDS_FOR_40_000 and measured.megabytes < MOST_MEGABYTES
    again = _run(database, JUNE)
    print(f"a month later, with a month behind them, all {again.bills:,} customers again")
    _tell(again, {})
    kept &= again.per_second >= LEAST_BILLS_A_SECOND and again.megabytes < MOST_MEGABYTES
    smallest, largest = results[0], results[-1]
    exponent = math.log(largest.seconds / smallest.seconds) / math.log(largest.bills / smallest.bills)
    print(f"  time grows with bills to the power of {exponent:.2f}")
    return 0 if kept else 1


def work(start: float, at: datetime) -> None:
    """One of the processes: bill everybody, and print what it took."""
    import django

    django.setup()
    from quarterday.bills.run import run_billing
    from quarterday.shared.scope import Actor

    spent = dict.fromkeys(("read", "calculate", "serialise", "write"), 0.0)
    time.sleep(max(start - time.time(), 0))
    began = last = time.perf_counter()

    def reached(point: str) -> None:
        nonlocal last
        now = time.perf_counter()
        spent[STAGES[point]] += now - last
        last = now

    report = run_billing(at=at, by=Actor("command", "benchmark"), reached=reached, conserve=False)
    told = {
        "bills": len(report.bills),
        "seconds": time.perf_counter() - began,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "split": spent,
        "parked": len(report.parked),
    }
    print(json.dumps(told))


def _grow(*, customers: int, devices: int, first: int) -> None:
    from benchmarks.crowd import build_crowd
    from quarterday.shared.database import acting
    from quarterday.shared.scope import Scope

    with acting(Scope.all()):
        build_crowd(customers=customers, devices=devices, first=first)


def _add(database: BenchDatabase, customers: int, devices: int, first: int) -> None:
    """Add customers, numbered from `first` on; only they have something due, as the others are billed already."""
    began = time.perf_counter()
    _grow(customers=customers, devices=devices, first=first)
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    print(f"{customers:,} customers with {devices:,} devices, made in {time.perf_counter() - began:.0f} s")


def _run(database: BenchDatabase, at: datetime) -> Measured:
    """Both processes, from a common start to the end of the last."""
    start = time.time() + 3
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bench_run", "--worker", str(start), at.isoformat()],
            env=database.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    told: list[dict[str, Any]] = []
    for worker in workers:
        out, _ = worker.communicate()
        if worker.returncode:
            raise SystemExit(f"a process failed with exit code {worker.returncode}")
        told.append(json.loads(out.strip().splitlines()[-1]))
    if any(each["parked"] for each in told):
        raise SystemExit("customers were parked: this measures nothing")
    bills = sum(each["bills"] for each in told)
    split = {stage: sum(each["split"][stage] for each in told) for stage in told[0]["split"]}
    with psycopg.connect(database.superuser) as connection:
        devices = connection.execute(
            "SELECT sum(device_count) FROM (SELECT device_count FROM bills_bill ORDER BY id DESC LIMIT %s) b", [bills]
        ).fetchone()
    seconds = max(each["seconds"] for each in told)
    return Measured(bills, int(devices[0]) if devices else 0, bills, seconds, max(e["megabytes"] for e in told), split)


def _sizes(database: BenchDatabase) -> dict[str, int]:
    """Bytes of each table with its indexes and long values."""
    tables = [*(f"bills_{name}" for name in TABLES), "shared_auditentry", *MAIL_TABLES]
    with psycopg.connect(database.superuser) as connection:
        return dict(
            connection.execute(
                "SELECT name, pg_total_relation_size(name::regclass) FROM unnest(%s::text[]) AS t (name)", [tables]
            ).fetchall()
        )


def _grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {table: after[table] - before[table] for table in after}


def _tell(measured: Measured, grown: dict[str, int]) -> None:
    whole = sum(measured.split.values())
    split = ", ".join(f"{stage} {100 * seconds / whole:.0f} %" for stage, seconds in measured.split.items())
    print(
        f"  {measured.bills:,} bills over {measured.devices:,} devices in {measured.seconds:.2f} s:"
        f" {measured.per_second:,.0f} bills/s by {PROCESSES} processes, at most {measured.megabytes} MB each"
    )
    print(f"  split: {split}")
    if not grown:
        return
    devices = measured.devices
    every_bill = {table: size for table, size in grown.items() if table != "bills_partycopy"}
    print(
        f"  stored a device and bill: {_evidence_bytes(measured, grown):.0f} bytes of facts and of lines with their"
        f" evidence; with all other rows and indexes of the bill desk"
        f" {sum(size for table, size in every_bill.items() if table.startswith('bills_')) / devices:.0f},"
        f" of the audit {grown['shared_auditentry'] / devices:.0f}, of the post room"
        f" {sum(grown[table] for table in MAIL_TABLES) / devices:.0f}"
        f" (and once a customer {grown['bills_partycopy'] / measured.bills:.0f} bytes for its copied address)"
    )
    if "-v" in sys.argv:
        for table, size in sorted(grown.items(), key=lambda each: -each[1]):
            print(f"    {table:24} {size / measured.bills:8.0f} bytes a bill")


def _evidence_bytes(measured: Measured, grown: dict[str, int]) -> float:
    """What grows with the devices: bytes of facts and lines, with their evidence and indexes, a device and bill."""
    return (grown["bills_billfacts"] + grown["bills_billline"]) / measured.devices


def _copy_seconds(database: BenchDatabase) -> float:
    """How long it takes to COPY what is in the tables into empty copies of them, with indexes and checks."""
    seconds = 0.0
    with psycopg.connect(database.superuser) as connection:
        for table in (*(f"bills_{name}" for name in TABLES), *MAIL_TABLES, "shared_auditentry"):
            with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as out:
                data = [bytes(block) for block in out]
            connection.execute(f"CREATE TABLE copied_{table} (LIKE {table} INCLUDING ALL)")
            connection.commit()
            began = time.perf_counter()
            with connection.cursor().copy(f"COPY copied_{table} FROM STDIN (FORMAT binary)") as into:
                for block in data:
                    into.write(block)
            connection.commit()
            seconds += time.perf_counter() - began
            connection.execute(f"DROP TABLE copied_{table}")
            connection.commit()
    return seconds


if __name__ == "__main__":
    sys.exit(main())
