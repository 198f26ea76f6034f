"""What a snapshot would change in the ledger, worked out by the database: `Comparison`.

The snapshot is copied into temporary tables (COPY is refused on tables under row-level security), compared with
the stays that go on, and only the differences are kept, in `sync_change`. So 100,000 unchanged devices cost two seconds
and write nothing. `actions.sync` carries the differences out; a preview only reads them.

Kinds of change, in the order in which people read them:

    new           a device that this source never named
    back          one that was gone
    moved         it is at another customer: both sides change on the later of the two local dates
    reclassified  it is of another class; the day belongs to the new one
    renamed       the same stay under another name
    serial        the same stay, and the device has another serial number
    gone          a complete snapshot of its customer no longer names it, or names it at a customer we do not bill
    retired       a person retired it and the source still reports it: nothing happens, but people see it
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from quarterday.inventory.pairing import FIND_PAIRS, LIST_PAIRS, PROPOSE_BY_NAME_WITHIN, Pair
from quarterday.inventory.snapshot import SeenDevice

KINDS = ("new", "back", "moved", "reclassified", "renamed", "serial", "gone", "retired")


@dataclass(frozen=True, slots=True)
class NamedCustomer:
    """A customer that the snapshot names, as far as we know it: no `customer_id` means unmapped or ignored."""

    ref: str
    customer_id: int | None
    complete: bool
    first_load_since: date | None


class Change(NamedTuple):
    """One difference between the snapshot and the ledger. Customers are given by name."""

    kind: str
    device_ref: str
    name: str
    on: date | None
    from_customer: str | None
    to_customer: str | None
    from_class: str | None
    to_class: str | None
    old_name: str | None


class Drop(NamedTuple):
    """How many of a customer's devices a snapshot takes away."""

    customer_id: int
    customer: str
    before: int
    leaving: int


class Comparison:
    """The differences between one source's snapshot and the ledger, in temporary tables of this transaction."""

    def __init__(self, *, source_id: int | None) -> None:
        self.source_id = source_id

    def load(self, devices: Sequence[SeenDevice], *, named: Iterable[NamedCustomer], days: Mapping[int, date]) -> None:
        """Copy the snapshot into temporary tables; `days` is the local date of the snapshot at every customer."""
        with connection.cursor() as cursor:
            cursor.execute(_TABLES)
            with cursor.copy("COPY sync_seen FROM STDIN") as copy:
                for position, device in enumerate(devices):
                    copy.write_row((position, *_columns(device)))
            with cursor.copy("COPY sync_named FROM STDIN") as copy:
                for customer in named:
                    copy.write_row((customer.ref, customer.customer_id, customer.complete, customer.first_load_since))
            with cursor.copy("COPY sync_day FROM STDIN") as copy:
                for row in days.items():
                    copy.write_row(row)
            cursor.execute("ANALYZE sync_seen; ANALYZE sync_named; ANALYZE sync_day")

    def compare(self) -> None:
        """Find the changes, the day on which each takes effect, and who replaces whom."""
        self.run(_FIND_DIFFERENT)
        self.run(_FIND_GONE)
        self.run(_DATE_THE_CHANGES)
        for statement in FIND_PAIRS:
            self.run(statement)

    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind; kinds without any are left out."""
        return dict(self.rows("SELECT kind, count(*) FROM sync_change GROUP BY 1 ORDER BY 1"))

    def changes(self, *, limit: int) -> tuple[Change, ...]:
        """The first so many changes, by kind, customer and name."""
        return tuple(Change._make(row) for row in self.rows(_LIST_CHANGES, limit=limit))

    def pairs(self, *, limit: int) -> tuple[Pair, ...]:
        """The replacements that were found, by customer and name."""
        return tuple(Pair._make(row) for row in self.rows(LIST_PAIRS, limit=limit))

    def drops(self, *, percent: int, devices: int) -> tuple[Drop, ...]:
        """The customers that would lose more than `percent` of their devices, and at least `devices` of them."""
        return tuple(Drop._make(row) for row in self.rows(_LIST_DROPS, percent=percent, devices=devices))

    def run(self, statement: str, **values: Any) -> int:
        """Run a statement on the temporary tables; how many rows it wrote."""
        with connection.cursor() as cursor:
            cursor.execute(statement, self._values(values))
            return int(cursor.rowcount)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query on the temporary tables."""
        with connection.cursor() as cursor:
            cursor.execute(query, self._values(values))
            return list(cursor.fetchall())

    def _values(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"source": self.source_id, "within": PROPOSE_BY_NAME_WITHIN.days, "kinds": list(KINDS), **values}


def _columns(device: SeenDevice) -> tuple[str, str, str, str, str, str, datetime | None]:
    evidence = json.dumps(dict(device.evidence)) if device.evidence else "{}"
    name = device.name or device.device_ref
    refs = device.customer_ref, device.device_ref
    return (*refs, name, device.device_class, device.serial, evidence, device.last_seen_at)


_TABLES = """
    DROP TABLE IF EXISTS pg_temp.sync_seen, pg_temp.sync_named, pg_temp.sync_day, pg_temp.sync_change,
        pg_temp.sync_pair;
    CREATE TEMPORARY TABLE sync_seen (
        position int, customer_ref text, device_ref text, name text, device_class text, serial text, evidence jsonb,
        last_seen_at timestamptz
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE sync_named (
        ref text, customer_id bigint, complete boolean, first_load_since date
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE sync_day (customer_id bigint PRIMARY KEY, day date) ON COMMIT DROP;
    CREATE TEMPORARY TABLE sync_change (
        kind text, position int, device_ref text, device_id bigint, presence_id bigint,
        old_customer_id bigint, new_customer_id bigint, old_class text, new_class text, old_name text, new_name text,
        serial text, starts_on date, first_load_since date, on_day date
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE sync_pair (
        old_device_id bigint, new_device_id bigint, new_ref text, customer_id bigint, on_day date, because text,
        state text
    ) ON COMMIT DROP;
"""

