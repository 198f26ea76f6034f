"""Conservation: every device-day of a month of 2,000 customers and 100,000 devices, accounted for in under 10 s."""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime

from benchmarks.database import bench_database

CUSTOMERS = 2_000
DEVICES = 100_000
MOST_SECONDS = 10
START, DUE = date(2026, 4, 1), datetime(2026, 5, 1, 7, tzinfo=UTC)


def main() -> int:
    """Make the MSP, bill its April, account for it; the exit code says whether that was quick and came out even."""
    with bench_database():
        from django.db import connection

        from benchmarks.crowd import BY, build_crowd
        from quarterday.bills.conservation import month_of, month_overview
        from quarterday.bills.run import run_billing
        from quarterday.shared.database import acting
        from quarterday.shared.scope import Scope

        with acting(Scope.all()):
            build_crowd(customers=CUSTOMERS, devices=DEVICES, start=START)
        run_billing(at=DUE, by=BY, conserve=False)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        seconds = []
        for _ in range(3):
            began = time.perf_counter()
            with acting(Scope.all()):
                found = month_overview(month_of(START), at=DUE)
            seconds.append(time.perf_counter() - began)
    best = min(seconds)
    print(
        f"conservation: {found.ledger:,} device-days of {len(found.customers):,} customers in {best:.1f} s"
        f" (at most {MOST_SECONDS} s); billed {found.days['billed']:,}, {len(found.faults)} faults"
    )
    return 0 if best <= MOST_SECONDS and found.adds_up else 1


if __name__ == "__main__":
    sys.exit(main())
