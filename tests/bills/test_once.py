"""Two defences against billing a period twice, each by itself: the lock of a customer, and the claim's constraint."""

from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connections

from quarterday.bills.locks import lock_customers
from quarterday.bills.models import BillIssue
from quarterday.bills.run import run_billing
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on, moment
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

if TYPE_CHECKING:
    from tests.databases import Database

MAY = date(2026, 5, 1)


@pytest.fixture
def two_customers(fresh_database: Database) -> list[int]:
    """Two customers whose April is due."""
    with acting(Scope.all()):
        open_shop()
        plan = a_plan()
        customers = [a_customer(name) for name in ("Alpha", "Beta")]
        for customer in customers:
            a_subscription(customer, plan, review_first_bill=False)
            present(customer, "PC-1 #>", start=date(2026, 4, 1))
    return [customer.pk for customer in customers]


def test_a_customer_whom_somebody_bills_at_this_moment_is_billed_after_the_others(two_customers: list[int]) -> None:
    held, free = two_customers
    has_it, may_let_go = threading.Event(), threading.Event()

    def somebody_else() -> None:
        with acting(Scope.all()):
            lock_customers([held])
            has_it.set()
            may_let_go.wait(20)
        connections.close_all()

    def billed_so_far(done: int, total: int) -> None:
        with acting(Scope.all()):
            progress.append(sorted(BillIssue.objects.values_list("customer_id", flat=True)))
        may_let_go.set()

    progress: list[list[int]] = []
    other = threading.Thread(target=somebody_else)
    other.start()
    assert has_it.wait(20)
    run_billing(at=moment(MAY), by=BY, progress=billed_so_far)
    other.join(20)

    assert progress == [[free], [held, free]]


def test_the_database_refuses_a_second_claim_of_the_same_days(
    two_customers: list[int], fresh_database: Database
) -> None:
    bill_on(MAY)
    again = """INSERT INTO bills_periodclaim SELECT (c).* FROM (SELECT jsonb_populate_record(b, '{"id": 1000}') AS c
        FROM bills_periodclaim b ORDER BY id LIMIT 1) AS copy"""

    refused = pytest.raises(psycopg.errors.ExclusionViolation, match="a_period_is_claimed_once")
    with psycopg.connect(fresh_database.superuser) as superuser, refused:
        superuser.execute(again)
