"""A process that lives a day, of day.py or desk.py, and comes to grief:

    python -m tests.worker.griever day POINT FAULT FOLDER

When it gets to the point for the first time it leaves a mark in the folder, and then is killed, fails, loses its
connection, or stands still for a while. Only who stood still goes on into the weeks after.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

FAULTS = ("killed", "failed", "cut off", "stalled")
STALL_SECONDS = 2


def main(day: str, point: str, fault: str, folder: Path) -> None:
    import django

    django.setup()
    from tests.worker.faultpoints import fault_points

    live = import_module(f"tests.worker.{day}").live

    mark = folder / "met"

    def reached(name: str) -> None:
        if name == point and not mark.exists():
            mark.touch()
            _meet(fault)

    with fault_points(reached):
        live(folder, goes_on=lambda: fault == "stalled" or not mark.exists())


def _meet(fault: str) -> None:
    from django.db import OperationalError, connection

    if fault == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault == "failed":
        # What a database raises: of another kind Django would not know that its commit came to nothing.
        raise OperationalError("failed here, on purpose")
    elif fault == "cut off":
        connection.connection.close()
    else:
        time.sleep(STALL_SECONDS)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterday.config.settings")
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
