"""What of a subscription is due and was never billed: to be billed, or waived for good."""

from __future__ import annotations

from datetime import datetime

from quarterday.bills.collect import CustomerCase, open_cases
from quarterday.bills.due import Due
from quarterday.engine.periods import Period
from quarterday.provider.queries import get_provider
from quarterday.subscriptions.models import Subscription


def missed_periods(subscription: Subscription, *, at: datetime) -> list[Period]:
    """The days of each period that is due at an instant, oldest first; what waiving would settle without a bill."""
    return [due.days for due in missed_dues(case_of(subscription, at=at), subscription)]


def case_of(subscription: Subscription, *, at: datetime) -> CustomerCase:
    """Its customer's case, with everything that is due, however much was missed."""
    customer_id = subscription.customer_id
    return open_cases([customer_id], at=at, provider=get_provider(), confirmed=True)[customer_id]


def missed_dues(case: CustomerCase, subscription: Subscription) -> list[Due]:
    """What of a case is the subscription's, and due for the first time."""
    dues = [due for group in case.groups for due in group.dues if due.subscription.id == subscription.pk]
    return [due for due in dues if due.occasion == "first"]
