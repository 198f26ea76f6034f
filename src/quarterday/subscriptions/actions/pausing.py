"""Ghosts: devices of which nothing was heard for so long as a plan says are not charged until they are back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from quarterday.engine.periods import OPEN_END, Period, local_date
from quarterday.inventory.lock import lock_and_stamp
from quarterday.inventory.models import Device
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import entry, record
from quarterday.subscriptions.models import Pause


@dataclass(frozen=True, slots=True)
class Paused:
    """How many pauses began and ended."""

    begun: int
    ended: int


def pause_silent_devices(*, now: datetime, by: Actor) -> Paused:
    """Pause what has been silent for its plan's days, from the day after them on; end what was heard of again.

    A pause ends on the local date on which the device was heard, or today if its plan pauses no longer. Repeating it
    changes nothing.
    """
    stamp = lock_and_stamp(now)
    ended = [(pause, day) for pause in _open_pauses() if (day := _heard_on(pause, now)) is not None]
    begun = list(_silent_too_long(now, stamp))
    if ended:
        AuditEntry.objects.bulk_create(_shortened(ended, stamp, now=now, by=by))
    Pause.objects.bulk_create(begun)
    devices = Device.objects.in_bulk([pause.device_id for pause in begun])
    AuditEntry.objects.bulk_create(
        entry(by, "paused", devices[each.device_id], at=now, customer_id=each.customer_id, details=_told(each))
        for each in begun
    )
    return Paused(len(begun), len(ended))


def end_pause(pause_id: int, *, on: date | None, now: datetime, by: Actor) -> Pause | None:
    """Charge a paused device from a day on, though nothing was heard of it; None: as if it had never been paused.

    It is not paused again before it is heard of and falls silent anew.
    """
    stamp = lock_and_stamp(now)
    pause = Pause.objects.select_related("device").filter(pk=pause_id, withdrawn_at=None).first()
    if pause is None:
        raise NotFound("pause", f"There is no pause {pause_id} in force: see `quarterday devices paused`.")
    end = pause.valid.upper or OPEN_END
    if on is not None and on >= end:
        raise Refused("on", f"The pause of {pause.device} ends on {end} already.")
    record(by, "ended the pause of", pause.device, at=now, customer_id=pause.customer_id, details=_told(pause, on))
    return _replace(pause, on or pause.valid.lower, stamp)


def _open_pauses() -> list[Pause]:
    open_ones = Pause.objects.filter(withdrawn_at=None, valid__upper_inf=True)
    return list(open_ones.select_related("device", "customer", "subscription__plan"))


def _heard_on(pause: Pause, now: datetime) -> date | None:
    """The day on which the pause is over; None while it goes on."""
    device, zone = pause.device, pause.customer.time_zone
    if device.silent_since != pause.silent_since:
        heard_at: datetime | None = device.silent_since or device.heard_at
        return local_date(heard_at or now, zone)
    return local_date(now, zone) if pause.subscription.plan.pause_after_days is None else None


def _shortened(ended: list[tuple[Pause, date]], stamp: datetime, *, now: datetime, by: Actor) -> list[AuditEntry]:
    for pause, day in ended:
        _replace(pause, day, stamp)
    return [
        entry(by, "ended the pause of", pause.device, at=now, customer_id=pause.customer_id, details=_told(pause, day))
        for pause, day in ended
    ]


def _replace(pause: Pause, end: date, stamp: datetime) -> Pause | None:
    """Withdraw a pause, and record it until `end` in its place, if that leaves anything of it."""
    Pause.objects.filter(pk=pause.pk).update(withdrawn_at=stamp)
    if end <= pause.valid.lower:
        return None
    return Pause.objects.create(
        customer_id=pause.customer_id,
        subscription_id=pause.subscription_id,
        device_id=pause.device_id,
        valid=DateRange(pause.valid.lower, end),
        silent_since=pause.silent_since,
        recorded_at=stamp,
        announced_at=pause.announced_at,
    )


# Silent devices that are at a customer whose subscription pauses them; one silence pauses once. A subscription that
# goes on for another pauses what that one was pausing to the end, and not what was charged all the same there.
_CANDIDATES = """
    WITH RECURSIVE line (id, before) AS (
        SELECT id, continues_id FROM subscriptions_subscription WHERE continues_id IS NOT NULL
        UNION ALL
        SELECT line.id, earlier.continues_id
        FROM line JOIN subscriptions_subscription earlier ON earlier.id = line.before
        WHERE earlier.continues_id IS NOT NULL
    )
    SELECT s.id, s.customer_id, c.time_zone, p.pause_after_days, greatest(s.starts_on, lower(stay.valid)), s.ends_on,
           d.id, d.silent_since
    FROM inventory_device d
    JOIN inventory_presence stay ON stay.device_id = d.id AND upper_inf(stay.valid) AND upper_inf(stay.recorded)
    JOIN customers_customer c ON c.id = stay.customer_id
    JOIN subscriptions_subscription s ON s.customer_id = stay.customer_id
    JOIN plans_plan p ON p.id = s.plan_id
    WHERE d.silent_since IS NOT NULL AND p.pause_after_days IS NOT NULL
      AND d.silent_since <= %(now)s::timestamptz - make_interval(days => p.pause_after_days - 2)
      AND NOT EXISTS (
          SELECT FROM subscriptions_pause was
          WHERE was.subscription_id = s.id AND was.device_id = d.id AND was.silent_since = d.silent_since)
      AND NOT EXISTS (
          SELECT FROM line JOIN subscriptions_pause was ON was.subscription_id = line.before
          WHERE line.id = s.id AND was.device_id = d.id AND was.silent_since = d.silent_since
          GROUP BY line.before HAVING NOT bool_or(was.withdrawn_at IS NULL AND upper_inf(was.valid)))
    ORDER BY s.id, d.id
"""


def _silent_too_long(now: datetime, stamp: datetime) -> Iterator[Pause]:
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, {"now": now})
        rows = cursor.fetchall()
    for subscription_id, customer_id, zone, days, earliest, ends_on, device_id, silent_since in rows:
        start = max(local_date(silent_since, zone) + timedelta(days=days), earliest)
        if start <= local_date(now, zone) and (ends_on is None or start < ends_on):
            yield Pause(
                customer_id=customer_id,
                subscription_id=subscription_id,
                device_id=device_id,
                valid=DateRange(start, None),
                silent_since=silent_since,
                recorded_at=stamp,
            )


def _told(pause: Pause, on: date | None = None) -> dict[str, object]:
    told: dict[str, object] = {
        "days": str(Period(pause.valid.lower, pause.valid.upper or OPEN_END)),
        "silent_since": pause.silent_since,
    }
    return told if on is None else {**told, "on": on}
