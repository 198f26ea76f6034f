"""Short words for the bill desk's tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from quarterday.bills.models import Bill, BillIssue, BillLine
from quarterday.bills.report import RunReport
from quarterday.bills.run import run_billing
from tests.shop import BY


def moment(day: date, hour: int = 7) -> datetime:
    """An hour of a day, UTC: by seven, Berlin's bills can be made."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def bill_on(day: date, **options: Any) -> RunReport:
    """A billing run in the morning of a day."""
    return run_billing(at=moment(day), by=BY, **options)


def numbers() -> list[str]:
    """All numbers there are, in the order in which they were given."""
    return list(BillIssue.objects.order_by("kind", "year", "sequence").values_list("number", flat=True))


def totals() -> list[Decimal]:
    """The totals of all bills and drafts, in the order in which they were made."""
    return list(Bill.objects.order_by("pk").values_list("total", flat=True))


def lines(bill: Bill | int) -> list[tuple[str, Decimal, Decimal]]:
    """A bill's lines: text, quantity, net."""
    found = BillLine.objects.filter(bill=bill).order_by("position")
    return [(line.text, line.quantity.normalize() + 0, line.net) for line in found]


def eur(text: str) -> Decimal:
    """An amount."""
    return Decimal(text)
