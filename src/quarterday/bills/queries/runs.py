"""The runs behind the bills."""

from __future__ import annotations

from quarterday.bills.models import BillingRun
from quarterday.shared.asking import Asking, question


@question
def last_runs(limit: int = 20) -> Asking[list[BillingRun]]:
    """The newest runs that made bills, newest first. Only staff may ask."""
    rows: list[BillingRun] = yield BillingRun.objects.order_by("-pk")[:limit]
    return rows
