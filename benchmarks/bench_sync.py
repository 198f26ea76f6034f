"""An inventory sync: a CSV file of 100,000 devices that are all known and unchanged, read and applied."""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from benchmarks.database import bench_database

DEVICES = 100_000
CUSTOMERS = 2_000
MOST_SECONDS = 5


def main() -> int:
    """Take the file over once, which makes all devices, then a day later again, unchanged."""
    with bench_database():
        from benchmarks.crowd import BY, NOW, build_crowd
        from quarterday.connectors.csvfile import CsvOptions, read_csv
        from quarterday.inventory.actions import apply_snapshot
        from quarterday.shared.database import acting
        from quarterday.shared.scope import Scope

        with acting(Scope.all()):
            build_crowd(customers=CUSTOMERS, devices=CUSTOMERS)
        file = "Customer,Device ID,Name,Class,Serial\n" + "".join(
            f"Customer {1 + i % CUSTOMERS} GmbH,{i},PC-{i},{'server' if i % 10 > 7 else 'computer'},SN-{i:06}\n"
            for i in range(DEVICES)
        )
        for day in (1, 2):
            taken_at = NOW + timedelta(days=day)
            began = time.perf_counter()
            snapshot = read_csv(file.encode(), source="export", taken_at=taken_at, as_of=None, options=CsvOptions())
            read = time.perf_counter() - began
            with acting(Scope.all()):
                result = apply_snapshot(snapshot, now=taken_at, by=BY)
            seconds = time.perf_counter() - began
            assert result.state == "applied", result
            assert result.changed_count == (DEVICES if day == 1 else 0), result.counts
            what = "new" if day == 1 else "unchanged"
            print(f"{DEVICES:,} {what} devices synced in {seconds:.1f} s, {read:.1f} s of it for reading the file")
    return 0 if seconds < MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
