"""What of a subscription is due and was never billed: to be billed, or waived for good; and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from quarterday.bills.collect import CustomerCase, collect, open_cases
from quarterday.bills.drafting import draft_bills
from quarterday.bills.due import Due
from quarterday.bills.two_persons import with_tax
from quarterday.engine.periods import Period
from quarterday.inventory.lock import inventory_lock
from quarterday.provider.queries import get_provider
from quarterday.shared.refusal import Refused
from quarterday.subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class Missed:
    """The days of each period that is due, oldest first, and what they would come to on bills, with tax.

    `worth` is None when it cannot be calculated.
    """

    periods: list[Period]
    worth: Decimal | None


def missed(subscription: Subscription, *, at: datetime) -> Missed:
    """What waiving would settle without a bill at an instant."""
    case = case_of(subscription, at=at)
    periods = [due.days for due in missed_dues(case, subscription)]
    try:
        return Missed(periods, worth_of(case, subscription, at=at) if periods else Decimal(0))
    except Refused:
        return Missed(periods, None)


def case_of(subscription: Subscription, *, at: datetime) -> CustomerCase:
    """Its customer's case, with everything that is due, however much was missed."""
    customer_id = subscription.customer_id
    return open_cases([customer_id], at=at, provider=get_provider(), confirmed=True)[customer_id]


def missed_dues(case: CustomerCase, subscription: Subscription) -> list[Due]:
    """What of a case is the subscription's, and due for the first time."""
    dues = [due for group in case.groups for due in group.dues if due.subscription.id == subscription.pk]
    return [due for due in dues if due.occasion == "first"]


def worth_of(case: CustomerCase, subscription: Subscription, *, at: datetime) -> Decimal:
    """What the subscription's lines would come to on bills of all that is due, with tax, in the customer's currency.

    Raises Refused when they cannot be calculated.
    """
    inventory_lock(shared=True)
    try:
        case.raise_trouble()
        desk = collect({case.customer.pk: case}, get_provider())
        contents = [drafted.content for drafted in draft_bills(case, desk, at=at)]
    except ValueError as error:
        raise Refused("subscription", f"cannot be calculated, so nobody knows what is given up: {error}.") from None
    mine = [line for content in contents for line in content.lines if line.subscription_id == subscription.pk]
    return with_tax(mine, case.customer.currency)
