"""Correct the ledger: what was recorded stays readable, and is known better from now on."""

from __future__ import annotations

from datetime import date, datetime

from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.lock import lock_and_stamp
from quarterday.inventory.models import Device
from quarterday.inventory.recording import locked_with_stays, record_timeline, timeline_of, today_at
from quarterday.inventory.timeline import Placed, placed, without
from quarterday.provider.words import reason_given
from quarterday.shared import trail
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor


def correct_presence(
    device: Device,
    *,
    days: Period,
    at: Customer | None,
    reason: str,
    now: datetime,
    by: Actor,
    device_class: str | None = None,
) -> Device:
    """The device was at customer `at` on these days, or nowhere (None), whatever was recorded for them before.

    Nothing is overwritten: the rows that no longer hold are closed at this moment in `recorded`, and the corrected
    ones are recorded from it on. So "as known on day X" goes on to answer as before. A bill that was issued for these
    days stays as it is; what it should have said is told by the plan's rule for what is learned late.
    """
    reason = reason_given(reason, missing="Say why; it is what an auditor will ask.")
    stamp = lock_and_stamp(now)
    device, known = locked_with_stays(device)
    _refuse_the_future(device, days, at or device.customer, now)
    before = timeline_of(known)
    if at is None:
        after = without(before, days)
    else:
        after = placed(before, Placed(at.pk, device_class or _class_around(before, days, device), device.name, days))
    if _places(after) == _places(before):
        raise Refused("days", f"That is what is known of {device} already.")
    record_timeline(device, after, known=known, why="corrected", stamp=stamp)
    customers = {stay.customer_id for stay in before if stay.days.overlap(days)} | ({at.pk} if at else set())
    for customer_id in sorted(customers):
        details = {"days": str(days), "at": at.name if at else None, "reason": reason}
        trail.record(by, "corrected", device, at=now, customer_id=customer_id, details=details)
    return device


def _refuse_the_future(device: Device, days: Period, customer: Customer, now: datetime) -> None:
    today = today_at(customer, now)
    if days.start > today or not (days.is_open or days.last_day <= today):
        day: date = days.start if days.start > today else days.last_day
        raise Refused(
            "days", f"{day} is still to come; today is {today} at {customer}. Nobody knows where {device} is."
        )


def _places(timeline: list[Placed]) -> list[tuple[int, str, Period]]:
    return [(stay.customer_id, stay.device_class, stay.days) for stay in timeline]


def _class_around(timeline: list[Placed], days: Period, device: Device) -> str:
    """The class that the device had on these days or last before them; else the one it has."""
    until = [stay for stay in timeline if stay.days.start < days.end]
    return until[-1].device_class if until else device.device_class
