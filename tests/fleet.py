"""Devices that came on a day and stay, for tests that look at what is still to come."""

from __future__ import annotations

from datetime import date

from psycopg.types.range import DateRange, TimestamptzRange  # type: ignore[attr-defined]

from quarterday.customers.models import Customer
from quarterday.inventory.lock import lock_and_stamp
from quarterday.inventory.models import Device, Presence, Source
from tests.shop import NOW

APRIL = date(2026, 4, 1)


def computers(customer: Customer, count: int, *, device_class: str = "computer", since: date = APRIL) -> None:
    """So many devices of a customer, there since a day; inside `acting(Scope.all())`."""
    stamp = lock_and_stamp(NOW)
    source, _ = Source.objects.get_or_create(name="RMM", defaults={"created_at": NOW})
    for number in range(count):
        name = f"{device_class.upper()}-{number}"
        device = Device.objects.create(
            source=source,
            external_id=f"{customer.number}/{name}",
            customer=customer,
            name=name,
            device_class=device_class,
            first_seen_at=NOW,
        )
        Presence.objects.create(
            device=device,
            customer=customer,
            device_name=name,
            device_class=device_class,
            valid=DateRange(since, None),
            recorded=TimestamptzRange(stamp, None),
            why="test",
        )
