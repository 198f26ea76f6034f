"""Promise 3: wherever a worker comes to grief, another one leaves everything as if nothing had happened."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from quarterday.audit.queries import audit
from quarterday.bills.models import BillIssue, BillPrint
from quarterday.bills.printing import print_waiting
from quarterday.bills.run import run_billing
from quarterday.outbox.models import MailServer
from quarterday.outbox.sending import rescue, send_due
from quarterday.shared.database import acting
from quarterday.shared.scope import WORKER, Scope
from tests.bills.ledger import present
from tests.settings import ROOT
from tests.shop import a_customer, a_plan, a_subscription, open_shop
from tests.worker.crew import SlowPost, slow_post, states
from tests.worker.faulty import AT, FAULTS, POINTS

if TYPE_CHECKING:
    from tests.databases import Database

A_MINUTE_LATER = AT + timedelta(minutes=1)
CUSTOMERS = 3


@pytest.fixture
def post(fresh_database: Database) -> Iterator[SlowPost]:
    """A shop with three customers who are due, and its post office."""
    with slow_post() as office:
        with acting(Scope.all()):
            open_shop(mail_hour=0)
            MailServer.objects.update(host="127.0.0.1", port=office.port, security="none")
            plan = a_plan()
            for n in range(CUSTOMERS):
                customer = a_customer(f"Customer {n}", emails=[f"customer{n}@shop.example"])
                a_subscription(customer, plan, review_first_bill=False)
                present(customer, "PC-1 #>", start=date(2026, 4, 1))
        yield office


def another_worker() -> None:
    """What any worker does within a minute."""
    run_billing(at=A_MINUTE_LATER, by=WORKER)
    print_waiting(clock=lambda: A_MINUTE_LATER)
    rescue(now=A_MINUTE_LATER)
    send_due(clock=lambda: A_MINUTE_LATER, batches=50)


def come_to_grief(database: Database, folder: Path, point: str, fault: str) -> None:
    """Let a worker meet a fault at a point, and another one take over."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.worker.faulty", point, fault],
        cwd=ROOT,
        env={**database.environment(folder), "PYTHONPATH": f"src:{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "reached\n", process.communicate()
    if fault == "stalled":
        another_worker()
    process.communicate(timeout=60)
    another_worker()


def nothing_is_wrong(post: SlowPost, *, may_repeat: bool) -> None:
    """Every bill is there once, printed, and mailed; a mail whose fate nobody knew is repeated as the same mail."""
    with acting(Scope.all()):
        assert list(BillIssue.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3]
        assert BillPrint.objects.count() == CUSTOMERS
    assert states() == ["sent"] * CUSTOMERS
    assert len({mail["Message-ID"] for _, mail in post.taken}) == CUSTOMERS
    assert len(post.taken) == CUSTOMERS or (may_repeat and len(post.taken) == CUSTOMERS + 1)
    assert [breach for kept in audit(now=A_MINUTE_LATER) for breach in kept.breaches] == []


@pytest.mark.prove
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_comes_to_grief_and_another_takes_over(
    post: SlowPost, fresh_database: Database, tmp_path: Path, point: str, fault: str
) -> None:
    come_to_grief(fresh_database, tmp_path, point, fault)

    # A sender that was cut off just before the server took the mail cannot write down that it did.
    in_doubt = point == "delivered" or (point == "composed" and fault == "cut off")
    nothing_is_wrong(post, may_repeat=in_doubt and fault != "stalled")


@pytest.mark.parametrize(
    "point",
    ["delivered", pytest.param("numbered", marks=pytest.mark.prove), pytest.param("rendered", marks=pytest.mark.prove)],
)
def test_a_worker_is_killed_where_it_hurts_most_and_another_takes_over(
    post: SlowPost, fresh_database: Database, tmp_path: Path, point: str
) -> None:
    come_to_grief(fresh_database, tmp_path, point, "killed")

    nothing_is_wrong(post, may_repeat=point == "delivered")
