"""Promise 18: a minute of kills, of workers and of the database, and of a full disk, while bills fall due.

Then nobody has to tidy up.

CHAOS_SECONDS=600 CHAOS_SEED=4711 pytest -m prove tests/prove/test_chaos.py
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connections

from quarterday.audit.queries import audit
from quarterday.bills.models import BillIssue, BillPrint
from quarterday.config import cluster, places
from quarterday.config.database import migrate
from quarterday.config.postgres import find_programs, made_readable, server_account
from quarterday.plans.models import Plan
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.models import Subscription
from tests.bills.ledger import present
from tests.databases import Database, pointing_django_at
from tests.shop import NOW, a_customer, a_subscription
from tests.worker.crew import SlowPost, Worker, eventually, slow_post, something_due, states, workers

SECONDS = float(os.environ.get("CHAOS_SECONDS", "60"))
SEED = int(os.environ.get("CHAOS_SEED", "0")) or int(time.time())
FIRST_CUSTOMERS = 20


class Postgres:
    """A server of the test's own, which can be killed and started where it was."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        urls = cluster.ensure_cluster(folder)
        self.database = Database("quarterday", urls.login, urls.owner, urls.superuser)

    def kill(self) -> None:
        """End it without a word, as a power cut would, with all its processes."""
        pid = self._pid()
        os.kill(pid, signal.SIGQUIT)
        eventually(lambda: not Path(f"/proc/{pid}/cwd").exists(), within=20)

    def fill_the_disk(self) -> None:
        """Let no file grow beyond 64 kB: to PostgreSQL a limit of this kind is a full disk, for tables and its log."""
        self._limit_files("65536")

    def empty_the_disk(self) -> None:
        """Let files grow again; a server that gave up is started, as its service manager would."""
        self._limit_files("unlimited")
        eventually(self._answers, within=60)

    def _answers(self) -> bool:
        if not self._processes():
            self.start()
        try:
            psycopg.connect(self.database.superuser).close()
        except psycopg.OperationalError:
            return False
        return True

    def _limit_files(self, size: str) -> None:
        # As the server's own account, which may set its processes' limits where root in a container may not.
        for process in self._processes():
            server_account().run("prlimit", f"--pid={process}", f"--fsize={size}:")

    def _processes(self) -> list[int]:
        """The server and its children; none when it is down."""
        try:
            pid = self._pid()
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        except FileNotFoundError:
            return []
        return [pid, *map(int, children.split())]

    def _pid(self) -> int:
        return int((places.data_of(self.folder) / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])

    def start(self) -> None:
        """Start it on the same data and the same socket."""
        account = server_account()
        programs = made_readable(find_programs(), account, places.place_of(self.folder))
        data, log = places.data_of(self.folder), places.log_of(self.folder)
        answer = account.run(programs.bin / "pg_ctl", "start", "--wait", "--timeout=60", "-D", data, "-l", log)
        assert answer.returncode == 0, log.read_text(encoding="utf-8")[-2000:]


@pytest.fixture
def postgres(tmp_path: Path, django_db_blocker: Any) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres")
    try:
        with django_db_blocker.unblock(), pointing_django_at(server.database):
            migrate(verbosity=0)
            yield server
    finally:
        cluster.remove_cluster(server.folder)


@pytest.mark.prove
def test_after_a_minute_of_kills_and_full_disks_all_is_billed_printed_and_mailed_once(
    postgres: Postgres, tmp_path: Path
) -> None:
    print(f"CHAOS_SEED={SEED}")
    dice = random.Random(SEED)
    with slow_post() as post, workers(postgres.database, tmp_path) as hire:
        something_due(post, customers=FIRST_CUSTOMERS)
        crew = [hire(), hire()]
        until = time.monotonic() + SECONDS
        numbers = count(FIRST_CUSTOMERS)
        while time.monotonic() < until:
            _strike(dice, postgres, crew)
            while len(crew) < 2:
                crew.append(hire())
            _another_customer(next(numbers))
            time.sleep(dice.uniform(0.2, 3))
        with acting(Scope.all()):
            customers = Subscription.objects.count()
        assert customers > FIRST_CUSTOMERS
        eventually(lambda: len(_settled()) == customers, within=120, worker=crew[-1])
        assert [worker.stop() for worker in crew] == [0, 0]
        _nothing_is_wrong(post, customers)


def _strike(dice: random.Random, postgres: Postgres, crew: list[Worker]) -> None:
    what = dice.choice(["worker", "worker", "database", "full disk", "connections", "nothing"])
    if what == "worker":
        crew.pop(dice.randrange(len(crew))).kill()
    elif what == "database":
        postgres.kill()
        time.sleep(dice.uniform(0, 3))
        postgres.start()
    elif what == "full disk":
        postgres.fill_the_disk()
        time.sleep(dice.uniform(1, 4))
        postgres.empty_the_disk()
    elif what == "connections":
        with psycopg.connect(postgres.database.superuser, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user")


def _another_customer(number: int) -> None:
    """One more who is due since yesterday, unless the database is lost on the way."""
    start = datetime.now(UTC).date() - timedelta(days=32)
    try:
        with acting(Scope.all()):
            customer = a_customer(f"Customer {number}", emails=[f"customer{number}@shop.example"])
            plan = Plan.objects.get()
            a_subscription(customer, plan, starts_on=start, billed_from=start, review_first_bill=False)
            present(customer, "PC-1 #>", start=start, learned_at=NOW)
    except DatabaseError:
        connections.close_all()


def _settled() -> list[str]:
    """The deliveries that have come to their end."""
    try:
        return [state for state in states() if state == "sent"]
    except DatabaseError:
        connections.close_all()
        return []


def _nothing_is_wrong(post: SlowPost, customers: int) -> None:
    with acting(Scope.all()):
        numbers = list(BillIssue.objects.order_by("sequence").values_list("sequence", flat=True))
        assert BillPrint.objects.count() == customers
    assert numbers == list(range(1, customers + 1))
    # A mail whose fate a killed worker did not write down is sent again, as the same mail.
    assert len({mail["Message-ID"] for _, mail in post.taken}) == customers
    assert [breach for kept in audit(now=datetime.now(UTC)) for breach in kept.breaches] == []
