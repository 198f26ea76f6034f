"""One of several billing processes that start at once: `python -m tests.bills.racer SEED FAULTS LOCK START`.

It waits for the common start, bills everybody, and starts over whenever a planned fault has thrown it out, as a
restarted worker would.
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import UTC, datetime

FIRST_OF_MAY = datetime(2026, 5, 1, 7, tzinfo=UTC)
POINTS = ("locked", "collected", "calculated", "written", "checked", "numbered", "finished")


class Fault(Exception):
    """The process fails here, on purpose."""


def main(seed: int, faults: float, lock: str, start: float) -> None:
    import django

    django.setup()
    from django.db import connection

    from quarterday.bills import run
    from quarterday.shared.scope import Actor

    if lock == "off":
        run.lock_customers = lambda ids, *, wait=True: list(ids)
    dice = random.Random(seed)

    def reached(point: str) -> None:
        assert point in POINTS, point
        if dice.random() < faults:
            if dice.random() < 0.3:
                connection.connection.close()
            else:
                raise Fault(point)

    time.sleep(max(start - time.time(), 0))
    while True:
        try:
            run.run_billing(at=FIRST_OF_MAY, by=Actor("worker", f"racer {seed}"), chunk=7, reached=reached)
        except Fault:
            continue
        return


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterday.config.settings")
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
