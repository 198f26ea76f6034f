"""Helpers of the inventory's tests: customers, snapshots written as tables, and the whole ledger drawn as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from textwrap import dedent
from typing import Any

from quarterday.customers.models import Customer
from quarterday.inventory.actions import SyncResult, apply_snapshot
from quarterday.inventory.models import Presence, Replacement
from quarterday.inventory.snapshot import SeenCustomer, SeenDevice, Snapshot
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope

JANE = Actor("person", "Jane")
START = datetime(2026, 4, 1, 12, tzinfo=UTC)


@contextmanager
def everything() -> Iterator[None]:
    """Act as staff."""
    with acting(Scope.all()):
        yield


def make_customer(name: str, time_zone: str = "UTC") -> Customer:
    number = f"C-{Customer.objects.count() + 1}"
    return Customer.objects.create(
        number=number, name=name, country="DE", time_zone=time_zone, currency="EUR", created_at=START
    )


def snapshot(
    table: str, at: datetime, *, source: str = "csv", complete: bool = True, as_of: date | None = None
) -> Snapshot:
    """A snapshot from lines of `customer  id  name  class  serial` (the serial may be missing).

    A line with a customer alone names a customer without devices.
    """
    rows: list[Any] = [line.split() for line in dedent(table).strip().splitlines()]
    return Snapshot(
        source=source,
        complete=complete,
        taken_at=at,
        as_of=as_of,
        customers=tuple(SeenCustomer(name, name) for name in dict.fromkeys(row[0] for row in rows)),
        devices=tuple(SeenDevice(*row) for row in rows if len(row) > 1),
    )


def sync(table: str, at: datetime, **options: Any) -> SyncResult:
    """Apply a snapshot at the instant at which it was taken."""
    taken = {name: options.pop(name) for name in ("source", "complete", "as_of") if name in options}
    return apply_snapshot(snapshot(table, at, **taken), now=options.pop("now", at), by=JANE, **options)


def known_now() -> list[str]:
    """The ledger as known now, a stay a line: device, customer, class, days."""
    rows = Presence.objects.filter(recorded__upper_inf=True).order_by("device__external_id", "valid")
    return [_stay(row) for row in rows.select_related("device", "customer")]


def whole_ledger() -> list[str]:
    """Every row there ever was, with the hours at which it became known and was known better, and why."""
    rows = Presence.objects.order_by("device__external_id", "recorded", "valid").select_related("device", "customer")
    return [f"{_stay(row)}  known {_when(row.recorded.lower)}..{_when(row.recorded.upper)}  {row.why}" for row in rows]


def known_replacements() -> list[str]:
    rows = Replacement.objects.order_by("pk").select_related("old_device", "new_device")
    return [
        f"{row.old_device.external_id} -> {row.new_device.external_id} "
        f"{row.replaced_on:%m-%d} {row.because} {row.state}"
        for row in rows
    ]


def stays_of(device_ref: str) -> list[str]:
    """Where one device was, as known now."""
    return [line.removeprefix(f"{device_ref} ") for line in known_now() if line.startswith(f"{device_ref} ")]


def days_later(count: int, hours: int = 0) -> datetime:
    return START + timedelta(days=count, hours=hours)


def _stay(row: Presence) -> str:
    end = f"{row.valid.upper:%m-%d}" if row.valid.upper else ""
    who = f"{row.device.external_id} {row.device_name} {row.customer.name} {row.device_class}"
    return f"{who} {row.valid.lower:%m-%d}..{end}"


def _when(moment: datetime | None) -> str:
    return f"{moment:%m-%d}" if moment else ""
