"""A year of one customer, told through the rooms' own actions: everything that happens, happens once, and adds up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from quarterday.bills.actions import credit_bill, decide_late_truth, release_bill
from quarterday.bills.changeable import plan_settled_until
from quarterday.bills.conservation import device_days_of
from quarterday.bills.models import Bill, BillIssue, LateTruth
from quarterday.bills.queries import drafts_to_review
from quarterday.bills.queries.proving import faults_of_bills, faults_of_chain
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import apply_snapshot, correct_presence
from quarterday.inventory.queries import find_device
from quarterday.inventory.snapshot import SeenCustomer, SeenDevice, Snapshot
from quarterday.payments.actions import record_payment
from quarterday.payments.queries import open_balance
from quarterday.plans.actions import modify_plan
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment, disassociate
from tests.bills.desk import bill_on, eur, moment
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

SOURCE = "RMM export"
RUN_DAYS = {1, 2, 15, 16, 28, 29, 30, 31}
"""Around the days on which something becomes due; on all others a run finds nothing."""


@pytest.fixture(autouse=True)
def shop(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


class Year:
    """The customer's calendar: a sync every third day, runs around the billing dates, and what people do on some."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self.devices: dict[str, str] = {}
        self.day = date(2026, 1, 1)

    def until(self, day: date) -> None:
        """Live up to a day, without it."""
        while self.day < day:
            if self.day.day % 3 == 1:
                self.sync(moment(self.day, 3))
            if self.day.day in RUN_DAYS:
                for draft in drafts_to_review():
                    release_bill(draft, now=moment(self.day, 6), by=BY)
                bill_on(self.day)
            self.day += timedelta(days=1)

    def sync(self, at: datetime) -> None:
        """The night's export: all devices there are."""
        seen = tuple(SeenDevice("north", ref, ref, kind) for ref, kind in self.devices.items())
        snapshot = Snapshot(SOURCE, True, at, (SeenCustomer("north", "North Dental"),), seen)
        apply_snapshot(snapshot, now=at, by=BY)


def test_a_year_of_one_customer() -> None:
    customer = a_customer()
    plan = a_plan(flat_fee="20.00")
    subscription = a_subscription(customer, plan, starts_on=date(2026, 1, 31), billed_from=date(2026, 1, 31))
    year = Year(customer)
    year.devices = {"PC-1": "computer", "PC-2": "computer", "SRV": "server"}

    # January's end to April: the first bill is reviewed, a discount runs for three bills.
    add_adjustment(
        customer, text="Welcome", starts_on=date(2026, 2, 1), percent=Decimal(-10), times=3, by=BY, now=moment(year.day)
    )
    year.until(date(2026, 5, 1))
    assert [(bill.billing_date, bill.net) for bill in Bill.objects.order_by("pk")] == [
        (date(2026, 2, 28), eur("153.00")),
        (date(2026, 3, 31), eur("153.00")),
        (date(2026, 4, 30), eur("153.00")),
    ]

    # May: dearer computers from the 16th on. The period from 30 April to 31 May has 31 days, 16 at the old price.
    modify_plan(
        plan,
        effective_on=date(2026, 5, 16),
        prices={"computer": {"unit_price": "31.00"}, "server": {"unit_price": "90.00"}},
        flat_fee="20.00",
        settled_until=plan_settled_until(plan),
        by=BY,
        now=moment(year.day),
    )
    year.until(date(2026, 6, 1))
    may = Bill.objects.order_by("-pk")[0]
    assert may.net == eur("30.97") + eur("30.00") + eur("90.00") + eur("20.00")

    # June: a computer is found that had been there since May; a person puts it on the next bill.
    year.devices["PC-3"] = "computer"
    year.until(date(2026, 6, 12))
    correct_presence(
        find_device("PC-3", source=SOURCE),
        days=Period.since(date(2026, 5, 1)),
        at=customer,
        reason="on the dealer's invoice",
        by=BY,
        now=moment(date(2026, 6, 12)),
    )
    year.until(date(2026, 7, 1))
    truth = LateTruth.objects.get()
    assert (truth.decision, truth.difference) == ("asked", eur("30.48"))
    decide_late_truth(truth, decision="catch_up", now=moment(date(2026, 7, 2)), by=BY)
    year.until(date(2026, 8, 1))
    july = Bill.objects.order_by("-pk")[0]
    assert july.net == eur("93.00") + eur("90.00") + eur("20.00") + eur("30.48")

    # August: the bill of July was wrong, says the customer; half of the server is credited. The rest is paid.
    credit_bill(july, reason="The server was down", amounts={2: eur("45.00")}, now=moment(date(2026, 8, 5)), by=BY)
    for bill in Bill.objects.filter(kind="invoice").exclude(pk=july.pk):
        record_payment(
            customer, amount=bill.total, currency="EUR", received_on=date(2026, 8, 10), now=moment(year.day), by=BY
        )
    assert open_balance(customer.pk, "EUR") == july.total - eur("53.55")

    # September: the customer leaves on the 15th; the last period is prorated, and no bill comes after it.
    year.until(date(2026, 9, 10))
    disassociate([subscription], last_day=date(2026, 9, 15), by=BY, now=moment(year.day))
    year.until(date(2026, 12, 31))
    last = Bill.objects.order_by("-pk")[0]
    # 16 of the 30 days from 31 August to 30 September.
    assert last.billing_date == date(2026, 9, 16)
    assert last.net == eur("49.60") + eur("48.00") + eur("10.67")

    # And all of it adds up.
    assert list(faults_of_bills(list(Bill.objects.values_list("pk", flat=True)))) == []
    assert list(faults_of_chain()) == []
    assert list(BillIssue.objects.filter(kind="invoice").values_list("sequence", flat=True).order_by("sequence")) == [
        *range(1, 9)
    ]
    for month in range(2, 10):
        april = Period(date(2026, month, 1), date(2026, month + 1, 1))
        assert device_days_of(april, [customer.pk], at=moment(year.day)).faults == []
