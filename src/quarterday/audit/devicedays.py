"""Every device-day is at one customer, and in exactly one bucket of each subscription that prices its class."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection

from quarterday.audit.promise import Broken, asked
from quarterday.bills import reading
from quarterday.bills.conservation import device_days_of
from quarterday.engine.periods import MONTHLY, Period, boundary

_DAY = timedelta(days=1)
_PAGE = 200

_AT_TWO_PLACES = """
    SELECT p.customer_id, format('presence %s', p.id), format('device %s: its stay %s overlaps that of presence %s',
           p.device_id, p.valid, o.id)
    FROM inventory_presence p
    JOIN inventory_presence o ON o.device_id = p.device_id AND o.id < p.id AND o.valid && p.valid
    WHERE upper_inf(p.recorded) AND upper_inf(o.recorded)
    """


def conservation(now: datetime) -> Iterator[Broken]:
    """Month by month, from the first that anybody was billed for: the buckets add up to the ledger."""
    yield from asked(_AT_TWO_PLACES)
    ids = reading.customers_with_subscriptions(None)
    for month in _months_billed(now):
        for start in range(0, len(ids), _PAGE):
            for fault in device_days_of(month, ids[start : start + _PAGE], at=now).faults:
                yield Broken(None, f"month {month.start:%Y-%m}", fault)


def _months_billed(now: datetime) -> Iterator[Period]:
    """Every calendar month that a live claim touches, up to the present one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(lower(period)), max(upper(period)) FROM bills_periodclaim WHERE released_at IS NULL")
        first, end = cursor.fetchone()
    if first is None:
        return
    start = first.replace(day=1)
    while start < min(end, now.date() + _DAY):
        month = Period(start, boundary(start, MONTHLY, 1))
        yield month
        start = month.end
