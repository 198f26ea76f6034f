"""Devices: found, listed, and told with all their stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from quarterday.inventory.models import BillingException, Device, Presence, Replacement, SyncCoverage
from quarterday.shared.asking import Asking, question
from quarterday.shared.refusal import NotFound, Refused

_ALL = 2**62


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device as a list shows it. `since` is None for one that is not there now; then `last_seen_at` is its last."""

    id: int
    customer_id: int
    customer: str
    source: str
    device_ref: str
    name: str
    device_class: str
    serial: str
    since: date | None
    first_seen_at: datetime
    last_seen_at: datetime | None
    retired_at: datetime | None
    set_by_person: bool
    excepted: bool


@dataclass(frozen=True, slots=True)
class KnownStay:
    """A row of the ledger: where the device was, and from when to when we knew it so."""

    customer_id: int
    customer: str
    name: str
    device_class: str
    start: date
    end: date | None
    known_from: datetime
    known_until: datetime | None
    seen_at: datetime | None
    gone_at: datetime | None
    why: str


def device_labels(device_ids: Collection[int]) -> dict[int, Device]:
    """Device id -> its name and serial as they are now, for any number with one query."""
    return {device.pk: device for device in Device.objects.only("name", "serial").filter(pk__in=device_ids)}


@question
def device_by_id(device_id: int) -> Asking[Device | None]:
    """The device, with its customer and source, or None when the scope has none."""
    rows: list[Device] = yield Device.objects.select_related("customer", "source").filter(pk=device_id)
    return rows[0] if rows else None


def find_device(wanted: str, *, source: str = "", customer_id: int | None = None) -> Device:
    """The device with this id at its source, or else the only one with this name; NotFound, or Refused when several."""
    devices = Device.objects.select_related("customer", "source")
    if source:
        devices = devices.filter(source__name=source)
    if customer_id is not None:
        devices = devices.filter(customer_id=customer_id)
    found = list(devices.filter(external_id=wanted)[:2]) or list(devices.filter(name=wanted)[:2])
    if not found:
        unknown = f"{wanted!r} is not known, neither as a device's id nor as its name: see `quarterday devices list`."
        raise NotFound("device", unknown)
    if len(found) > 1:
        raise Refused("device", f"Several devices are called {wanted!r}: say its id, its source or its customer.")
    return found[0]


def device_list(
    *,
    customer_id: int | None = None,
    search: str = "",
    present: bool | None = True,
    device_class: str = "",
) -> QuerySet[Device]:
    """Devices by customer and name: those there now, or those not (False), or all (None). Slice it; see `device_rows`.

    The search finds words in names, ids and serial numbers.
    """
    devices = Device.objects.order_by("customer__name", "name", "pk")
    there = Exists(_goes_on())
    if customer_id is not None:
        devices = devices.filter(customer_id=customer_id)
    if device_class:
        devices = devices.filter(device_class=device_class)
    for word in search.replace("\0", "").split():
        devices = devices.filter(Q(name__icontains=word) | Q(external_id__icontains=word) | Q(serial__icontains=word))
    if present:
        devices = devices.filter(there)
    elif present is False:
        # All of them are found first (a limit, so that the planner leaves it so), and then sorted: few are gone, and
        # on the way through the sorted list every device would be looked up in the ledger.
        gone = devices.filter(~there).order_by().values("pk")[:_ALL]
        devices = devices.filter(pk__in=gone)
    return devices


def device_rows(devices: QuerySet[Device], *, today: date) -> list[DeviceRow]:
    """What a list shows of these devices, in their order, with two queries however many they are.

    A device that is there was last seen when its source last told us everything about its customer.
    """
    # Which devices is asked first: what is shown of them would else be worked out for all that a page skips.
    chosen = list(devices.values_list("pk", flat=True))
    coverage = SyncCoverage.objects.filter(customer=OuterRef("customer"), source=OuterRef("source"))
    ended = Presence.objects.filter(device=OuterRef("pk"), recorded__upper_inf=True).order_by("-valid")
    excepted = BillingException.objects.filter(device=OuterRef("pk"), withdrawn_at=None, valid__contains=today)
    rows: QuerySet[Any] = Device.objects.filter(pk__in=chosen).annotate(
        since=Subquery(_goes_on().values("valid__startswith")[:1]),
        covered_at=Subquery(coverage.values("complete_at")[:1]),
        gone_at=Subquery(ended.values("gone_at")[:1]),
        is_excepted=Exists(excepted),
        customer_name=F("customer__name"),
        source_name=F("source__name"),
    )
    found = {row.pk: row for row in rows}
    return [
        DeviceRow(
            id=row.pk,
            customer_id=row.customer_id,
            customer=row.customer_name,
            source=row.source_name,
            device_ref=row.external_id,
            name=row.name,
            device_class=row.device_class,
            serial=row.serial,
            since=row.since,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.covered_at if row.since else row.gone_at,
            retired_at=row.retired_at,
            set_by_person=bool(row.class_set_by or row.customer_set_by),
            excepted=row.is_excepted,
        )
        for row in map(found.__getitem__, chosen)
    ]


