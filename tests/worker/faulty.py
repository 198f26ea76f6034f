"""A worker that comes to grief at one point: `python -m tests.worker.faulty POINT FAULT`.

It bills, prints and sends once, at a fixed instant. When it gets to the point it says so, and then is killed, fails,
loses its connection, or stands still for a while.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

AT = datetime(2026, 5, 1, 7, tzinfo=UTC)

RUN_POINTS = ("locked", "collected", "calculated", "written", "checked", "numbered", "finished")
POINTS = (*RUN_POINTS, "rendered", "printed", "claimed", "composed", "delivered", "noted")
"""Before and after every commit and every send. `delivered`: the server has taken the mail, and nobody knows yet."""

FAULTS = ("killed", "failed", "cut off", "stalled")
STALL_SECONDS = 3


class Failed(Exception):
    """What happens here, on purpose."""


def main(point: str, fault: str) -> None:
    import django

    django.setup()
    from quarterday.bills import printing
    from quarterday.bills.run import run_billing
    from quarterday.outbox import sending
    from quarterday.outbox.smtp import Post
    from quarterday.shared.scope import WORKER

    reached = _once(point, fault)
    _before(printing, "make_ready", lambda: reached("rendered"))
    _after(sending, "_claim", lambda: reached("claimed"))
    _before(Post, "send", lambda: reached("composed"))
    _after(Post, "send", lambda: reached("delivered"))
    run_billing(at=AT, by=WORKER, reached=reached)
    printing.print_waiting(clock=lambda: AT)
    reached("printed")
    sending.send_due(clock=lambda: AT, batches=50)
    reached("noted")


def _once(point: str, fault: str) -> Callable[[str], None]:
    """Meet the fault when the point is reached for the first time."""
    met = False

    def reached(name: str) -> None:
        nonlocal met
        if name == point and not met:
            met = True
            print("reached", flush=True)
            _meet(fault)

    return reached


def _meet(fault: str) -> None:
    from django.db import connection

    if fault == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault == "failed":
        raise Failed
    elif fault == "cut off":
        assert connection.connection is not None
        connection.connection.close()
    else:
        time.sleep(STALL_SECONDS)


def _before(owner: Any, name: str, call: Callable[[], None]) -> None:
    original = getattr(owner, name)

    @wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        call()
        return original(*args, **kwargs)

    setattr(owner, name, wrapped)


def _after(owner: Any, name: str, call: Callable[[], None]) -> None:
    original = getattr(owner, name)

    @wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        call()
        return result

    setattr(owner, name, wrapped)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterday.config.settings")
    main(sys.argv[1], sys.argv[2])
