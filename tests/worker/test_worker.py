"""Workers do what is due without hands: they share it, take over from one another, and end politely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from quarterday.audit.queries import audit
from quarterday.bills.models import BillIssue, BillPrint
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.worker.jobs import clock
from tests.worker.crew import SlowPost, Worker, eventually, slow_post, something_due, states, workers

if TYPE_CHECKING:
    from tests.databases import Database

Hire = Callable[..., Worker]


@pytest.fixture
def post(fresh_database: Database) -> Iterator[SlowPost]:
    with slow_post() as office:
        yield office


@pytest.fixture
def hire(fresh_database: Database, tmp_path: Path) -> Iterator[Hire]:
    with workers(fresh_database, tmp_path) as agency:
        yield agency


def printed() -> int:
    with acting(Scope.all()):
        return BillPrint.objects.count()


def test_a_due_subscription_becomes_a_mailed_bill_without_hands(post: SlowPost, hire: Hire) -> None:
    something_due(post)
    worker = hire()

    eventually(lambda: states() == ["sent"], within=120, worker=worker)

    ((address, mail),) = post.taken
    (pdf,) = [part.get_payload(decode=True) for part in mail.iter_attachments()]
    with acting(Scope.all()):
        issue, stored = BillIssue.objects.get(), BillPrint.objects.get()
    assert address == "customer0@shop.example"
    assert issue.number in mail["Subject"]
    assert sha256(bytes(pdf)).hexdigest() == stored.sha256
    assert [breach for kept in audit(now=clock()) for breach in kept.breaches] == []
    assert worker.stop() == 0


def test_a_worker_that_is_to_stop_when_idle_does_everything_in_order(post: SlowPost, hire: Hire) -> None:
    something_due(post, customers=3)

    worker = hire("--until-idle")

    assert worker.wait() == 0, worker.said
    assert states() == ["sent"] * 3
    assert len(post.taken) == 3


@pytest.mark.prove
def test_two_workers_at_once_bill_print_and_send_everything_once(post: SlowPost, hire: Hire) -> None:
    post.seconds = 0.05
    something_due(post, customers=6)
    crew = [hire(), hire()]

    eventually(lambda: states() == ["sent"] * 6, within=120, worker=crew[0])

    assert sorted(address for address, _ in post.taken) == sorted(f"customer{n}@shop.example" for n in range(6))
    with acting(Scope.all()):
        assert sorted(BillIssue.objects.values_list("sequence", flat=True)) == list(range(1, 7))
    assert [worker.stop() for worker in crew] == [0, 0]
    assert len(post.taken) == 6


@pytest.mark.prove
def test_a_worker_that_is_told_to_stop_finishes_the_mail_it_began(post: SlowPost, hire: Hire) -> None:
    post.seconds = 4
    something_due(post)
    worker = hire()
    eventually(lambda: post.begun, within=120, worker=worker)

    assert worker.stop() == 0, worker.said

    assert states() == ["sent"]
    assert len(post.taken) == 1


def test_a_worker_killed_in_the_middle_of_a_print_is_replaced(
    post: SlowPost, hire: Hire, fresh_database: Database
) -> None:
    something_due(post)
    with psycopg.connect(fresh_database.superuser) as locker:
        locker.execute("LOCK TABLE bills_billprint IN SHARE MODE")
        first = hire()
        with psycopg.connect(fresh_database.superuser, autocommit=True) as watcher:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'bills_billprint'::regclass"
            eventually(lambda: watcher.execute(waiting).fetchone() == (1,), within=120, worker=first)
        first.kill()
    assert printed() == 0
    second = hire()

    eventually(lambda: states() == ["sent"], within=120, worker=second)

    assert printed() == 1
    assert len(post.taken) == 1


@pytest.mark.prove
def test_a_worker_whose_connections_are_cut_goes_on(post: SlowPost, hire: Hire, fresh_database: Database) -> None:
    worker = hire()
    with psycopg.connect(fresh_database.superuser, autocommit=True) as executioner:
        cut = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE datname = current_database() AND usename = 'quarterday_login'"""
        eventually(lambda: executioner.execute(cut).fetchone() != (0,), within=120, worker=worker)
    something_due(post)

    eventually(lambda: states() == ["sent"], within=120, worker=worker)
    assert worker.stop() == 0, worker.said


@pytest.mark.prove
def test_a_worker_killed_in_the_middle_of_a_send_is_replaced_within_a_minute(post: SlowPost, hire: Hire) -> None:
    post.seconds = 120
    something_due(post, customers=3)
    first = hire()
    eventually(lambda: post.begun, within=120, worker=first)
    second = hire()
    first.kill()
    post.seconds = 0

    took = eventually(lambda: states() == ["sent"] * 3, within=60, worker=second)

    print(f"taken over and sent after {took:.0f} s")
    assert sorted(address for address, _ in post.taken) == [f"customer{n}@shop.example" for n in range(3)]
