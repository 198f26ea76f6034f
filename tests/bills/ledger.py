"""Devices for the bill desk's tests: a drawn month becomes rows of the presence ledger, as a sync would leave them."""

from __future__ import annotations

from datetime import date, datetime

from psycopg.types.range import DateRange, TimestamptzRange  # type: ignore[attr-defined]

from quarterday.customers.models import Customer
from quarterday.inventory.lock import lock_and_stamp
from quarterday.inventory.models import Device, Presence, Source
from tests.engine.draw import draw
from tests.shop import NOW


def source() -> Source:
    """The one RMM of these tests."""
    return Source.objects.get_or_create(name="RMM", defaults={"created_at": NOW})[0]


def present(customer: Customer, picture: str, *, start: date, learned_at: datetime = NOW) -> dict[str, Device]:
    """Put drawn devices (see tests/engine/draw.py) into the ledger, as learned at an instant; by name."""
    stamp = lock_and_stamp(learned_at)
    devices: dict[str, Device] = {}
    for stay in draw(picture, start=start):
        device, _ = Device.objects.get_or_create(
            source=source(),
            external_id=f"{customer.number}/{stay.device_id}",
            defaults={
                "customer": customer,
                "name": stay.device_id,
                "device_class": stay.device_class,
                "first_seen_at": learned_at,
            },
        )
        days = stay.present
        Presence.objects.create(
            device=device,
            customer=customer,
            device_name=device.name,
            device_class=stay.device_class,
            valid=DateRange(days.start, None if days.is_open else days.end),
            recorded=TimestamptzRange(stamp, None),
            why="test",
        )
        devices[stay.device_id] = device
    return devices
