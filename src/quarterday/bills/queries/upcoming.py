"""When the next bills come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from quarterday.bills import reading
from quarterday.bills.due import next_billing_date


def next_billing_dates(customer_ids: Sequence[int]) -> dict[int, dict[int, date]]:
    """Customer id -> subscription id -> the local date of its next bill; two queries for any number of customers.

    A date in the past is that of a bill that waits for the run, or for a person. What is over has no entry.
    """
    found: dict[int, dict[int, date]] = {}
    for subscription in reading.subscription_cases(customer_ids, latest=0):
        day = next_billing_date(subscription)
        if day is not None:
            found.setdefault(subscription.customer_id, {})[subscription.id] = day
    return found
