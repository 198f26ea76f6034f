"""Writes the differences that a `Comparison` found: statements over its temporary tables, in one order.

A stay that changes is closed in `recorded` and recorded anew; nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from quarterday.inventory.comparison import Comparison
from quarterday.inventory.models import CustomerMapping, Source, SyncCoverage, SyncRun
from quarterday.inventory.resolving import Resolved
from quarterday.inventory.snapshot import SeenCustomer


def write_changes(comparison: Comparison, run: SyncRun, *, taken_at: datetime, stamp: datetime) -> None:
    """Carry out all changes and replacements; ledger rows are recorded at `stamp`, seen or gone at `taken_at`."""
    values = {"run": run.pk, "taken_at": taken_at, "stamp": stamp}
    for statement in (
        _ADD_NEW_DEVICES,
        _LEARN_THEIR_IDS,
        _CLOSE_WHAT_WAS_RECORDED,
        _RECORD_WHAT_ENDED,
        _RECORD_WHAT_GOES_ON,
        _UPDATE_DEVICES,
        _PAIR_THE_NEW,
        _CONFIRM_PROPOSED_BY_SERIAL,
        _RECORD_REPLACEMENTS,
    ):
        comparison.run(statement, **values)


def note_silence(comparison: Comparison, *, taken_at: datetime) -> int:
    """Keep since when devices have been silent, and when they were heard again; answers of how many that changed."""
    return comparison.run(_NOTE_SILENCE, taken_at=taken_at)


def write_coverage(run: SyncRun, resolved: Resolved) -> None:
    """Note up to when the source has told everything about each customer."""
    SyncCoverage.objects.bulk_create(
        [
            SyncCoverage(
                customer_id=told.customer_id,
                source=run.source,
                complete_at=told.complete_at,
                complete_on=told.complete_on,
                run=run,
            )
            for told in resolved.covered
        ],
        update_conflicts=True,
        unique_fields=["customer", "source"],
        update_fields=["complete_at", "complete_on", "run"],
    )


def remember_customers(
    source: Source,
    customers: Iterable[SeenCustomer],
    resolved: Resolved,
    device_counts: Mapping[str, int],
    *,
    at: datetime,
) -> None:
    """Keep the source's names: what was recognised is mapped, what is unknown waits in the mapping list."""
    known = {mapping.external_id: mapping for mapping in CustomerMapping.objects.filter(source=source)}
    customer_of = {customer.ref: customer.customer_id for customer in resolved.named}
    added, touched = [], []
    for seen in customers:
        mapping = known.get(seen.ref)
        if mapping is None:
            mapping = CustomerMapping(source=source, external_id=seen.ref, first_seen_at=at)
            added.append(mapping)
        elif (mapping.customer_id or mapping.ignored) and mapping.external_name == (seen.name or seen.ref):
            continue  # decided and unchanged: an unchanged sync writes nothing
        else:
            touched.append(mapping)
        mapping.external_name = seen.name or seen.ref
        mapping.customer_id = customer_of[seen.ref]
        mapping.last_seen_at = at
        mapping.device_count = device_counts.get(seen.ref, 0)
    CustomerMapping.objects.bulk_create(added)
    CustomerMapping.objects.bulk_update(touched, ["external_name", "customer", "last_seen_at", "device_count"])


def supersede_held_runs(run: SyncRun, resolved: Resolved) -> None:
    """A held snapshot is out of date once a newer one speaks of all its customers."""
    held = SyncRun.objects.filter(
        Q(source=run.source, state="held", summary__customers__contained_by=sorted(resolved.refs)) & ~Q(pk=run.pk)
    )
    held.update(state="superseded", snapshot=None)


_ADD_NEW_DEVICES = """
    INSERT INTO inventory_device (
        customer_id, source_id, external_id, name, serial, device_class, class_set_by, customer_set_by, first_seen_at,
        evidence)
    SELECT change.new_customer_id, %(source)s, change.device_ref, change.new_name, change.serial, change.new_class,
           '', '', %(taken_at)s, seen.evidence
    FROM sync_change change JOIN sync_seen seen USING (position)
    WHERE change.kind = 'new' ORDER BY position
"""

_LEARN_THEIR_IDS = """
    UPDATE sync_change change SET device_id = device.id
    FROM inventory_device device
    WHERE change.kind = 'new' AND device.source_id = %(source)s AND device.external_id = change.device_ref
"""

