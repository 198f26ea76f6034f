"""Promise 22: what is beyond all likelihood waits for a person, and what could be a slip of the keys for two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from quarterday.bills.actions import release_bill
from quarterday.bills.models import Bill, BillHold, BillIssue
from quarterday.bills.run import run_billing
from quarterday.customers.models import Customer
from quarterday.outbox.models import Message
from quarterday.plans.actions import modify_plan
from quarterday.plans.models import Plan
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor, Scope
from quarterday.subscriptions.actions import disassociate
from quarterday.subscriptions.models import Subscription
from tests.bills.desk import bill_on, moment
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture(autouse=True)
def shop(database: None) -> Iterator[None]:
    """A customer with five computers, whose April was billed without a question."""
    with acting(Scope.all()):
        open_shop()
        customer = a_customer()
        a_subscription(customer, a_plan(), review_first_bill=False)
        present(customer, "\n".join(f"PC-{n} #>" for n in range(5)), start=date(2026, 4, 1))
        bill_on(MAY)
        assert BillIssue.objects.count() == 1
        yield


def reasons() -> list[str]:
    """Why the newest bill waits."""
    return list(BillHold.objects.filter(bill=Bill.objects.latest("pk")).order_by("pk").values_list("code", flat=True))


def test_hundreds_of_times_the_devices_are_held_for_two_persons() -> None:
    present(Customer.objects.get(), "\n".join(f"NEW-{n} #>" for n in range(1_100)), start=date(2026, 5, 10))

    bill_on(JUNE)

    assert reasons() == ["count_changed", "total_changed", "out_of_bounds"]
    assert BillIssue.objects.count() == 1
    assert Message.objects.count() == 1


def test_a_price_with_six_digits_too_many_is_held_and_one_person_alone_does_not_release_it() -> None:
    modify_plan(
        Plan.objects.get(),
        effective_on=MAY,
        prices={"computer": {"unit_price": "30000000.00"}},
        settled_until=MAY,
        by=BY,
        now=NOW,
    )

    bill_on(JUNE)

    assert reasons() == ["total_changed", "out_of_bounds", "out_of_bounds"]
    draft = Bill.objects.latest("pk")
    assert release_bill(draft, now=moment(JUNE, 9), by=BY) is None
    with pytest.raises(Refused, match="another person has to agree"):
        release_bill(draft, now=moment(JUNE, 10), by=BY)
    assert BillIssue.objects.count() == 1
    assert release_bill(draft, now=moment(JUNE, 11), by=Actor("person", "Otto Owner", 2)) is not None
    assert BillIssue.objects.count() == 2


def test_a_clock_in_2099_bills_nothing_and_says_why() -> None:
    report = run_billing(at=datetime(2099, 6, 1, 7, tzinfo=UTC), by=BY)

    assert report.stopped.startswith("The last run was 26694 days ago")
    assert Bill.objects.count() == 1


def test_a_clock_in_2099_that_somebody_confirms_is_not_believed_for_the_next_run() -> None:
    disassociate(Subscription.objects.all(), last_day=date(2026, 5, 31), by=BY, now=NOW)
    run_billing(at=datetime(2099, 6, 1, 7, tzinfo=UTC), by=BY, confirmed=True)

    report = run_billing(at=moment(JUNE), by=BY)

    assert report.stopped.startswith("The clock says 2026-06-01 07:00 UTC, before the last run")
