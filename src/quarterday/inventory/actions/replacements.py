"""One device took another's place: both count as one, so that a new computer does not double the bill."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection
from django.db.models import Q

from quarterday.inventory.lock import lock_and_stamp
from quarterday.inventory.models import Device, Replacement
from quarterday.inventory.recording import locked, today_at
from quarterday.shared import trail
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Actor

TAKEN_BACK = Q(state="rejected", confirmed_at__isnull=False)
"""A replacement that counted for a while: the row tells what was known then, and is not used again."""


def replace_device(old: Device, *, new: Device, now: datetime, by: Actor, on: date | None = None) -> Replacement:
    """A person says that `new` took the place of `old`; by default from the new one's first day on.

    Refused for devices of two customers, for an old device that has a successor, and for a circle.
    """
    stamp = lock_and_stamp(now)
    old, new = locked(old), locked(new)
    if old.pk == new.pk:
        raise Refused("new", f"{old} cannot replace itself.")
    if old.customer_id != new.customer_id:
        raise Refused("new", f"{old} and {new} are at two customers: a replacement stays at one.")
    _refuse_second_successor(old, new)
    _refuse_circle(old, new)
    if on is not None and on > (today := today_at(new.customer, now)):
        raise Refused("on", f"{on} is still to come; today is {today} at {new.customer}.")
    known = Replacement.objects.filter(old_device=old, new_device=new).exclude(TAKEN_BACK).first()
    replacement = known or Replacement(old_device=old, new_device=new, recorded_at=stamp)
    replacement.customer_id = new.customer_id
    replacement.replaced_on = on or _first_day(new)
    replacement.because = "person"
    _decide(replacement, "confirmed", stamp, by)
    trail.record(by, "replaced", old, at=now, details={"by": new.name, "on": replacement.replaced_on})
    return replacement


def decide_replacement(replacement_id: int, *, accept: bool, now: datetime, by: Actor) -> Replacement:
    """Accept a proposed replacement, or reject one (also one that was confirmed by mistake: it counts as two again)."""
    stamp = lock_and_stamp(now)
    replacement = Replacement.objects.select_related("old_device", "new_device").filter(pk=replacement_id).first()
    if replacement is None:
        raise NotFound(
            "replacement", f"There is no replacement {replacement_id}: see `quarterday devices replacements`."
        )
    wanted = "confirmed" if accept else "rejected"
    if replacement.state == wanted:
        raise Refused("replacement", f"It is {wanted} already.")
    if accept:
        _refuse_second_successor(replacement.old_device, replacement.new_device)
        _refuse_circle(replacement.old_device, replacement.new_device)
        replacement = _told_anew(replacement, stamp)
    _decide(replacement, wanted, stamp, by)
    trail.record(by, f"{wanted} the replacement of", replacement.old_device, at=now)
    return replacement


def propose_doubles(*, now: datetime, by: Actor) -> int:
    """Propose devices that are there twice: one customer's, with one serial number, or one name at two sources.

    The younger entry is taken for the one that stays. A pair that was decided is not proposed again. Answers how many.
    """
    stamp = lock_and_stamp(now)
    with connection.cursor() as cursor:
        cursor.execute(_PROPOSE_DOUBLES, {"stamp": stamp})
        found: list[int] = [old_id for (old_id,) in cursor.fetchall()]
    for device in Device.objects.filter(pk__in=found):
        trail.record(by, "proposed as a double", device, at=now)
    return len(found)


# Numbers before names: of a device that several others may be, the oldest of the best is asked about.
_PROPOSE_DOUBLES = """
    WITH present AS (
        SELECT d.id, d.customer_id, d.source_id, d.serial, lower(d.name) AS name, lower(stay.valid) AS since
        FROM inventory_device d
        JOIN inventory_presence stay ON stay.device_id = d.id AND upper_inf(stay.valid) AND upper_inf(stay.recorded)
        WHERE stay.customer_id = d.customer_id
    ), pairs AS (
        SELECT older.id AS old_id, newer.id AS new_id, newer.customer_id, newer.since, 'serial' AS because
        FROM present older JOIN present newer
          ON newer.customer_id = older.customer_id AND newer.serial = older.serial AND newer.id > older.id
        WHERE older.serial <> ''
        UNION ALL
        SELECT older.id, newer.id, newer.customer_id, newer.since, 'name'
        FROM present older JOIN present newer
          ON newer.customer_id = older.customer_id AND newer.name = older.name AND newer.id > older.id
        WHERE newer.source_id <> older.source_id
          AND (older.serial = '' OR newer.serial = '' OR older.serial = newer.serial)
    ), best AS (
        SELECT DISTINCT ON (new_id) * FROM pairs
        WHERE NOT EXISTS (
            SELECT FROM inventory_replacement told
            WHERE (told.old_device_id, told.new_device_id) IN ((old_id, new_id), (new_id, old_id))
               OR (told.state = 'confirmed' AND (told.old_device_id IN (old_id, new_id))))
        ORDER BY new_id, because DESC, old_id
    )
    INSERT INTO inventory_replacement (
        customer_id, old_device_id, new_device_id, replaced_on, because, state, recorded_at, decided_by)
    SELECT DISTINCT ON (old_id) customer_id, old_id, new_id, since, because, 'proposed', %(stamp)s, ''
    FROM best ORDER BY old_id, new_id
    RETURNING old_device_id
"""


def _told_anew(replacement: Replacement, stamp: datetime) -> Replacement:
    """The row to confirm: a new one where this one was confirmed and taken back, so that what was known stays so."""
    if replacement.confirmed_at is None:
        return replacement
    return Replacement(
        customer_id=replacement.customer_id,
        old_device=replacement.old_device,
        new_device=replacement.new_device,
        replaced_on=replacement.replaced_on,
        because=replacement.because,
        recorded_at=stamp,
    )


def _decide(replacement: Replacement, state: str, stamp: datetime, by: Actor) -> None:
    replacement.state = state
    replacement.decided_at, replacement.decided_by = stamp, by.name
    if state == "confirmed":
        replacement.confirmed_at = stamp
    replacement.save()


def _refuse_second_successor(old: Device, new: Device) -> None:
    others = Replacement.objects.filter(old_device=old, state="confirmed").exclude(new_device=new)
    if other := others.select_related("new_device").first():
        raise Refused("old", f"{old} was replaced by {other.new_device} already: reject that first.")


def _refuse_circle(old: Device, new: Device) -> None:
    successor = dict(Replacement.objects.filter(state="confirmed").values_list("old_device_id", "new_device_id"))
    device_id: int | None = new.pk
    while device_id is not None:
        if device_id == old.pk:
            raise Refused("new", f"{old} took the place of {new}: the two cannot replace each other.")
        device_id = successor.get(device_id)


def _first_day(device: Device) -> date:
    first: date | None = (
        device.presences.filter(recorded__upper_inf=True).order_by("valid").values_list("valid__startswith").first()
        or (None,)
    )[0]
    if first is None:
        raise Refused("on", f"{device} was never there: say the day on which it took the place.")
    return first
