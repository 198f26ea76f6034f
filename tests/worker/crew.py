"""Workers as processes of their own, the shop they work for, and a post office that a test can slow down."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from quarterday.demo.mailserver import mail_server
from quarterday.outbox.models import Delivery, MailServer
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.ledger import present
from tests.databases import Database
from tests.outbox.post import ScriptedPost
from tests.settings import ROOT
from tests.shop import NOW, a_customer, a_plan, a_subscription, open_shop


class SlowPost(ScriptedPost):
    """A post office that takes `seconds` for each message, after it has heard all of it; `begun` counts them."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__()
        self.seconds = seconds
        self.begun = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self.begun += 1
        await asyncio.sleep(self.seconds)
        return await super().handle_DATA(server, session, envelope)


@contextmanager
def slow_post(seconds: float = 0) -> Iterator[SlowPost]:
    """A post office on loopback."""
    post = SlowPost(seconds)
    with mail_server(post) as port:
        post.port = port
        yield post


class Worker:
    """`quarterday worker` in a process of its own, whose output is kept."""

    def __init__(self, database: Database, folder: Path, *options: str) -> None:
        self._log = (folder / f"worker-{time.monotonic_ns()}.log").open("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from quarterday.cli.main import main; main()", "worker", *options],
            cwd=ROOT,
            env=database.environment(folder),
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def said(self) -> str:
        """What it has printed so far."""
        self._log.seek(0)
        return self._log.read()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to stop, and wait until it has; answers its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Wait until it stops by itself; answers its exit code."""
        return self._process.wait(timeout=60)


@contextmanager
def workers(database: Database, folder: Path) -> Iterator[Callable[..., Worker]]:
    """Hire workers; none outlives the block."""
    hired: list[Worker] = []

    def hire(*options: str) -> Worker:
        hired.append(Worker(database, folder, *options))
        return hired[-1]

    try:
        yield hire
    finally:
        for worker in hired:
            worker.kill()


def something_due(post: SlowPost, *, customers: int = 1) -> None:
    """A shop with customers whose first month is over since yesterday; their mail may go at any hour."""
    start = datetime.now(UTC).date() - timedelta(days=32)
    with acting(Scope.all()):
        open_shop()
        Provider.objects.update(mail_hour=0, bill_hour=0)
        MailServer.objects.update(host="127.0.0.1", port=post.port, security="none")
        plan = a_plan(effective_on=start)
        for n in range(customers):
            customer = a_customer(f"Customer {n}", emails=[f"customer{n}@shop.example"])
            a_subscription(customer, plan, starts_on=start, billed_from=start, review_first_bill=False)
            present(customer, "PC-1 #>\nSRV server #>", start=start, learned_at=NOW)


def states() -> list[str]:
    """The states of all deliveries."""
    with acting(Scope.all()):
        return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def eventually(holds: Callable[[], object], *, within: float, worker: Worker | None = None) -> float:
    """Wait until something holds, at most so many seconds; answers how long it took."""
    begun = time.monotonic()
    while not holds():
        waited = time.monotonic() - begun
        assert waited < within, f"not after {waited:.0f} s; {worker.said[-3000:] if worker else ''}"
        time.sleep(0.1)
    return time.monotonic() - begun
