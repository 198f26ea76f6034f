"""Conservation: where every device-day of a month went, and that nothing is lost between the ledger and the bills."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from quarterday.bills.actions import discard_bill, release_bill
from quarterday.bills.conservation import Conservation, device_days_of, month_overview
from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import except_device, replace_device
from tests.bills.desk import bill_on, eur, moment
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))
MAY = date(2026, 5, 1)


def april(customer: Customer, *, at: date = MAY) -> Conservation:
    found = device_days_of(APRIL, [customer.pk], at=moment(at))
    assert found.faults == []
    return found


def days_of(found: Conservation, device_class: str = "computer") -> Mapping[str, int]:
    [accounted] = [each for each in found.accounted if each.device_class == device_class]
    return {bucket: days for bucket, days in accounted.days.items() if days}


def test_before_the_billing_date_nothing_is_due_and_after_it_all_is_billed() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 ..........####################", start=APRIL.start)

    assert days_of(april(customer, at=date(2026, 4, 20))) == {"not_due": 50}
    bill_on(MAY)
    found = april(customer)

    assert days_of(found) == {"billed": 50}
    assert (found.ledger_days, found.buckets()) == (
        50,
        {"billed": 50, "covered": 0, "not_due": 0, "held": 0, "excepted": 0, "paused": 0, "unbilled": 0},
    )


def test_a_device_that_left_before_the_day_that_counts_is_covered() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 ##########", start=APRIL.start)
    bill_on(MAY)

    assert days_of(april(customer)) == {"billed": 30, "covered": 10}


def test_what_is_on_a_draft_is_held_and_what_is_waived_is_paused() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan())
    present(customer, "PC-1 #>", start=APRIL.start)
    bill_on(MAY)
    assert days_of(april(customer)) == {"held": 30}

    discard_bill(Bill.objects.get(), now=moment(MAY), by=BY, waive_reason="trial month")

    assert days_of(april(customer)) == {"paused": 30}


def test_days_before_billing_begins_are_paused() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), billed_from=date(2026, 4, 11), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL.start)
    bill_on(MAY)

    assert days_of(april(customer)) == {"paused": 10, "billed": 20}


def test_excepted_days_say_why_who_agreed_and_what_they_cost() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    devices = present(customer, "PC-1 #>\nPC-2 #>", start=APRIL.start)
    days = Period(date(2026, 4, 16), date(2026, 5, 16))
    except_device(devices["PC-2"], days=days, reason="spare", agreed_by="Dora", now=NOW, by=BY)
    bill_on(MAY)
    found = april(customer)

    assert days_of(found) == {"billed": 30, "covered": 15, "excepted": 15}
    [spare] = found.not_charged
    assert (spare.reason, spare.agreed_by, spare.until, spare.cost) == (
        "spare",
        "Dora",
        date(2026, 5, 16),
        eur("15.00"),
    )


def test_a_replaced_computer_counts_once_on_the_days_that_both_were_there() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(counting="any_day"), review_first_bill=False)
    devices = present(
        customer,
        """
        OLD  ###################...........
        NEW  ...............###############
        """,
        start=APRIL.start,
    )
    replace_device(devices["OLD"], new=devices["NEW"], now=NOW, by=BY)
    bill_on(MAY)

    assert days_of(april(customer)) == {"billed": 30, "covered": 4}
    assert Bill.objects.get().net == eur("30.00")


def test_in_advance_a_device_that_came_later_is_not_due_until_the_true_up() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(timing="advance", counting="prorated"), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 ..........#>", start=APRIL.start)
    bill_on(APRIL.start)
    assert days_of(april(customer, at=date(2026, 4, 20))) == {"billed": 30, "not_due": 20}

    bill_on(MAY)
    assert days_of(april(customer)) == {"billed": 30, "held": 20}  # the second bill is twice the first

    release_bill(Bill.objects.get(issue=None), now=moment(MAY), by=BY)

    assert days_of(april(customer)) == {"billed": 50}


def test_what_no_plan_prices_is_unbilled_with_the_money_it_loses() -> None:
    customer, other = a_customer(), a_customer("Other")
    a_subscription(customer, a_plan(prices={"computer": {"unit_price": "30.00"}}), review_first_bill=False)
    a_subscription(other, a_plan("Servers", prices={"server": {"unit_price": "90.00"}}), review_first_bill=False)
    present(customer, "PC-1 #>\nSRV server #>\nPHONE mobile #>", start=APRIL.start)
    bill_on(MAY)
    found = april(customer)

    assert [(each.device_class, each.device_days, each.loss) for each in found.unbilled] == [
        ("mobile", 30, None),
        ("server", 30, eur("90.00")),
    ]
    assert found.buckets()["unbilled"] == 60


def test_two_plans_that_price_a_class_account_for_it_each() -> None:
    customer = a_customer()
    for name in ("Care", "Backup"):
        a_subscription(customer, a_plan(name, prices={"computer": {"unit_price": "5.00"}}), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL.start)
    bill_on(MAY)
    found = april(customer)

    assert [dict(each.days)["billed"] for each in found.accounted] == [30, 30]
    assert found.ledger_days == 30


def test_the_overview_adds_up_by_customer_and_in_total_also_where_two_plans_price_a_class() -> None:
    twice, poor = a_customer("Twice"), a_customer("Poor")
    for name in ("Care", "Backup"):
        a_subscription(twice, a_plan(name, prices={"computer": {"unit_price": "5.00"}}), review_first_bill=False)
    present(twice, "PC-1 #>", start=APRIL.start)
    present(poor, "PC-2 #>", start=APRIL.start)
    bill_on(MAY)

    found = month_overview(APRIL, at=moment(MAY))

    rows = [(each.customer, each.ledger, each.several, each.adds_up, each.losses) for each in found.customers]
    assert rows == [("Poor", 30, 0, True, {"EUR": eur("5.00")}), ("Twice", 30, 30, True, {})]
    assert (found.ledger, found.several, found.days["billed"], found.days["unbilled"]) == (60, 30, 60, 30)
    assert (found.adds_up, found.losses) == (True, {"EUR": eur("5.00")})
    assert [each.customer for each in month_overview(APRIL, at=moment(MAY), customer_ids=[poor.pk]).customers] == [
        "Poor"
    ]
