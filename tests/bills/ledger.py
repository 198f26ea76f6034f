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
    stays, rmm = draw(picture, start=start), source()
    classes = {stay.device_id: stay.device_class for stay in stays}
    refs = {name: f"{customer.number}/{name}" for name in classes}
    known = {device.external_id: device for device in Device.objects.filter(source=rmm, external_id__in=refs.values())}
    new = Device.objects.bulk_create(
        Device(
            customer=customer,
            source=rmm,
            external_id=refs[name],
            name=name,
            device_class=device_class,
            first_seen_at=learned_at,
        )
        for name, device_class in classes.items()
        if refs[name] not in known
    )
    known |= {device.external_id: device for device in new}
    devices = {name: known[ref] for name, ref in refs.items()}
    Presence.objects.bulk_create(
        Presence(
            device=devices[stay.device_id],
            customer=customer,
            device_name=devices[stay.device_id].name,
            device_class=stay.device_class,
            valid=DateRange(stay.present.start, None if stay.present.is_open else stay.present.end),
            recorded=TimestamptzRange(stamp, None),
            why="test",
        )
        for stay in stays
    )
    return devices
