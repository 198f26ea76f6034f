"""A device that is there and is not billed: why, who agreed, until when."""

from __future__ import annotations

from datetime import date, datetime

from django.db.backends.postgresql.psycopg_any import DateRange

from quarterday.engine.periods import OPEN_END, Period
from quarterday.inventory.lock import lock_and_stamp
from quarterday.inventory.models import BillingException, Device
from quarterday.inventory.recording import locked
from quarterday.provider.words import LONGEST_REASON, words_given
from quarterday.shared import trail
from quarterday.shared.refusal import NotFound, Problem, Refused, refuse_if
from quarterday.shared.scope import Actor


def except_device(
    device: Device, *, days: Period, reason: str, agreed_by: str, now: datetime, by: Actor
) -> BillingException:
    """Do not bill the device on these days (`Period.since(day)`: until it is withdrawn). It stays in the ledger."""
    refuse_if(
        Problem(field, f"Say {what}.")
        for field, value, what in (
            ("reason", reason, "why it is not billed"),
            ("agreed_by", agreed_by, "who agreed that it is not billed"),
        )
        if not value.strip()
    )
    reason = words_given("reason", reason, longest=LONGEST_REASON)
    agreed_by = words_given("agreed_by", agreed_by, longest=200)
    stamp = lock_and_stamp(now)
    device = locked(device)
    valid = _range(days)
    other = BillingException.objects.filter(device=device, withdrawn_at=None, valid__overlap=valid).first()
    if other is not None:
        raise Refused("days", f"{device} is excepted from {other.valid.lower} on already ({other.reason}).")
    exception = BillingException.objects.create(
        customer_id=device.customer_id,
        device=device,
        valid=valid,
        reason=reason,
        agreed_by=agreed_by,
        recorded_at=stamp,
    )
    details = {"days": str(days), "reason": reason, "agreed_by": agreed_by}
    trail.record(by, "excepted from billing", device, at=now, details=details)
    return exception


def end_exception(exception_id: int, *, on: date | None, now: datetime, by: Actor) -> BillingException | None:
    """Bill the device again from a day on; None takes the exception back as if it had never been agreed.

    What was agreed stays readable: the row is withdrawn, and the shorter one, if any, is a new row.
    """
    stamp = lock_and_stamp(now)
    exception = BillingException.objects.select_related("device").filter(pk=exception_id, withdrawn_at=None).first()
    if exception is None:
        raise NotFound(
            "exception", f"There is no exception {exception_id} in force: see `quarterday devices exceptions`."
        )
    days = Period(exception.valid.lower, exception.valid.upper or OPEN_END)
    if on is not None and on >= days.end:
        raise Refused("on", f"The exception of {exception.device} ends on {days.end} already.")
    exception.withdrawn_at = stamp
    exception.save()
    trail.record(by, "ended the exception of", exception.device, at=now, details={"on": on, "days": str(days)})
    if on is None or on <= days.start:
        return None
    return BillingException.objects.create(
        customer_id=exception.customer_id,
        device=exception.device,
        valid=DateRange(days.start, on),
        reason=exception.reason,
        agreed_by=exception.agreed_by,
        recorded_at=stamp,
    )


def _range(days: Period) -> DateRange:
    return DateRange(days.start, None if days.is_open else days.end)
