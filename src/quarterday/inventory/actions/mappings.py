"""Which of our customers a source means by a name: said once by a person, used by every sync after it."""

from __future__ import annotations

from datetime import date, datetime

from quarterday.customers.models import Customer
from quarterday.inventory.lock import inventory_lock
from quarterday.inventory.models import CustomerMapping
from quarterday.inventory.recording import today_at
from quarterday.shared import trail
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Actor


def map_customer(
    mapping_id: int, *, to: Customer, now: datetime, by: Actor, present_since: date | None = None
) -> CustomerMapping:
    """The source means this customer. Its devices are taken in by the next sync or import.

    Devices of the first load count from `present_since`, else from the day of that sync. A name that was mapped
    before moves its devices to this customer, again with the next sync.
    """
    inventory_lock()
    mapping = _mapping(mapping_id)
    if present_since and present_since > today_at(to, now):
        raise Refused("present_since", f"{present_since} is still to come; today is {today_at(to, now)} at {to}.")
    mapping.customer, mapping.ignored, mapping.present_since = to, False, present_since
    mapping.save()
    details = {"source": mapping.source.name, "name": mapping.external_name, "present_since": present_since}
    trail.record(by, "mapped", to, at=now, details=details)
    return mapping


def ignore_customer(mapping_id: int, *, now: datetime, by: Actor) -> CustomerMapping:
    """We do not bill what the source calls so (our own company, a test site); its devices stay outside the ledger.

    Devices that were taken in under this name are gone from the next sync on.
    """
    inventory_lock()
    mapping = _mapping(mapping_id)
    mapping.customer, mapping.ignored = None, True
    mapping.save()
    trail.record(by, "ignored", mapping, at=now, details={"name": mapping.external_name})
    return mapping


def _mapping(mapping_id: int) -> CustomerMapping:
    mapping = CustomerMapping.objects.select_related("source").filter(pk=mapping_id).first()
    if mapping is None:
        raise NotFound("mapping", f"There is no mapping {mapping_id}: see `quarterday inventory mappings`.")
    return mapping
