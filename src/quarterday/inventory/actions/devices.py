"""What a person does to one device: add, move, reclassify, retire. Whatever a person sets survives the next sync.

Days are local dates at the device's customer; `on` is the first day on which the new state holds, by default today.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.lock import lock_and_stamp
from quarterday.inventory.models import Device, Source
from quarterday.inventory.recording import (
    customer_of,
    locked,
    locked_with_stays,
    record_timeline,
    timeline_of,
    today_at,
)
from quarterday.inventory.resolving import RULES_CLASSES
from quarterday.inventory.snapshot import NAME_LENGTH, clean_name, clean_serial
from quarterday.inventory.timeline import Placed, goes_on, placed, without
from quarterday.provider.queries import class_names
from quarterday.provider.words import words_given
from quarterday.shared import trail
from quarterday.shared.asking import rows, together
from quarterday.shared.refusal import Problem, Refused, refuse_if
from quarterday.shared.scope import Actor

BY_HAND = "by hand"
"""The source of devices that a person adds: no sync ever touches them."""

_DAY = timedelta(days=1)


def add_device(
    customer: Customer,
    *,
    name: str,
    device_class: str,
    now: datetime,
    by: Actor,
    device_ref: str = "",
    serial: str = "",
    on: date | None = None,
) -> Device:
    """Add a device that no source reports. Without a `device_ref` of its own it is named by customer and name."""
    shown_name = clean_name(name)
    ref = words_given("device id", device_ref, longest=NAME_LENGTH) or f"{customer.number}/{shown_name}"[:NAME_LENGTH]
    first_day = on or today_at(customer, now)
    refuse_if(
        [
            *([] if shown_name else [Problem("name", "A device needs a name.")]),
            *_class_problems(device_class),
            *_future_problems(first_day, customer, now),
        ]
    )
    stamp = lock_and_stamp(now)
    sources, same = together(
        rows.asked(Source.objects.filter(name=BY_HAND)),
        rows.asked(Device.objects.filter(source__name=BY_HAND, external_id=ref)),
    )
    if same:
        raise Refused("device id", f"There already is a device “{ref}” that was added by hand; give another id.")
    source = sources[0] if sources else Source.objects.create(name=BY_HAND, kind="manual", created_at=now)
    device = Device.objects.create(
        customer=customer,
        source=source,
        external_id=ref,
        name=shown_name,
        serial=clean_serial(serial),
        device_class=device_class,
        first_seen_at=now,
    )
    stay = Placed(customer.pk, device_class, shown_name, Period.since(first_day))
    record_timeline(device, [stay], known=(), why="added", stamp=stamp)
    trail.record(by, "added", device, at=now, details={"on": first_day, "class": device_class})
    return device


def move_device(device: Device, *, to: Customer, now: datetime, by: Actor, on: date | None = None) -> Device:
    """The device is now at another customer, whatever its source says: that day belongs to the receiver.

    Without `on` the day is the later of the two local dates, so that no day is lost or doubled.
    """
    stamp = lock_and_stamp(now)
    device, known = locked_with_stays(device)
    timeline = timeline_of(known)
    stay = _stay_that_goes_on(device, timeline)
    if stay.customer_id == to.pk:
        raise Refused("customer", f"{device} already is at {to}.")
    here = customer_of(stay, device)
    day = on or max(today_at(here, now), today_at(to, now), stay.days.start)
    refuse_if(_future_problems(on, to, now) if on else [])
    _refuse_before(stay, day, device)
    device.customer_set_by = by.name
    moved = Placed(to.pk, stay.device_class, device.name, Period.since(day))
    record_timeline(device, placed(timeline, moved), known=known, why="moved", stamp=stamp)
    for customer in (here, to):
        trail.record(
            by, "moved", device, at=now, customer_id=customer.pk, details={"from": here.name, "to": to.name, "on": day}
        )
    return device


def set_class(device: Device, *, device_class: str, now: datetime, by: Actor, on: date | None = None) -> Device:
    """The device is of this class, whatever its source says; the day belongs to the new class."""
    refuse_if(_class_problems(device_class))
    stamp = lock_and_stamp(now)
    device, known = locked_with_stays(device)
    timeline = timeline_of(known)
    before = device.device_class
    device.class_set_by, device.device_class = by.name, device_class
    stay = goes_on(timeline)
    if stay and stay.device_class != device_class:
        customer = customer_of(stay, device)
        day = on or max(today_at(customer, now), stay.days.start)
        refuse_if(_future_problems(on, customer, now) if on else [])
        _refuse_before(stay, day, device)
        changed = Placed(stay.customer_id, device_class, device.name, Period.since(day), stay.seen_at)
        timeline = placed(timeline, changed)
    record_timeline(device, timeline, known=known, why="reclassified", stamp=stamp)
    if device.device_class != device_class:  # nowhere now, and so as it was there last
        device.device_class = device_class
        device.save()
    trail.record(by, "reclassified", device, at=now, details={"from": before, "to": device_class, "on": on})
    return device


def follow_source(device: Device, *, now: datetime, by: Actor) -> Device:
    """Let the source decide again on class and customer, from its next snapshot on."""
    lock_and_stamp(now)
    device = locked(device)
    device.class_set_by = device.customer_set_by = ""
    device.save()
    trail.record(by, "released to its source", device, at=now)
    return device


def retire_device(device: Device, *, now: datetime, by: Actor, on: date | None = None) -> Device:
    """The device is gone for good, even if its source goes on to report it. `on` is the first day without it."""
    stamp = lock_and_stamp(now)
    device, known = locked_with_stays(device)
    if device.retired_at is not None:
        raise Refused("device", f"{device} was retired on {device.retired_at:%Y-%m-%d} already.")
    timeline = timeline_of(known)
    day = on
    if stay := goes_on(timeline):
        customer = customer_of(stay, device)
        day = on or max(today_at(customer, now), stay.days.start + _DAY)
        refuse_if(_future_problems(day - _DAY, customer, now))
        if day <= stay.days.start:
            raise Refused(
                "on",
                f"{device} is there since {stay.days.start}, so it counts that day: retire it on a later one,"
                " or correct its stay with `quarterday devices correct`.",
            )
        timeline = without(timeline, Period.since(day))
    device.retired_at = now
    record_timeline(device, timeline, known=known, why="retired", stamp=stamp)
    trail.record(by, "retired", device, at=now, details={"on": day})
    return device


def reinstate_device(device: Device, *, now: datetime, by: Actor, on: date | None = None) -> Device:
    """A retired device is back at its last customer."""
    stamp = lock_and_stamp(now)
    device, known = locked_with_stays(device)
    if device.retired_at is None:
        raise Refused("device", f"{device} is not retired.")
    timeline = timeline_of(known)
    customer = device.customer
    earliest = max((stay.days.end for stay in timeline), default=date.min)
    day = on or max(today_at(customer, now), earliest)
    refuse_if(_future_problems(day, customer, now) if on else [])
    if day < earliest:
        raise Refused("on", f"{device} was there until {earliest}: reinstate it from then on or later.")
    device.retired_at = None
    back = Placed(customer.pk, device.device_class, device.name, Period.since(day))
    record_timeline(device, placed(timeline, back), known=known, why="back", stamp=stamp)
    trail.record(by, "reinstated", device, at=now, details={"on": day})
    return device


def _stay_that_goes_on(device: Device, timeline: list[Placed]) -> Placed:
    stay = goes_on(timeline)
    if stay is None:
        raise Refused("device", f"{device} is not anywhere at present: reinstate it, or wait until it is reported.")
    return stay


def _refuse_before(stay: Placed, day: date, device: Device) -> None:
    if day < stay.days.start:
        raise Refused(
            "on",
            f"{device} is there since {stay.days.start}; what was before is corrected with"
            " `quarterday devices correct`.",
        )


def _class_problems(device_class: str) -> list[Problem]:
    known = sorted({*RULES_CLASSES, *class_names()})
    if device_class in known:
        return []
    return [Problem("class", f"There is no class “{device_class}”; the classes are {', '.join(known)}.")]


def _future_problems(day: date, customer: Customer, now: datetime) -> list[Problem]:
    today = today_at(customer, now)
    return [Problem("on", f"{day} is still to come; today is {today} at {customer}.")] if day > today else []
