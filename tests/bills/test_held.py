"""While prices change, nobody bills the customers whom it is about."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connections

from quarterday.bills.changeable import held, plan_settled_until, settled_until
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on
from tests.bills.ledger import present
from tests.databases import Database
from tests.shop import a_customer, a_plan, a_subscription, open_shop

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@pytest.mark.parametrize("whose", ["of a plan", "of subscriptions"])
def test_a_run_waits_for_those_whose_prices_are_changing(fresh_database: Database, whose: str) -> None:
    with acting(Scope.all()):
        open_shop()
        plan = a_plan()
        customer = a_customer()
        present(customer, "PC-1 #>", start=APRIL)
        subscription = a_subscription(customer, plan, review_first_bill=False)

    with ThreadPoolExecutor(1) as pool:
        with acting(Scope.all()):
            if whose == "of a plan":
                assert held(lambda: plan_settled_until(plan), plan=plan) is None
            else:
                told = held(lambda: settled_until([subscription.pk]), subscription_ids=[subscription.pk])
                assert told == {subscription.pk: None}
            run = pool.submit(_run_meanwhile)
            with pytest.raises(TimeoutError):
                run.result(timeout=0.5)
            assert plan_settled_until(plan) is None
        assert run.result(timeout=30) == ["North Dental"]

    with acting(Scope.all()):
        assert plan_settled_until(plan) == MAY


def _run_meanwhile() -> list[str]:
    """Whom a run bills on a connection of its own."""
    try:
        with acting(Scope.all()):
            return [bill.customer for bill in bill_on(MAY).bills]
    finally:
        connections.close_all()
