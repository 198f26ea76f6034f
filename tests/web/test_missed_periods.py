"""Periods that were missed are never billed when a person says so, who is told before what is given up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from quarterday.bills.models import Bill
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.models import Subscription
from tests.bills.ledger import present
from tests.cli.terminal import run
from tests.shop import a_customer, a_plan, a_subscription, open_shop
from tests.web.conftest import SignIn
from tests.web.plans_desk import counting_queries, text_of

APRIL = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def _the_tenth_of_july(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 7, 10, 9, tzinfo=UTC), tick=False)


@pytest.fixture
def missed(database: None) -> Subscription:
    """Three computers at 30.00 and 19 % tax since April, of whom no bill was made."""
    with acting(Scope.all()):
        open_shop()
        customer = a_customer()
        present(customer, "PC-1 #>\nPC-2 #>\nPC-3 #>", start=APRIL)
        return a_subscription(customer, a_plan(), review_first_bill=False)


def test_the_page_says_what_is_given_up(sign_in: SignIn, missed: Subscription) -> None:
    clerk, address = sign_in("clerk"), f"/billing/subscriptions/{missed.pk}/waive/"

    with counting_queries() as queries:
        shown = text_of(clerk.get(address))

    assert "These 3 periods are settled without a bill" in shown
    assert "EUR 321.30 with tax is given up" in shown
    assert len(queries) == 9

    clerk.post(address, {"reason": "We were not ready"})
    assert "Nothing is due at this moment" in text_of(clerk.get(address))


def test_the_command_does_the_same_and_looks_first(missed: Subscription) -> None:
    looked = run("subscriptions", "waive", str(missed.pk), "--dry-run")
    assert "2026-05-01 to 2026-05-31" in looked.out
    assert "3 periods would never be billed; given up with tax: 321.30 EUR." in looked.out

    assert run("subscriptions", "waive", str(missed.pk)).code == 1, "without a reason"
    waived = run("subscriptions", "waive", str(missed.pk), "--reason", "We were not ready")
    assert "3 periods are never billed; given up with tax: 321.30 EUR." in waived.out

    run("bill")
    with acting(Scope.all()):
        assert not Bill.objects.exists()
    assert "Nothing of" in run("subscriptions", "waive", str(missed.pk), "--reason", "Again").err
