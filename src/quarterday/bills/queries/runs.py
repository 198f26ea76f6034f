"""The runs behind the bills, and what the next one would leave to a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterday.bills import reading
from quarterday.bills.collect import open_cases
from quarterday.bills.models import BillingRun
from quarterday.bills.report import LeftToPerson
from quarterday.provider.queries import get_provider
from quarterday.shared.asking import Asking, question


def missed_by_subscriptions(*, at: datetime, customer_ids: Sequence[int] | None = None) -> list[LeftToPerson]:
    """Subscriptions of which more periods were missed than the provider lets through, and what to do; five queries."""
    ids = reading.customers_with_subscriptions(customer_ids)
    cases = open_cases(ids, at=at, provider=get_provider())
    return [
        LeftToPerson(key, case.customer.name, reason, subscription)
        for key, case in cases.items()
        for subscription, reason in case.waiting.items()
    ]


@question
def last_runs(limit: int = 20) -> Asking[list[BillingRun]]:
    """The newest runs that made bills, newest first. Only staff may ask."""
    rows: list[BillingRun] = yield BillingRun.objects.order_by("-pk")[:limit]
    return rows
