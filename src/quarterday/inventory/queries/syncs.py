"""What the sources told us, how fresh it is, and what waits for a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from quarterday.inventory.models import CustomerMapping, Presence, Source, SyncCoverage, SyncRun
from quarterday.shared.refusal import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Freshness:
    """Up to when a source has told everything about a customer that has devices from it (None: it never has)."""

    customer_id: int
    source: str
    complete_at: datetime | None
    complete_on: date | None
    device_count: int


@dataclass(frozen=True, slots=True)
class SyncRow:
    """A sync as a list shows it; `drops` says which customers would lose how many devices."""

    id: int
    source: str
    taken_at: datetime
    as_of: date | None
    recorded_at: datetime | None
    state: str
    complete: bool
    device_count: int
    counts: dict[str, int]
    drops: list[dict[str, Any]]
    by: str


def sources() -> QuerySet[Source]:
    """All sources, by name."""
    return Source.objects.order_by("name")


def sync_runs(*, source: str = "", state: str = "") -> QuerySet[SyncRun]:
    """The syncs, newest first; of one source or in one state if asked for. Slice it; see `sync_rows`."""
    runs = SyncRun.objects.defer("snapshot").select_related("source").order_by("-recorded_at", "-pk")
    if source:
        runs = runs.filter(source__name=source)
    if state:
        runs = runs.filter(state=state)
    return runs


def sync_rows(runs: QuerySet[SyncRun]) -> list[SyncRow]:
    """What a list shows of these syncs."""
    return [sync_row(run) for run in runs]


def sync_row(run: SyncRun) -> SyncRow:
    """What a list shows of one sync."""
    return SyncRow(
        id=run.pk,
        source=run.source.name,
        taken_at=run.taken_at,
        as_of=run.as_of,
        recorded_at=run.recorded_at,
        state=run.state,
        complete=run.complete,
        device_count=run.summary.get("devices", 0),
        counts=run.summary.get("counts", {}),
        drops=run.summary.get("drops", []),
        by=run.by,
    )


def last_syncs() -> QuerySet[SyncRun]:
    """The newest applied sync of each source, by the source's name; a source without one is left out."""
    newest = SyncRun.objects.filter(state="applied", source=OuterRef("pk")).order_by("-recorded_at", "-pk")
    ids = Source.objects.annotate(newest=Subquery(newest.values("pk")[:1])).values("newest")
    return SyncRun.objects.defer("snapshot").select_related("source").filter(pk__in=ids).order_by("source__name")


def sync_by_id(run_id: int) -> SyncRun | None:
    """A sync with its source, or None."""
    return SyncRun.objects.defer("snapshot").select_related("source").filter(pk=run_id).first()


def held_syncs() -> QuerySet[SyncRun]:
    """Snapshots that wait for a person, because too many devices would go."""
    return sync_runs(state="held")


def mappings(*, source: str = "", unknown: bool | None = None) -> QuerySet[CustomerMapping]:
    """What the sources call our customers; only the unknown (True) or the decided (False) if asked for."""
    rows = CustomerMapping.objects.select_related("source", "customer").order_by("source__name", "external_name", "pk")
    if source:
        rows = rows.filter(source__name=source)
    if unknown is not None:
        undecided = Q(customer=None, ignored=False)
        rows = rows.filter(undecided if unknown else ~undecided)
    return rows


def unmapped_customers() -> QuerySet[CustomerMapping]:
    """Customers that a source names and nobody mapped: their devices are not counted, so they are not billed."""
    return mappings(unknown=True).order_by("-device_count", "external_name")


def mapping_by_id(mapping_id: int) -> CustomerMapping | None:
    """A mapping with its source and customer, or None."""
    return CustomerMapping.objects.select_related("source", "customer").filter(pk=mapping_id).first()


def find_mapping(wanted: str, *, source: str = "") -> CustomerMapping:
    """The mapping by what a source calls the customer, by name or key; NotFound, or Refused when several match."""
    named = mappings(source=source)
    found = list(named.filter(external_name=wanted)[:2]) or list(named.filter(external_id=wanted)[:2])
    if not found:
        raise NotFound("name", f"No source named a customer {wanted!r}: see `quarterday inventory mappings`.")
    if len(found) > 1:
        raise Refused("name", f"Several sources name a customer {wanted!r}: say which with --source.")
    return found[0]


def customers_not_told_since(moment: datetime) -> QuerySet[SyncCoverage]:
    """The coverages of customers who have devices from a source that told nothing complete since; oldest first."""
    there = Presence.objects.filter(
        customer=OuterRef("customer"),
        device__source=OuterRef("source"),
        recorded__upper_inf=True,
        valid__upper_inf=True,
    )
    rows = SyncCoverage.objects.filter(Exists(there), complete_at__lt=moment).exclude(source__kind="manual")
    return rows.select_related("customer", "source").order_by("complete_at", "pk")


def freshness(customer_ids: Collection[int]) -> list[Freshness]:
    """How fresh each customer's devices are, per source that has devices there now; by customer and source.

    Devices that were added by hand are always fresh and are left out. Two queries, however many customers.
    """
    told = {(row.customer_id, row.source_id): row for row in SyncCoverage.objects.filter(customer_id__in=customer_ids)}
    present = (
        Presence.objects.filter(customer_id__in=customer_ids, recorded__upper_inf=True, valid__upper_inf=True)
        .exclude(device__source__kind="manual")
        .values("customer_id", "device__source_id")
        .annotate(source=F("device__source__name"), device_count=Count("pk"))
        .order_by("customer_id", "source")
    )
    rows = []
    for row in present:
        coverage = told.get((row["customer_id"], row["device__source_id"]))
        rows.append(
            Freshness(
                customer_id=row["customer_id"],
                source=row["source"],
                complete_at=coverage.complete_at if coverage else None,
                complete_on=coverage.complete_on if coverage else None,
                device_count=row["device_count"],
            )
        )
    return rows
