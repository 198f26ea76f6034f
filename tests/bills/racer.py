"""One of several billing processes that start at once: `python -m tests.bills.racer SEED FAULTS LOCK [MISTAKE]`.

It says that it is ready, waits for the word on its standard input, and bills everybody. Whenever a planned fault has
thrown it out it starts over, as a restarted worker would.
"""

from __future__ import annotations

import os
import random
import sys
from datetime import UTC, datetime

from tests.bills.broken import PLANTED, Crash

FIRST_OF_MAY = datetime(2026, 5, 1, 7, tzinfo=UTC)
POINTS = ("locked", "collected", "calculated", "serialised", "written", "checked", "numbered", "finished")


class Fault(Exception):
    """The process fails here, on purpose."""


def main(seed: int, faults: float, lock: str, mistake: str = "") -> None:
    import django

    django.setup()
    from django.db import connection

    from quarterday.bills import run
    from quarterday.shared.database import acting
    from quarterday.shared.scope import Actor, Scope

    if lock == "off":
        run.lock_customers = lambda customer_ids, *, wait=True: list(customer_ids)
    dice = random.Random(seed)
    if mistake:
        PLANTED[mistake]()

    def reached(point: str) -> None:
        assert point in POINTS, point
        if dice.random() < faults:
            if dice.random() < 0.3:
                connection.connection.close()
            else:
                raise Fault(point)

    with acting(Scope.all()):
        pass  # connected now, so that all are as quick to begin
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        try:
            run.run_billing(at=FIRST_OF_MAY, by=Actor("worker", f"racer {seed}"), chunk=7, reached=reached)
        except (Fault, Crash):
            continue
        return


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterday.config.settings")
    main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
