"""Which of our customers does a snapshot speak about, from which local day on, and is that newer than what we know?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from quarterday.customers.models import Customer
from quarterday.engine.periods import instant_of_local, local_date
from quarterday.inventory.comparison import NamedCustomer
from quarterday.inventory.models import CustomerMapping, Source, SyncCoverage
from quarterday.inventory.snapshot import SeenCustomer, Snapshot
from quarterday.provider.queries import class_names
from quarterday.shared.refusal import Problem, refuse_if

RULES_CLASSES = ("computer", "server", "mobile")
"""The classes that every provider has; others are added by the provider."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A customer of whom the snapshot tells everything: up to which instant and local day."""

    customer_id: int
    complete_at: datetime
    complete_on: date


@dataclass(frozen=True, slots=True)
class Resolved:
    """A snapshot's customers, found among ours.

    `days` is the snapshot's local date at each of our customers. `matched` are refs that were recognised for the first
    time, by the customer's number or name, with the customer's name. `newer_known` names the customers of whom a
    newer snapshot was applied.
    """

    named: tuple[NamedCustomer, ...]
    days: Mapping[int, date]
    covered: tuple[Covered, ...]
    unknown: tuple[SeenCustomer, ...]
    matched: Mapping[str, str]
    newer_known: tuple[str, ...]

    @property
    def refs(self) -> frozenset[str]:
        """What the source calls them."""
        return frozenset(customer.ref for customer in self.named)


def check_snapshot(snapshot: Snapshot, *, now: datetime, present_since: date | None) -> None:
    """Raise Refused for a snapshot that no source may yield: a connector's mistake, or an impossible day."""
    refs = [customer.ref for customer in snapshot.customers]
    known_classes = {*RULES_CLASSES, *class_names()}
    device_refs = [device.device_ref for device in snapshot.devices]
    classes = {device.device_class for device in snapshot.devices} - known_classes
    unlisted = {device.customer_ref for device in snapshot.devices} - set(refs)
    problems = []
    if len(set(device_refs)) != len(device_refs):
        problems.append(Problem("device", "The source names a device twice; each needs an id of its own."))
    if len(set(refs)) != len(refs):
        problems.append(Problem("customer", "The source lists a customer twice."))
    if unlisted:
        problems.append(Problem("customer", f"Devices belong to customers that are not listed: {_some(unlisted)}."))
    if classes:
        known = ", ".join(sorted(known_classes))
        problems.append(Problem("class", f"There is no class {_some(classes)}. Add it, or use one of {known}."))
    if snapshot.taken_at.tzinfo is None:
        problems.append(Problem("taken_at", "A snapshot needs the offset from UTC of its instant."))
    elif snapshot.taken_at > now + timedelta(minutes=5):
        problems.append(Problem("taken_at", f"The snapshot is of {snapshot.taken_at}, which is still to come."))
    # A day begins at UTC+14 first, so a day later than this has begun nowhere.
    newest_day = (now + timedelta(hours=14)).date()
    for name, day in (("as_of", snapshot.as_of), ("present_since", present_since)):
        if day is not None and not date(2000, 1, 1) <= day <= newest_day:
            problems.append(Problem(name, f"{day} is no day between 2000-01-01 and today."))
    if present_since and snapshot.as_of and present_since > snapshot.as_of:
        problems.append(
            Problem("present_since", f"{present_since} is later than {snapshot.as_of}, the snapshot's day.")
        )
    refuse_if(problems)


def resolve(snapshot: Snapshot, source: Source | None, *, present_since: date | None) -> Resolved:
    """Find the snapshot's customers among ours, by the source's mappings, else by number or by a name that is unique.

    A customer that several of the source's names lead to (one per site) is complete only if all of them are there.
    """
    customers = {
        customer.pk: customer for customer in Customer.objects.only("number", "name", "time_zone", "archived_on")
    }
    mappings = {mapping.external_id: mapping for mapping in _mappings(source)}
    coverage = {row.customer_id: row for row in SyncCoverage.objects.filter(source=source)} if source else {}
    days = _local_days(snapshot, customers)
    recognise = _Recognition(customers)
    refs = {customer.ref for customer in snapshot.customers}
    half_named = {mapping.customer_id for ref, mapping in mappings.items() if mapping.customer_id and ref not in refs}
    named, unknown, matched = [], [], {}
    for seen in snapshot.customers:
        mapping = mappings.get(seen.ref)
        customer_id = mapping.customer_id if mapping else None
        if customer_id is None and not (mapping and mapping.ignored):
            customer_id = recognise(seen)
            if customer_id is None:
                unknown.append(seen)
            else:
                matched[seen.ref] = customers[customer_id].name
        first_load_since = None
        if customer_id is not None and customer_id not in coverage:
            first_load_since = present_since or (mapping.present_since if mapping else None)
        complete = snapshot.complete and customer_id is not None and customer_id not in half_named
        named.append(NamedCustomer(seen.ref, customer_id, complete, first_load_since))
    spoken_of = sorted({customer.customer_id for customer in named if customer.customer_id is not None})
    complete_ids = {customer.customer_id for customer in named if customer.complete}
    told = {pk: _covered(snapshot, customers[pk], days[pk]) for pk in spoken_of}
    return Resolved(
        named=tuple(named),
        days=days,
        covered=tuple(told[pk] for pk in spoken_of if pk in complete_ids),
        unknown=tuple(unknown),
        matched=matched,
        newer_known=tuple(
            # By the instant, not the day: a customer that moves its time zone westwards lives a date twice.
            customers[pk].name
            for pk in spoken_of
            if pk in coverage and coverage[pk].complete_at > told[pk].complete_at
        ),
    )


class _Recognition:
    """Recognises customers that nobody mapped, by number or by a name that only one has; never an archived one."""

    def __init__(self, customers: Mapping[int, Customer]) -> None:
        meant = {pk: customer for pk, customer in customers.items() if customer.archived_on is None}
        self._by_number = {customer.number.casefold(): pk for pk, customer in meant.items()}
        by_name: dict[str, list[int]] = defaultdict(list)
        for pk, customer in meant.items():
            by_name[" ".join(customer.name.casefold().split())].append(pk)
        self._by_name = {name: pks[0] for name, pks in by_name.items() if len(pks) == 1}

    def __call__(self, seen: SeenCustomer) -> int | None:
        if (customer_id := self._by_number.get(seen.ref.casefold())) is not None:
            return customer_id
        return self._by_name.get(" ".join((seen.name or seen.ref).casefold().split()))


def _mappings(source: Source | None) -> list[CustomerMapping]:
    return list(CustomerMapping.objects.filter(source=source)) if source else []


def _local_days(snapshot: Snapshot, customers: Mapping[int, Customer]) -> dict[int, date]:
    """The snapshot's local date at each customer. Converted here, in Python, once: the ledger keeps dates."""
    if snapshot.as_of is not None:
        return dict.fromkeys(customers, snapshot.as_of)
    zones = {customer.time_zone for customer in customers.values()}
    day_in = {zone: local_date(snapshot.taken_at, zone) for zone in zones}
    return {pk: day_in[customer.time_zone] for pk, customer in customers.items()}


def _covered(snapshot: Snapshot, customer: Customer, day: date) -> Covered:
    """A file "as of" a day tells nothing about the time after that day, however late it is read."""
    complete_at = snapshot.taken_at
    if snapshot.as_of is not None:
        complete_at = min(complete_at, instant_of_local(snapshot.as_of + timedelta(days=1), 0, customer.time_zone))
    return Covered(customer.pk, complete_at, day)


def _some(names: set[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in sorted(names)[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
