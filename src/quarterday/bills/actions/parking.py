"""A parked customer is billed again when somebody has looked at the reason."""

from __future__ import annotations

from datetime import datetime

from quarterday.bills.locks import lock_customers
from quarterday.bills.models import Parking
from quarterday.customers.models import Customer
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record


def unpark_customer(customer: Customer, *, now: datetime, by: Actor) -> None:
    """Let the next run try this customer again. Refused if it is not parked."""
    lock_customers([customer.pk])
    if not Parking.objects.filter(customer=customer, resolved_at=None).update(
        resolved_at=now, resolved_by=by.name[:200]
    ):
        raise Refused("customer", f"{customer} is not parked.")
    record(by, "unparked", customer, at=now)