# A device that was heard of within the day before the snapshot is not silent, and nothing is written of it.
_NOTE_SILENCE = """
    UPDATE inventory_device device SET silent_since = now.silent_since, heard_at = seen.last_seen_at
    FROM sync_seen seen CROSS JOIN LATERAL (
        SELECT CASE WHEN seen.last_seen_at < %(taken_at)s::timestamptz - interval '1 day' THEN seen.last_seen_at END
            AS silent_since
    ) now
    WHERE device.source_id = %(source)s AND device.external_id = seen.device_ref AND seen.last_seen_at IS NOT NULL
      AND device.silent_since IS DISTINCT FROM now.silent_since
"""

_CLOSE_WHAT_WAS_RECORDED = """
    UPDATE inventory_presence stay SET recorded = tstzrange(lower(stay.recorded), %(stamp)s)
    FROM sync_change change
    WHERE stay.id = change.presence_id AND change.kind IN ('gone', 'moved', 'reclassified', 'renamed')
"""

# A move or a change of class on the very day on which the stay began leaves nothing of it: that day is the receiver's.
_RECORD_WHAT_ENDED = """
    INSERT INTO inventory_presence (
        device_id, customer_id, device_name, device_class, valid, recorded, seen_at, gone_at, why, run_id)
    SELECT stay.device_id, stay.customer_id, stay.device_name, stay.device_class,
           daterange(change.starts_on, change.on_day), tstzrange(%(stamp)s, NULL), stay.seen_at, %(taken_at)s,
           change.kind, %(run)s
    FROM sync_change change JOIN inventory_presence stay ON stay.id = change.presence_id
    WHERE change.kind IN ('gone', 'moved', 'reclassified') AND change.starts_on < change.on_day
    ORDER BY stay.device_id
"""

_RECORD_WHAT_GOES_ON = """
    INSERT INTO inventory_presence (
        device_id, customer_id, device_name, device_class, valid, recorded, seen_at, why, run_id)
    SELECT change.device_id, change.new_customer_id, change.new_name, change.new_class,
           daterange(CASE change.kind WHEN 'renamed' THEN change.starts_on ELSE change.on_day END, NULL),
           tstzrange(%(stamp)s, NULL),
           CASE change.kind WHEN 'renamed' THEN stay.seen_at ELSE %(taken_at)s END, change.kind, %(run)s
    FROM sync_change change LEFT JOIN inventory_presence stay ON stay.id = change.presence_id
    WHERE change.kind IN ('new', 'back', 'moved', 'reclassified', 'renamed')
    ORDER BY change.position
"""

_UPDATE_DEVICES = """
    UPDATE inventory_device device
    SET customer_id = change.new_customer_id, name = change.new_name, device_class = change.new_class,
        serial = CASE change.serial WHEN '' THEN device.serial ELSE change.serial END
    FROM sync_change change
    WHERE device.id = change.device_id AND change.kind IN ('back', 'moved', 'reclassified', 'renamed', 'serial')
"""

_PAIR_THE_NEW = """
    UPDATE sync_pair pair SET new_device_id = change.device_id
    FROM sync_change change
    WHERE pair.new_device_id IS NULL AND change.kind = 'new' AND change.device_ref = pair.new_ref
"""

# Both were there with one serial number, and a person was asked. Now the older entry is gone, which is the answer.
_CONFIRM_PROPOSED_BY_SERIAL = """
    UPDATE inventory_replacement replacement
    SET state = 'confirmed', confirmed_at = %(stamp)s, decided_at = %(stamp)s, decided_by = 'serial number'
    FROM sync_change change
    WHERE change.kind = 'gone' AND replacement.old_device_id = change.device_id
      AND replacement.id = (
          SELECT min(first.id) FROM inventory_replacement first
          WHERE first.old_device_id = change.device_id AND first.because = 'serial' AND first.state = 'proposed')
      AND NOT EXISTS (
          SELECT FROM inventory_replacement other
          WHERE other.old_device_id = change.device_id AND other.state = 'confirmed')
"""

_RECORD_REPLACEMENTS = """
    INSERT INTO inventory_replacement (
        customer_id, old_device_id, new_device_id, replaced_on, because, state, recorded_at, confirmed_at, decided_by,
        decided_at)
    SELECT customer_id, old_device_id, new_device_id, on_day, because, state, %(stamp)s,
           CASE state WHEN 'confirmed' THEN %(stamp)s END,
           CASE state WHEN 'confirmed' THEN 'serial number' ELSE '' END,
           CASE state WHEN 'confirmed' THEN %(stamp)s END
    FROM sync_pair
    WHERE NOT EXISTS (
        SELECT FROM inventory_replacement earlier
        WHERE earlier.old_device_id = sync_pair.old_device_id
          AND (earlier.new_device_id = sync_pair.new_device_id
               OR sync_pair.state = 'confirmed' AND earlier.state = 'confirmed'))
    ORDER BY old_device_id
"""
