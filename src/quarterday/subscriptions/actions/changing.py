"""Small changes that count from the next bill, and two acts on a customer that need to know what it has."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from quarterday.customers.actions import change_currency, mark_archived
from quarterday.customers.models import Customer
from quarterday.provider import checks
from quarterday.provider.checks import Check
from quarterday.provider.editing import save_changes
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record
from quarterday.subscriptions.actions.associating import ARRANGEMENT
from quarterday.subscriptions.models import Adjustment, Subscription
from quarterday.subscriptions.queries import customers_served


def _some_emails(value: Any) -> list[str]:
    addresses = checks.checked_emails(value)
    if not addresses:
        raise ValueError("are missing: a bill needs at least one address to go to.")
    return addresses


CHANGEABLE: dict[str, Check] = {
    **{name: ARRANGEMENT[name] for name in ("due_days", "po_number", "bill_separately", "review_first_bill")},
    "emails": _some_emails,
}
"""Cycle, plan, dates and timing are changed by `restart`."""


def change_subscription(
    subscription: Subscription, *, by: Actor, now: datetime, seen: int | None = None, **changes: Any
) -> None:
    """Change due_days, emails, po_number, bill_separately or review_first_bill, from the next bill on.

    `seen` is the revision that the person looked at; ChangedMeanwhile if somebody was quicker.
    """
    kept = checks.checked(changes, CHANGEABLE)
    if told := save_changes(subscription, kept, seen=seen):
        record(by, "changed", subscription, at=now, details=told)


def archive_customer(customer: Customer, *, on: date, by: Actor, now: datetime) -> None:
    """Put a customer away that no plan serves on or after a day; its bills, payments and reminders go on."""
    current = Customer.objects.select_for_update().get(pk=customer.pk)
    if customers_served(on=on, customer_ids=[current.pk]):
        raise Refused("customer", f"{current} still has a plan on {on}: disassociate it first.")
    mark_archived(current, on=on, by=by, now=now)


def change_customer_currency(customer: Customer, *, currency: str, by: Actor, now: datetime) -> None:
    """Bill a customer in another currency, as long as nothing was agreed with it in the old one."""
    current = Customer.objects.select_for_update().get(pk=customer.pk)
    agreed = Subscription.objects.filter(customer=current), Adjustment.objects.filter(customer=current)
    if any(rows.exists() for rows in agreed):
        raise Refused(
            "currency",
            f"cannot be changed: plans or charges of {current} are agreed in {current.currency}. Add a customer in the"
            " other currency beside it.",
        )
    change_currency(current, currency=currency, by=by, now=now)
