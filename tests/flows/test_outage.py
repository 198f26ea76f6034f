"""Promise 12: nobody runs the worker for a day, three, forty or four hundred, and then somebody does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from quarterday.bills.actions import unpark_customer
from quarterday.bills.models import Bill, BillIssue, Parking
from quarterday.customers.models import Customer
from quarterday.outbox.models import Message
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

LAST_SEEN = date(2026, 4, 30)
"""The day of the last run before the outage: April is not due yet."""


@pytest.fixture(autouse=True)
def shop(database: None) -> Iterator[None]:
    """A customer billed monthly, whose March is billed."""
    with acting(Scope.all()):
        open_shop()
        customer = a_customer()
        plan = a_plan()
        a_subscription(
            customer, plan, starts_on=date(2026, 3, 1), billed_from=date(2026, 3, 1), review_first_bill=False
        )
        present(customer, "PC-1 #>", start=date(2026, 3, 1))
        bill_on(date(2026, 4, 1))
        bill_on(LAST_SEEN)
        yield


def billed() -> list[tuple[date, date]]:
    """The billing dates of all bills after the outage, and their dates of issue."""
    issues = BillIssue.objects.filter(issued_on__gt=LAST_SEEN).select_related("bill").order_by("sequence")
    return [(issue.bill.billing_date, issue.issued_on) for issue in issues]


@pytest.mark.parametrize(
    ("days_down", "billing_dates"),
    [(1, [date(2026, 5, 1)]), (3, [date(2026, 5, 1)]), (33, [date(2026, 5, 1), date(2026, 6, 1)])],
)
def test_after_a_short_outage_everything_missed_is_billed_once_and_dated_today(
    days_down: int, billing_dates: list[date]
) -> None:
    today = LAST_SEEN + timedelta(days=days_down)

    bill_on(today)
    bill_on(today)

    assert billed() == [(day, today) for day in billing_dates]
    assert Message.objects.count() == 1 + len(billing_dates)


@pytest.mark.parametrize(("days_down", "missed"), [(40, 2), (400, 14)])
def test_after_a_long_outage_nobody_is_billed_or_mailed_until_a_person_has_looked(days_down: int, missed: int) -> None:
    today = LAST_SEEN + timedelta(days=days_down)

    report = bill_on(today)
    assert f"The last run was {days_down} days ago" in report.stopped
    assert (billed(), Message.objects.count()) == ([], 1)
    would = bill_on(today, dry=True, confirmed=True)
    bill_on(today, confirmed=True)

    assert len(billed()) == missed
    assert [bill.content_digest for bill in would.bills] == [
        bytes(digest).hex() for digest in Bill.objects.order_by("pk").values_list("content_digest", flat=True)[1:]
    ]
    assert {issued_on for _, issued_on in billed()} == {today}


def test_a_customer_that_was_parked_for_a_quarter_waits_for_a_person_even_though_the_runs_went_on() -> None:
    [customer] = Customer.objects.all()
    Parking.objects.create(customer=customer, reason="no VAT number", parked_at=NOW)
    for month in (5, 6, 7):
        assert bill_on(date(2026, month, 1)).bills == []
    unpark_customer(customer, now=NOW, by=BY)

    report = bill_on(date(2026, 7, 2))

    assert report.bills == []
    assert [left.reason for left in report.waiting] == [
        "3 periods of Gold were missed, more than 2: look at them and confirm."
    ]
    assert len(bill_on(date(2026, 7, 2), customers=[customer.pk], confirmed=True).bills) == 3
