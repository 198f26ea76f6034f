"""One device took another's place: both count as one, so that a new computer does not double the bill."""

from __future__ import annotations

from datetime import date, datetime

from quarterday.inventory.lock import lock_and_stamp
from quarterday.inventory.models import Device, Replacement
from quarterday.inventory.recording import locked
from quarterday.shared import trail
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Actor


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
    replacement = Replacement.objects.filter(old_device=old, new_device=new).first() or Replacement(
        old_device=old, new_device=new, recorded_at=stamp
    )
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
        raise NotFound("replacement", f"There is no replacement {replacement_id}.")
    wanted = "confirmed" if accept else "rejected"
    if replacement.state == wanted:
        raise Refused("replacement", f"It is {wanted} already.")
    if accept:
        _refuse_second_successor(replacement.old_device, replacement.new_device)
        _refuse_circle(replacement.old_device, replacement.new_device)
    _decide(replacement, wanted, stamp, by)
    trail.record(by, f"{wanted} the replacement of", replacement.old_device, at=now)
    return replacement


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
