"""Days that the address of a page asks for. What cannot be read is not asked: the page shows its usual days."""

from __future__ import annotations

from datetime import date, timedelta

from quarterday.engine.periods import MONTHLY, Period, boundary
from quarterday.provider.checks import typed_day
from quarterday.web.door import Request

MONTHS = 13
"""A year and the month that it is compared with."""


def day_asked(request: Request, name: str) -> date | None:
    """The day in the address, as 2026-04-01; None for what is no day that a bill can have."""
    try:
        return typed_day(request.GET.get(name, ""))
    except ValueError:
        return None


def through(first: date, last: date) -> Period:
    """The period from a first to a last day, as people say it."""
    return Period(first, last + timedelta(days=1))


def month_starts(today: date) -> list[date]:
    """The first days of the last thirteen months, oldest first."""
    return [boundary(today.replace(day=1), MONTHLY, back) for back in range(1 - MONTHS, 1)]
