"""What the ledger says: who was where, as known now and as known at any instant before.

All queries run inside `acting(scope)` and see its customers only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet

from quarterday.engine.periods import Period
from quarterday.inventory.models import BillingException, Presence, Replacement
from quarterday.shared.asking import Asking, question


class Stay(NamedTuple):
    """A device at a customer, as one class, on every day from `start` up to, but without, `end` (None: it goes on)."""

    customer_id: int
    device_id: int
    device_name: str
    device_class: str
    start: date
    end: date | None


class Exempt(NamedTuple):
    """Days on which a device is not billed: why, who agreed, until when (`end` is the first day after; None: open)."""

    customer_id: int
    device_id: int
    start: date
    end: date | None
    reason: str
    agreed_by: str


class Succession(NamedTuple):
    """One device took another's place, so that both count as one."""

    customer_id: int
    old_device_id: int
    new_device_id: int
    replaced_on: date
    because: str


class DayCount(NamedTuple):
    """How many devices of a class a customer had on a day."""

    customer_id: int
    day: date
    device_class: str
    device_count: int


class ClassCounts(NamedTuple):
    """How many devices of a class there were on some days."""

    key: str
    name: str
    by_day: dict[date, int]


# The asked days that a stay covers lie between two positions in their sorted list: the database groups a million
# stays by these two, and never multiplies stays by days.
_STAYS_BY_ASKED_DAYS = """
    SELECT customer_id, device_class,
           width_bucket(lower(valid) - 1, %(days)s::date[]) AS first,
           CASE WHEN upper_inf(valid) THEN cardinality(%(days)s::date[])
                ELSE width_bucket(upper(valid) - 1, %(days)s::date[]) END AS last,
           count(*)
    FROM inventory_presence
    WHERE customer_id = ANY (%(customers)s)
      AND CASE WHEN %(known_at)s::timestamptz IS NULL THEN upper_inf(recorded)
               ELSE recorded @> %(known_at)s::timestamptz END
    GROUP BY 1, 2, 3, 4
"""

_ALL_STAYS_BY_ASKED_DAYS = """
    SELECT s.device_class, coalesce(c.name, s.device_class), s.first, s.last, s.stays
    FROM (
        SELECT device_class,
               width_bucket(lower(valid) - 1, %(days)s::date[]) AS first,
               CASE WHEN upper_inf(valid) THEN cardinality(%(days)s::date[])
                    ELSE width_bucket(upper(valid) - 1, %(days)s::date[]) END AS last,
               sum(alike)::bigint AS stays
        FROM (
            -- Many devices come on the same day and stay: where the days lie is asked once for all of them.
            SELECT device_class, valid, count(*) AS alike
            FROM inventory_presence WHERE upper_inf(recorded) GROUP BY 1, 2
        ) AS stay GROUP BY 1, 2, 3
    ) s LEFT JOIN provider_deviceclass c ON c.key = s.device_class
    ORDER BY c.position NULLS LAST, s.device_class
"""


def presences(
    customer_ids: Collection[int], period: Period | None = None, *, known_at: datetime | None = None
) -> list[Stay]:
    """The stays at these customers that touch the period (None: all of them), in the order of customer, device, start.

    `known_at` asks for the answer as it was known at that instant; None for the answer as known now. One query,
    however many customers.
    """
    rows = (
        _known(known_at)
        .filter(_touching(period), customer_id__in=customer_ids)
        .order_by("customer_id", "device_id", "valid__startswith")
        .values_list("customer_id", "device_id", "device_name", "device_class", "valid__startswith", "valid__endswith")
    )
    return [Stay._make(row) for row in rows]


def present_on(customer_ids: Collection[int], day: date, *, known_at: datetime | None = None) -> list[Stay]:
    """The stays at these customers that cover one day."""
    return presences(customer_ids, Period(day, day + timedelta(days=1)), known_at=known_at)


def counts_on(
    customer_ids: Collection[int], days: Sequence[date], *, known_at: datetime | None = None
) -> list[DayCount]:
    """How many devices of each class there were on each of the days: counts over time, for a chart.

    A device that was replaced is counted beside its successor on the days both were there.
    """
    if not days:
        return []
    asked = sorted(set(days))
    counts: dict[tuple[int, date, str], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STAYS_BY_ASKED_DAYS, {"days": asked, "customers": list(customer_ids), "known_at": known_at})
        for customer_id, device_class, first, last, stay_count in cursor.fetchall():
            for day in asked[first:last]:
                key = (customer_id, day, device_class)
                counts[key] = counts.get(key, 0) + stay_count
    return [DayCount(*key, device_count=count) for key, count in sorted(counts.items())]


def has_more_stays_than(count: int) -> bool:
    """Whether the ledger holds more stays than that in this scope, which is found without counting the others."""
    return Presence.objects.order_by()[count : count + 1].exists()


def class_counts_on(days: Sequence[date]) -> list[ClassCounts]:
    """How many devices of each class there were on each of the days, at all customers in scope together; one query."""
    asked = sorted(set(days))
    found: dict[str, ClassCounts] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ALL_STAYS_BY_ASKED_DAYS, {"days": asked})
        for key, name, first, last, stay_count in cursor.fetchall():
            counts = found.setdefault(key, ClassCounts(key, name, dict.fromkeys(asked, 0))).by_day
            for day in asked[first:last]:
                counts[day] += stay_count
    return list(found.values())


@question
def exceptions(
    customer_ids: Collection[int], period: Period | None = None, *, known_at: datetime | None = None
) -> Asking[list[Exempt]]:
    """The days on which devices of these customers are not billed, by customer, device and start."""
    known = Q(withdrawn_at=None)
    if known_at is not None:
        known = Q(recorded_at__lte=known_at) & (known | Q(withdrawn_at__gt=known_at))
    rows = yield (
        BillingException.objects.filter(known, _touching(period), customer_id__in=customer_ids)
        .order_by("customer_id", "device_id", "valid__startswith")
        .values_list("customer_id", "device_id", "valid__startswith", "valid__endswith", "reason", "agreed_by")
    )
    return [Exempt._make(row) for row in rows]


@question
def replacements(customer_ids: Collection[int], *, known_at: datetime | None = None) -> Asking[list[Succession]]:
    """The confirmed replacements at these customers. An old device has one successor, and chains have no circles."""
    known = Q(state="confirmed")
    if known_at is not None:
        # One that was rejected later was known as confirmed until then.
        known = Q(confirmed_at__lte=known_at) & (known | Q(decided_at__gt=known_at))
    rows = yield (
        Replacement.objects.filter(known, customer_id__in=customer_ids)
        .order_by("customer_id", "old_device_id")
        .values_list("customer_id", "old_device_id", "new_device_id", "replaced_on", "because")
    )
    return [Succession._make(row) for row in rows]


def _known(known_at: datetime | None) -> QuerySet[Presence]:
    known = Q(recorded__upper_inf=True) if known_at is None else Q(recorded__contains=known_at)
    return Presence.objects.filter(known)


def _touching(period: Period | None) -> Q:
    if period is None:
        return Q()
    return Q(valid__overlap=DateRange(period.start, None if period.is_open else period.end))
