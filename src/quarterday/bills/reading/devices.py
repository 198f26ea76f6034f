"""The presence ledger: which devices were there, how fresh that is, and what was learned since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from quarterday.bills.reading.rows import rows_of
from quarterday.engine.periods import Period
from quarterday.shared.asking import Asking, Statement, question

_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


class Fleet(NamedTuple):
    """Devices of a customer that are of one class and share their days."""

    customer_id: int
    device_class: str
    days: Period
    device_ids: list[str]
    names: list[str]


@question
def fleets(windows: Mapping[int, Period], *, known_at: datetime | None = None) -> Asking[list[Fleet]]:
    """The devices present in each customer's window, as known at an instant or now, by class and days within it."""
    # `isempty` instead of `&&`, here and below: an index by days would find the devices of all customers, again and
    # again; the customer's own few are found by the customer.
    rows = yield Statement(
        """
        SELECT p.customer_id, p.device_class, greatest(lower(p.valid), w.starts), least(upper(p.valid), w.ends),
               string_agg(p.device_id::text, ','), json_agg(p.device_name)::text
        FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS w (customer_id, starts, ends)
        JOIN inventory_presence p
          ON p.customer_id = w.customer_id
          AND CASE WHEN %s::timestamptz IS NULL THEN upper_inf(p.recorded) ELSE p.recorded @> %s::timestamptz END
          AND NOT isempty(p.valid * daterange(w.starts, w.ends))
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """,
        [
            list(windows),
            [days.start for days in windows.values()],
            [days.end for days in windows.values()],
            known_at,
            known_at,
        ],
    )
    # One text for all ids and one for all names: reading them as arrays takes three times as long.
    return [Fleet(row[0], row[1], Period(row[2], row[3]), row[4].split(","), json.loads(row[5])) for row in rows]


@question
def oldest_feeds(customer_ids: Sequence[int]) -> Asking[dict[int, datetime]]:
    """Customer id -> when the quietest source of its present devices last told us everything about it."""
    rows = yield Statement(
        """
        SELECT c.customer_id, min(c.complete_at) FROM inventory_synccoverage c
        WHERE c.customer_id = ANY (%s) AND EXISTS (
            SELECT FROM inventory_presence p JOIN inventory_device d ON d.id = p.device_id
            WHERE p.customer_id = c.customer_id AND d.source_id = c.source_id
              AND upper_inf(p.recorded) AND upper_inf(p.valid)
        ) GROUP BY 1
        """,
        [list(customer_ids)],
    )
    return dict(rows)


@question
def ledger_stamp() -> Asking[datetime | None]:
    """The last stamp of the presence ledger, to be read under its lock: nothing later is in what we read."""
    rows = yield Statement("SELECT last_at FROM inventory_ledgerclock", [])
    return rows[0][0] if rows else None


class Watched(NamedTuple):
    """Days of a customer that were billed, and the ledger's last stamp when they were."""

    customer_id: int
    days: Period
    known_at: datetime | None


def changed_since(watched: Sequence[Watched]) -> list[bool]:
    """For each: whether anything on its days was learned after its stamp, so that it would be counted otherwise now.

    A stay, exception or pause that only ends later than the days, or a device that was renamed, is no change.
    """
    if not watched:
        return []
    rows = rows_of(
        """
        SELECT EXISTS (
            SELECT FROM (
                SELECT range_agg(p.valid * daterange(w.starts, w.ends)) FILTER (WHERE p.recorded @> w.known) AS before,
                       range_agg(p.valid * daterange(w.starts, w.ends)) FILTER (WHERE upper_inf(p.recorded)) AS now
                FROM inventory_presence p
                WHERE p.customer_id = w.customer_id AND NOT isempty(p.valid * daterange(w.starts, w.ends))
                  AND (lower(p.recorded) > w.known OR upper(p.recorded) > w.known)
                GROUP BY p.device_id, p.device_class
            ) stays WHERE before IS DISTINCT FROM now
        ) OR EXISTS (
            SELECT FROM (
                SELECT range_agg(e.valid * daterange(w.starts, w.ends)) FILTER (
                           WHERE e.recorded_at <= w.known AND (e.withdrawn_at IS NULL OR e.withdrawn_at > w.known)
                       ) AS before,
                       range_agg(e.valid * daterange(w.starts, w.ends)) FILTER (WHERE e.withdrawn_at IS NULL) AS now
                FROM inventory_billingexception e
                WHERE e.customer_id = w.customer_id AND NOT isempty(e.valid * daterange(w.starts, w.ends))
                  AND (e.recorded_at > w.known OR e.withdrawn_at > w.known)
                GROUP BY e.device_id
            ) free WHERE before IS DISTINCT FROM now
        ) OR EXISTS (
            SELECT FROM (
                SELECT range_agg(e.valid * daterange(w.starts, w.ends)) FILTER (
                           WHERE e.recorded_at <= w.known AND (e.withdrawn_at IS NULL OR e.withdrawn_at > w.known)
                       ) AS before,
                       range_agg(e.valid * daterange(w.starts, w.ends)) FILTER (WHERE e.withdrawn_at IS NULL) AS now
                FROM subscriptions_pause e
                WHERE e.customer_id = w.customer_id AND NOT isempty(e.valid * daterange(w.starts, w.ends))
                  AND (e.recorded_at > w.known OR e.withdrawn_at > w.known)
                GROUP BY e.subscription_id, e.device_id
            ) free WHERE before IS DISTINCT FROM now
        ) OR EXISTS (
            SELECT FROM inventory_replacement r
            WHERE r.customer_id = w.customer_id AND r.replaced_on < w.ends AND r.decided_at > w.known
        )
        FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::timestamptz[]) WITH ORDINALITY
          AS w (customer_id, starts, ends, known, place)
        ORDER BY w.place
        """,
        [
            [each.customer_id for each in watched],
            [each.days.start for each in watched],
            [each.days.end for each in watched],
            # Before the ledger's first stamp nothing was known.
            [each.known_at or _LONG_AGO for each in watched],
        ],
    )
    return [changed for (changed,) in rows]


