"""Take a snapshot over into the ledger, or show what it would change, or hold it for a person.

    result = apply_snapshot(snapshot, now=now, by=by)

One transaction under the inventory lock. The database compares (`comparison`), and only what differs is written: a
snapshot without a difference leaves one sync run and the customers' freshness behind, nothing else.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from quarterday.inventory import writing
from quarterday.inventory.comparison import Change, Comparison, Drop
from quarterday.inventory.lock import inventory_lock, last_stamp, lock_and_stamp
from quarterday.inventory.models import Source, SyncRun
from quarterday.inventory.pairing import Pair
from quarterday.inventory.resolving import Resolved, check_snapshot, resolve
from quarterday.inventory.snapshot import Snapshot, from_bytes, to_bytes
from quarterday.provider.models import Provider
from quarterday.provider.queries import find_provider
from quarterday.shared import trail
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Actor

LISTED_CHANGES = 2_000
"""A result lists at most so many changes; its counts are of all."""

State = Literal["preview", "applied", "held", "superseded"]


class ChangedSince(Refused):
    """The devices or customers we know are not those that a preview was compared with."""

    def __init__(self) -> None:
        super().__init__(
            "", "Meanwhile something else changed what we know, so this would not do what you saw: look at it again."
        )


@dataclass(frozen=True, slots=True)
class UnknownCustomer:
    """A customer that the source names and that nobody has mapped yet; its devices wait outside the ledger."""

    ref: str
    name: str
    device_count: int


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a snapshot changed, or would change (`preview`), or why it did not.

    `held`: it takes away too many of the customers' devices in `drops`; confirm or reject the run. `superseded`: of
    the customers in `newer_known` something newer is known already. `counts` is per kind of change (see
    `comparison`), `matched` are customers that were recognised by number or name for the first time.
    """

    state: State
    source: str
    device_count: int
    run_id: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    replacements: tuple[Pair, ...] = ()
    unknown: tuple[UnknownCustomer, ...] = ()
    matched: Mapping[str, str] = field(default_factory=dict)
    drops: tuple[Drop, ...] = ()
    newer_known: tuple[str, ...] = ()
    ledger_at: datetime | None = None

    @property
    def digest(self) -> str:
        """What a person sees of it, as a sha256; of more changes than are listed also the ledger's last stamp."""
        is_whole = sum(self.counts.values()) <= LISTED_CHANGES
        seen = (
            sorted(self.counts.items()),
            [tuple(change) for change in self.changes],
            [tuple(pair) for pair in self.replacements],
            [(unknown.ref, unknown.device_count) for unknown in self.unknown],
            sorted(self.matched.items()),
            [tuple(drop) for drop in self.drops],
            self.newer_known,
            None if is_whole else self.ledger_at,
        )
        return hashlib.sha256(repr(seen).encode()).hexdigest()

    @property
    def changed_count(self) -> int:
        """How many devices are not as they were."""
        return sum(count for kind, count in self.counts.items() if kind != "retired")


def preview_snapshot(snapshot: Snapshot, *, now: datetime, present_since: date | None = None) -> SyncResult:
    """What `apply_snapshot` would do now. Nothing is written."""
    check_snapshot(snapshot, now=now, present_since=present_since)
    inventory_lock(shared=True)
    source = Source.objects.filter(name=snapshot.source).first()
    resolved = resolve(snapshot, source, present_since=present_since)
    if resolved.newer_known:
        return _result("superseded", snapshot, resolved)
    comparison = _compared(snapshot, source, resolved)
    return _result("preview", snapshot, resolved, comparison=comparison, drops=_drops(comparison))


def apply_snapshot(
    snapshot: Snapshot,
    *,
    now: datetime,
    by: Actor,
    confirm_drop: bool = False,
    present_since: date | None = None,
    kind: str = "csv",
    as_previewed: str = "",
) -> SyncResult:
    """Make the ledger say what the snapshot says, from the customers' local dates of the snapshot on.

    Nothing is changed when a customer would lose more devices than the provider's bound (30 % and at least 3) unless
    `confirm_drop`: the snapshot is held. Nothing is changed either when something newer is known of one of its
    customers. Devices of customers that this source names for the first time count from `present_since`, if given.
    `kind` describes a source that is new. Raises Refused for a snapshot that is wrong in itself, and ChangedSince when
    it would not do what the preview with the digest `as_previewed` showed.
    """
    check_snapshot(snapshot, now=now, present_since=present_since)
    inventory_lock()
    source, _ = Source.objects.get_or_create(name=snapshot.source, defaults={"kind": kind, "created_at": now})
    run = SyncRun(source=source, by=by.name)
    if as_previewed and preview_snapshot(snapshot, now=now, present_since=present_since).digest != as_previewed:
        raise ChangedSince
    return _take_over(run, snapshot, now=now, by=by, confirm_drop=confirm_drop, present_since=present_since)