_FIND_DIFFERENT = """
    INSERT INTO sync_change
    SELECT
        CASE
            WHEN device.retired_at IS NOT NULL THEN 'retired'
            WHEN target.customer_id IS NULL THEN 'gone'
            WHEN device.id IS NULL THEN 'new'
            WHEN stay.id IS NULL THEN 'back'
            WHEN stay.customer_id <> target.customer_id THEN 'moved'
            WHEN stay.device_class <> target.device_class THEN 'reclassified'
            WHEN stay.device_name <> seen.name THEN 'renamed'
            ELSE 'serial'
        END,
        seen.position, seen.device_ref, device.id, stay.id, stay.customer_id, target.customer_id,
        coalesce(stay.device_class, device.device_class), target.device_class,
        coalesce(stay.device_name, device.name), seen.name, seen.serial, lower(stay.valid), named.first_load_since
    FROM sync_seen seen
    JOIN sync_named named ON named.ref = seen.customer_ref
    LEFT JOIN inventory_device device ON device.source_id = %(source)s AND device.external_id = seen.device_ref
    LEFT JOIN inventory_presence stay
        ON stay.device_id = device.id AND upper_inf(stay.valid) AND upper_inf(stay.recorded)
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN device.customer_set_by <> '' THEN device.customer_id ELSE named.customer_id END AS customer_id,
            CASE WHEN device.class_set_by <> '' THEN device.device_class ELSE seen.device_class END AS device_class
    ) target
    WHERE CASE
        WHEN target.customer_id IS NULL THEN stay.id IS NOT NULL
        ELSE stay.id IS NULL OR stay.customer_id <> target.customer_id OR stay.device_class <> target.device_class
            OR stay.device_name <> seen.name OR (seen.serial <> '' AND seen.serial <> device.serial)
    END
"""

_FIND_GONE = """
    INSERT INTO sync_change
    SELECT 'gone', NULL, device.external_id, device.id, stay.id, stay.customer_id, NULL,
           stay.device_class, NULL, stay.device_name, stay.device_name, device.serial, lower(stay.valid), NULL
    FROM inventory_presence stay
    JOIN inventory_device device ON device.id = stay.device_id AND device.source_id = %(source)s
    WHERE upper_inf(stay.valid) AND upper_inf(stay.recorded)
      AND stay.customer_id IN (SELECT customer_id FROM sync_named WHERE complete)
      AND NOT EXISTS (SELECT FROM sync_seen seen WHERE seen.device_ref = device.external_id)
"""

# The days are local dates of the customers. A stay counts at least the date it began on ("a stay within one date counts
# that date"); only a move or a change of class may take that day from it, because the day then belongs to the receiver.
_DATE_THE_CHANGES = """
    UPDATE sync_change change SET on_day = CASE change.kind
        WHEN 'new' THEN least(
            (SELECT day FROM sync_day WHERE customer_id = change.new_customer_id), change.first_load_since)
        WHEN 'back' THEN greatest(
            (SELECT day FROM sync_day WHERE customer_id = change.new_customer_id),
            (SELECT max(upper(stay.valid)) FROM inventory_presence stay
              WHERE stay.device_id = change.device_id AND upper_inf(stay.recorded)))
        WHEN 'moved' THEN greatest(
            (SELECT day FROM sync_day WHERE customer_id = change.old_customer_id),
            (SELECT day FROM sync_day WHERE customer_id = change.new_customer_id),
            change.starts_on)
        WHEN 'gone' THEN greatest(
            (SELECT day FROM sync_day WHERE customer_id = change.old_customer_id), change.starts_on + 1)
        ELSE greatest((SELECT day FROM sync_day WHERE customer_id = change.new_customer_id), change.starts_on)
    END
"""

_LIST_CHANGES = """
    SELECT change.kind, change.device_ref, change.new_name, change.on_day, old_customer.name, new_customer.name,
           change.old_class, change.new_class, change.old_name
    FROM sync_change change
    LEFT JOIN customers_customer old_customer ON old_customer.id = change.old_customer_id
    LEFT JOIN customers_customer new_customer ON new_customer.id = change.new_customer_id
    ORDER BY array_position(%(kinds)s::text[], change.kind), coalesce(new_customer.name, old_customer.name),
             change.new_name, change.device_ref
    LIMIT %(limit)s
"""

# What a replacement by serial number takes away it gives back at once: reinstalling every agent is no drop.
_LIST_DROPS = """
    WITH leaving AS (
        SELECT old_customer_id AS customer_id, count(*) AS devices
        FROM sync_change change
        WHERE kind IN ('gone', 'moved') AND NOT EXISTS (
            SELECT FROM sync_pair pair WHERE pair.old_device_id = change.device_id AND pair.state = 'confirmed')
        GROUP BY 1
    ), before AS (
        SELECT stay.customer_id, count(*) AS devices
        FROM inventory_presence stay
        JOIN inventory_device device ON device.id = stay.device_id AND device.source_id = %(source)s
        WHERE upper_inf(stay.valid) AND upper_inf(stay.recorded)
          AND stay.customer_id IN (SELECT customer_id FROM leaving)
        GROUP BY 1
    )
    SELECT customer.id, customer.name, before.devices, leaving.devices
    FROM leaving
    JOIN before USING (customer_id)
    JOIN customers_customer customer ON customer.id = leaving.customer_id
    WHERE leaving.devices >= %(devices)s AND leaving.devices * 100 > before.devices * %(percent)s
    ORDER BY customer.name
"""