class ChangedDevice(NamedTuple):
    """A device whose days in a watched period are others than those that were known."""

    device_id: int
    name: str
    device_class: str
    before: int
    now: int


def changed_devices(watched: Sequence[Watched]) -> list[list[ChangedDevice]]:
    """For each: the devices that may be charged for other days than those known at its stamp, by name.

    Excepted and paused days are taken off. One query.
    """
    found: list[list[ChangedDevice]] = [[] for _ in watched]
    if not watched:
        return found
    rows = rows_of(
        """
        WITH watched AS (
            SELECT place, customer_id, daterange(starts, ends) AS days, known
            FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::timestamptz[]) WITH ORDINALITY
              AS w (customer_id, starts, ends, known, place)
        ), stays AS (
            SELECT w.place, p.device_id, p.device_class,
                   (array_agg(p.device_name ORDER BY lower(p.recorded) DESC))[1] AS name,
                   range_agg(p.valid * w.days) FILTER (WHERE p.recorded @> w.known) AS before,
                   range_agg(p.valid * w.days) FILTER (WHERE upper_inf(p.recorded)) AS now
            FROM watched w JOIN inventory_presence p
              ON p.customer_id = w.customer_id AND NOT isempty(p.valid * w.days)
            GROUP BY 1, 2, 3
        ), free AS (
            SELECT w.place, e.device_id,
                   range_agg(e.valid * w.days) FILTER (
                       WHERE e.recorded_at <= w.known AND (e.withdrawn_at IS NULL OR e.withdrawn_at > w.known)
                   ) AS before,
                   range_agg(e.valid * w.days) FILTER (WHERE e.withdrawn_at IS NULL) AS now
            FROM watched w JOIN (
                SELECT customer_id, device_id, valid, recorded_at, withdrawn_at FROM inventory_billingexception
                UNION ALL
                SELECT customer_id, device_id, valid, recorded_at, withdrawn_at FROM subscriptions_pause
            ) e ON e.customer_id = w.customer_id AND NOT isempty(e.valid * w.days)
            GROUP BY 1, 2
        ), charged AS (
            SELECT s.place, s.device_id, s.name, s.device_class,
                   coalesce(s.before, '{}') - coalesce(f.before, '{}') AS before,
                   coalesce(s.now, '{}') - coalesce(f.now, '{}') AS now
            FROM stays s LEFT JOIN free f USING (place, device_id)
        )
        SELECT place, device_id, name, device_class,
               (SELECT coalesce(sum(upper(r) - lower(r)), 0) FROM unnest(before) r),
               (SELECT coalesce(sum(upper(r) - lower(r)), 0) FROM unnest(now) r)
        FROM charged WHERE before <> now ORDER BY 1, 3, 2
        """,
        [
            [each.customer_id for each in watched],
            [each.days.start for each in watched],
            [each.days.end for each in watched],
            [each.known_at or _LONG_AGO for each in watched],
        ],
    )
    for place, *device in rows:
        found[place - 1].append(ChangedDevice(*device[:3], *map(int, device[3:])))
    return found