def confirm_sync(run_id: int, *, now: datetime, by: Actor) -> SyncResult:
    """Apply a held snapshot: the drop is real. It takes effect on the days for which it was taken."""
    inventory_lock()
    run = _held_run(run_id)
    assert run.snapshot is not None, f"held run {run.pk} has lost its snapshot"
    snapshot = from_bytes(zlib.decompress(run.snapshot))
    since = run.summary.get("present_since")
    trail.record(by, "confirmed", run, at=now, details={"drops": run.summary.get("drops", [])})
    return _take_over(
        run,
        snapshot,
        now=now,
        by=by,
        confirm_drop=True,
        present_since=date.fromisoformat(since) if since else None,
    )


def reject_sync(run_id: int, *, now: datetime, by: Actor) -> None:
    """Throw a held snapshot away: the source was wrong, and the ledger stays as it is."""
    inventory_lock()
    run = _held_run(run_id)
    run.state, run.snapshot = "rejected", None
    run.save()
    trail.record(by, "rejected", run, at=now, details={"drops": run.summary.get("drops", [])})


def _take_over(
    run: SyncRun,
    snapshot: Snapshot,
    *,
    now: datetime,
    by: Actor,
    confirm_drop: bool,
    present_since: date | None,
) -> SyncResult:
    stamp = lock_and_stamp(now)
    resolved = resolve(snapshot, run.source, present_since=present_since)
    counted = Counter(device.customer_ref for device in snapshot.devices)
    writing.remember_customers(run.source, snapshot.customers, resolved, counted, at=snapshot.taken_at)
    content = to_bytes(snapshot)
    run.taken_at, run.as_of, run.complete = snapshot.taken_at, snapshot.as_of, snapshot.complete
    run.recorded_at, run.digest, run.snapshot = stamp, hashlib.sha256(content).hexdigest(), None
    if resolved.newer_known:
        return _finish(run, _result("superseded", snapshot, resolved), customers=resolved.refs)
    comparison = _compared(snapshot, run.source, resolved)
    drops = _drops(comparison)
    writing.supersede_held_runs(run, resolved)
    if drops and not confirm_drop:
        run.snapshot = zlib.compress(content)
        held = _result("held", snapshot, resolved, comparison=comparison, drops=drops)
        return _finish(run, held, customers=resolved.refs, present_since=present_since)
    result = _result("applied", snapshot, resolved, comparison=comparison, drops=drops)
    result = _finish(run, result, customers=resolved.refs)
    if result.changed_count:
        writing.write_changes(comparison, run, taken_at=snapshot.taken_at, stamp=stamp)
        trail.record(by, "synced", run.source, at=now, details={"run": run.pk, **result.counts})
    writing.note_silence(comparison, taken_at=snapshot.taken_at)
    writing.write_coverage(run, resolved)
    return result


def _compared(snapshot: Snapshot, source: Source | None, resolved: Resolved) -> Comparison:
    comparison = Comparison(source_id=source.pk if source else None)
    comparison.load(snapshot.devices, named=resolved.named, days=resolved.days)
    comparison.compare()
    return comparison


def _drops(comparison: Comparison) -> tuple[Drop, ...]:
    # Before there is a provider, its usual bounds.
    bounds = find_provider() or Provider()
    return comparison.drops(percent=bounds.count_change_percent, devices=bounds.count_change_devices)


def _result(
    state: State,
    snapshot: Snapshot,
    resolved: Resolved,
    *,
    comparison: Comparison | None = None,
    drops: tuple[Drop, ...] = (),
) -> SyncResult:
    counted = Counter(device.customer_ref for device in snapshot.devices)
    return SyncResult(
        state=state,
        source=snapshot.source,
        device_count=len(snapshot.devices),
        counts=comparison.counts() if comparison else {},
        changes=comparison.changes(limit=LISTED_CHANGES) if comparison else (),
        replacements=comparison.pairs(limit=LISTED_CHANGES) if comparison else (),
        unknown=tuple(
            UnknownCustomer(customer.ref, customer.name or customer.ref, counted[customer.ref])
            for customer in resolved.unknown
        ),
        matched=resolved.matched,
        drops=drops,
        newer_known=resolved.newer_known,
        ledger_at=last_stamp(),
    )


def _finish(
    run: SyncRun, result: SyncResult, *, customers: Collection[str], present_since: date | None = None
) -> SyncResult:
    """Write the run down, and give the result its id."""
    summary: dict[str, Any] = {"devices": result.device_count, "counts": dict(result.counts)}
    if result.state == "held":
        summary["customers"] = sorted(customers)
        summary["present_since"] = present_since.isoformat() if present_since else None
    if result.drops:
        summary["drops"] = [drop._asdict() for drop in result.drops]
    if result.unknown:
        summary["unknown"] = len(result.unknown)
    if result.newer_known:
        summary["newer_known"] = list(result.newer_known)
    run.state, run.summary = result.state, summary
    run.save()
    return replace(result, run_id=run.pk)


def _held_run(run_id: int) -> SyncRun:
    run = SyncRun.objects.select_related("source").filter(pk=run_id).first()
    if run is None:
        raise NotFound("sync", f"There is no sync {run_id}; list them with `quarterday inventory syncs`.")
    if run.state != "held":
        raise Refused("sync", f"Sync {run_id} is {run.state}, not held: there is nothing to decide.")
    return run
