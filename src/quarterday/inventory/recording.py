"""One device's timeline, read from the ledger and recorded anew where it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from quarterday.customers.models import Customer
from quarterday.engine.periods import OPEN_END, Period, local_date
from quarterday.inventory.models import Device, Presence
from quarterday.inventory.timeline import Placed, goes_on
from quarterday.shared.asking import rows, together
from quarterday.shared.refusal import NotFound


def locked(device: Device) -> Device:
    """The device as it is now, kept from changing until the transaction ends. NotFound where the scope has none."""
    fresh = Device.objects.select_for_update().filter(pk=device.pk).first()
    if fresh is None:
        raise NotFound("device", f"There is no device {device}.")
    return fresh


def locked_with_stays(device: Device) -> tuple[Device, list[Presence]]:
    """The device as `locked` gives it, with its customer, and its rows in the ledger as known now; one round trip."""
    found, stays = together(
        rows.asked(Device.objects.select_for_update(of=("self",)).select_related("customer").filter(pk=device.pk)),
        rows.asked(Presence.objects.filter(device=device, recorded__upper_inf=True).order_by("valid")),
    )
    if not found:
        raise NotFound("device", f"There is no device {device}.")
    return found[0], stays


def customer_of(stay: Placed, device: Device) -> Customer:
    """The customer of a stay, which mostly is the device's."""
    return device.customer if stay.customer_id == device.customer_id else Customer.objects.get(pk=stay.customer_id)


def today_at(customer: Customer, now: datetime) -> date:
    """The customer's local date."""
    return local_date(now, customer.time_zone)


def timeline_of(known: Iterable[Presence]) -> list[Placed]:
    """A device's stays as its rows say them."""
    return [
        Placed(row.customer_id, row.device_class, row.device_name, _period(row.valid), row.seen_at, row.gone_at)
        for row in known
    ]


def record_timeline(
    device: Device, timeline: Sequence[Placed], *, known: Iterable[Presence], why: str, stamp: datetime
) -> None:
    """Make the ledger say this of the device from `stamp` on: rows that no longer hold are closed, new ones added.

    `known` are its rows now, read under the lock.
    """
    wanted = list(timeline)
    closed = []
    for row in known:
        same = next(
            (
                placed
                for placed in wanted
                if (placed.customer_id, placed.device_class, placed.days)
                == (row.customer_id, row.device_class, _period(row.valid))
            ),
            None,
        )
        if same:
            wanted.remove(same)
        else:
            closed.append(row.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_presence SET recorded = tstzrange(lower(recorded), %s) WHERE id = ANY (%s)",
            [stamp, closed],
        )
    Presence.objects.bulk_create(
        Presence(
            device=device,
            customer_id=placed.customer_id,
            device_name=placed.name,
            device_class=placed.device_class,
            valid=DateRange(placed.days.start, None if placed.days.is_open else placed.days.end),
            recorded=DateTimeTZRange(stamp, None),
            seen_at=placed.seen_at,
            gone_at=placed.gone_at,
            why=why,
        )
        for placed in wanted
    )
    last = goes_on(timeline) or max(timeline, key=lambda placed: placed.days, default=None)
    if last is not None:
        device.customer_id, device.device_class = last.customer_id, last.device_class
    device.save()


def _period(valid: DateRange) -> Period:
    return Period(valid.lower, valid.upper or OPEN_END)
