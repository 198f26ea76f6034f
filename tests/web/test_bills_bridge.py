"""Why a bill differs: on its page, and between any two bills of a customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment
from tests.bills.desk import bill_on
from tests.bills.ledger import present
from tests.shop import BY, NOW
from tests.web.bills_desk import JUNE, MAY, customers, every, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import counting_queries


@pytest.fixture(autouse=True)
def june(database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-06-02T09:00:00+00:00", tick=False)
    open_the_shop()


def two_months(customer: Customer, came: str = "PC-3 #>") -> Bill:
    """April and May are billed; devices came in May."""
    bill_on(MAY)
    with acting(Scope.all()):
        present(customer, came, start=MAY)
    bill_on(JUNE)
    return every()[-1]


def test_a_bill_says_why_it_differs_from_the_one_before(sign_in: SignIn) -> None:
    bill = two_months(customers("North Dental")[0])

    shown = page(sign_in("auditor"), f"/billing/bills/{bill.pk}/")

    assert "Why it differs from the bill before" in shown
    assert "1 Computers: 1 new Gold: PC-3 +30.00" in shown
    assert "2 Tax on these amounts +5.70" in shown
    assert "EUR 214.20 +35.70" in shown


def test_a_first_bill_has_no_such_section(sign_in: SignIn) -> None:
    customers("North Dental")
    bill_on(MAY)

    assert "Why it differs" not in page(sign_in("auditor"), f"/billing/bills/{every()[0].pk}/")


def test_any_two_bills_of_a_customer_are_compared(sign_in: SignIn) -> None:
    bill = two_months(customers("North Dental")[0])
    first = every()[0]

    shown = page(sign_in("auditor"), f"/billing/bills/{first.pk}/bridge/?from={bill.pk}")

    assert "Why INV-2026-00001 differs" in shown
    assert "Computers: 1 new Gold: PC-3 +30.00" in shown


def test_a_bill_of_another_customer_is_not_compared(sign_in: SignIn) -> None:
    mine, foreign = customers("Mine", "Foreign")
    two_months(mine)
    bill, other = (next(each for each in every() if each.customer_id == of.pk) for of in (mine, foreign))

    assert "different customers" in page(sign_in("auditor"), f"/billing/bills/{bill.pk}/bridge/?from={other.pk}")
    client = sign_in("customer_admin", customers=[mine.pk])
    assert client.get(f"/billing/bills/{bill.pk}/bridge/?from={other.pk}").status_code == 404


@pytest.mark.parametrize("reasons", [1, 3])
@pytest.mark.parametrize(("path", "questions"), [("", 12), ("bridge/", 7)])
def test_a_bridge_asks_the_same_questions_at_any_size(sign_in: SignIn, path: str, questions: int, reasons: int) -> None:
    [customer] = customers("North Dental")
    with acting(Scope.all()):
        for number in range(reasons):
            add_adjustment(customer, text=f"No. {number}", amount=Decimal(1), starts_on=JUNE, by=BY, now=NOW)
    bill = two_months(customer)
    client = sign_in("clerk")

    with counting_queries() as queries:
        assert client.get(f"/billing/bills/{bill.pk}/{path}").status_code == 200

    assert len(queries) == questions, queries
