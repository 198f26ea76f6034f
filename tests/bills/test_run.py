"""The billing run, end to end: association and devices in, claims, bills and numbers out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from quarterday.bills.models import Bill, BillIssue, PeriodClaim
from quarterday.bills.run import run_billing
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

APRIL = date(2026, 4, 1)
MAY_FIRST = datetime(2026, 5, 1, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


def test_a_month_of_two_computers_and_a_server_becomes_a_numbered_bill() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 #>\nSRV server #>", start=APRIL)

    report = run_billing(at=MAY_FIRST, by=BY)

    bill = Bill.objects.get()
    issue = BillIssue.objects.get()
    claim = PeriodClaim.objects.get()
    assert (bill.net, bill.tax, bill.total) == (Decimal("150.00"), Decimal("28.50"), Decimal("178.50"))
    assert (issue.number, issue.issued_on, issue.due_on) == ("INV-2026-00001", date(2026, 5, 1), date(2026, 5, 15))
    assert (claim.outcome, claim.period.lower, claim.period.upper) == ("billed", APRIL, date(2026, 5, 1))
    assert [bill.number for bill in report.bills] == ["INV-2026-00001"]
    assert report.is_clean
