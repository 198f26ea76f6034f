"""Reading for a chunk: as many queries for one customer as for two hundred, and no facts that the bill cannot see."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterday.bills.collect import CustomerCase, Desk, collect, facts_of, open_cases
from quarterday.bills.late import watch
from quarterday.bills.run import run_billing
from quarterday.customers.models import Customer
from quarterday.engine.facts import BillingFacts
from quarterday.engine.periods import Period
from quarterday.inventory.actions import except_device
from quarterday.plans.actions import modify_plan
from quarterday.plans.models import Plan
from quarterday.provider.queries import get_provider
from quarterday.subscriptions.actions import add_adjustment, restart
from tests.bills.desk import bill_on, eur, moment
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))


def some_customers(count: int, plan: Plan) -> list[Customer]:
    made = [a_customer(f"{plan} {i}") for i in range(count)]
    for customer in made:
        a_subscription(customer, plan, review_first_bill=False)
        devices = present(customer, "PC-1 #>\nPC-2 #>\nSRV server #>", start=APRIL)
        add_adjustment(customer, text="Loyalty", starts_on=APRIL, percent=eur("-5"), times=None, by=BY, now=NOW)
        except_device(devices["PC-2"], days=Period(APRIL, MAY), reason="spare", agreed_by="Dora", now=NOW, by=BY)
    return made


def on_the_desk(customers: list[Customer], day: date) -> tuple[dict[int, CustomerCase], Desk]:
    cases = open_cases([customer.pk for customer in customers], at=moment(day), provider=get_provider())
    watch(cases, at=moment(day), periods_back=3)
    return cases, collect(cases, get_provider())


def facts(customer: Customer, day: date) -> BillingFacts:
    cases, desk = on_the_desk([customer], day)
    case = cases[customer.pk]
    return facts_of(case, case.groups[0], desk)


def test_a_chunk_is_read_with_as_many_queries_as_one_customer() -> None:
    few, many = some_customers(1, a_plan("Few", timing="advance")), some_customers(12, a_plan("Many", timing="advance"))
    run_billing(at=moment(APRIL), by=BY)

    with CaptureQueriesContext(connection) as for_one:
        on_the_desk(few, MAY)
    with CaptureQueriesContext(connection) as for_twelve:
        on_the_desk(many, MAY)

    assert len(for_one) == len(for_twelve) == 5


def test_a_chunk_is_written_with_as_many_statements_as_one_customer() -> None:
    few, many = some_customers(1, a_plan("Few")), some_customers(12, a_plan("Many"))

    with CaptureQueriesContext(connection) as for_one:
        bill_on(MAY, customers=[customer.pk for customer in few], conserve=False)
    with CaptureQueriesContext(connection) as for_twelve:
        bill_on(MAY, customers=[customer.pk for customer in many], conserve=False)

    assert len(for_one) == len(for_twelve)


def test_what_the_bill_cannot_see_is_not_in_its_facts() -> None:
    customer, plan = a_customer(), a_plan(prices={"computer": {"unit_price": "30.00"}})
    a_subscription(customer, plan, review_first_bill=False)
    present(customer, "PC-1 #>\nPHONE mobile #>", start=APRIL)
    present(customer, "PC-MAY #>", start=MAY)
    before = facts(customer, MAY)
    add_adjustment(customer, text="Later", starts_on=JUNE, amount=eur("10"), by=BY, now=NOW)
    modify_plan(plan, effective_on=JUNE, prices={"computer": {"unit_price": "31"}}, settled_until=None, by=BY, now=NOW)

    assert facts(customer, MAY) == before
    assert list(before.names.values()) == ["PC-1"]
    assert [(stay.device_class, stay.present) for stay in before.stays] == [("computer", Period(APRIL, MAY))]


def test_in_advance_a_bill_sees_its_first_day_only() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(timing="advance"), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 .#>", start=APRIL)

    assert [stay.present for stay in facts(customer, APRIL).stays] == [Period(APRIL, date(2026, 4, 2))]


def test_a_discount_goes_on_for_the_subscription_that_a_restart_put_in_place() -> None:
    customer = a_customer()
    subscription = a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    add_adjustment(
        customer,
        text="Half",
        starts_on=APRIL,
        percent=eur("-50"),
        times=None,
        subscription=subscription,
        by=BY,
        now=NOW,
    )
    bill_on(MAY)
    restart(subscription, on=MAY, plan=a_plan("Platinum", prices={"computer": {"unit_price": "40.00"}}), by=BY, now=NOW)

    [bill] = bill_on(JUNE).bills

    assert bill.net == eur("20.00")