def device_stays(device: Device, *, known_at: datetime | None = None, with_corrected: bool = False) -> list[KnownStay]:
    """Where the device was, oldest first: as known now, as known at an instant, or with all that was known before.

    Under a scope: its stays at the scope's customers.
    """
    rows = Presence.objects.filter(device=device)
    if not with_corrected:
        rows = rows.filter(Q(recorded__upper_inf=True) if known_at is None else Q(recorded__contains=known_at))
    return [
        KnownStay(
            customer_id=row.customer_id,
            customer=row.customer.name,
            name=row.device_name,
            device_class=row.device_class,
            start=row.valid.lower,
            end=row.valid.upper,
            known_from=row.recorded.lower,
            known_until=row.recorded.upper,
            seen_at=row.seen_at,
            gone_at=row.gone_at,
            why=row.why,
        )
        for row in rows.select_related("customer").order_by("valid", "recorded")
    ]


def told_until(device: Device) -> datetime | None:
    """When the device's source last told everything about its customer: a device that is there was last seen then."""
    told = SyncCoverage.objects.filter(customer=device.customer_id, source=device.source_id)
    return told.values_list("complete_at", flat=True).first()


def replacements_of(device: Device) -> QuerySet[Replacement]:
    """Whom the device replaced and who replaced it, proposed ones too."""
    return (
        Replacement.objects.filter(Q(old_device=device) | Q(new_device=device))
        .select_related("old_device", "new_device")
        .order_by("replaced_on", "pk")
    )


def proposed_replacements() -> QuerySet[Replacement]:
    """Replacements that a person should decide, the oldest first."""
    return (
        Replacement.objects.filter(state="proposed")
        .select_related("customer", "old_device", "new_device")
        .order_by("recorded_at", "pk")
    )


def replaced_and_still_there() -> QuerySet[Replacement]:
    """Confirmed replacements of which both devices are there now: billed as one, and perhaps two by now."""
    old = Presence.objects.filter(device=OuterRef("old_device"), recorded__upper_inf=True, valid__upper_inf=True)
    new = Presence.objects.filter(device=OuterRef("new_device"), recorded__upper_inf=True, valid__upper_inf=True)
    return (
        Replacement.objects.filter(Exists(old), Exists(new), state="confirmed")
        .select_related("customer", "old_device", "new_device")
        .order_by("customer__name", "pk")
    )


def exceptions_of(device: Device) -> QuerySet[BillingException]:
    """The exceptions in force of a device, oldest first."""
    return BillingException.objects.filter(device=device, withdrawn_at=None).order_by("valid")


def exception_list(*, from_day: date, search: str = "") -> QuerySet[BillingException]:
    """The exceptions in force on a day or later, with device and customer, by customer and device."""
    rows = BillingException.objects.select_related("device", "customer").order_by("customer__name", "device__name")
    rows = rows.filter(Q(valid__upper_inf=True) | Q(valid__endswith__gt=from_day), withdrawn_at=None)
    for word in search.replace("\0", "").split():
        rows = rows.filter(
            Q(customer__name__icontains=word) | Q(device__name__icontains=word) | Q(reason__icontains=word)
        )
    return rows


def exception_by_id(exception_id: int) -> BillingException | None:
    """An exception in force, with its device and customer, or None when the scope has none."""
    rows = BillingException.objects.select_related("device", "customer")
    return rows.filter(pk=exception_id, withdrawn_at=None).first()


def _goes_on() -> QuerySet[Presence]:
    return Presence.objects.filter(device=OuterRef("pk"), recorded__upper_inf=True, valid__upper_inf=True)
