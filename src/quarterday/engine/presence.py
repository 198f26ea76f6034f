"""A device's stay at a customer, and what follows from stays alone: days, replacements, what is known on a day.

A stay says that a device of a class was present on every day of a period. A change of class is two stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from quarterday.engine.periods import Period


class Stay(NamedTuple):
    """One device, of one class, present on every day of a period; `Period.since(day)` if it has not left."""

    device_id: str
    device_class: str
    present: Period


def days_within(present: Iterable[Period], during: Period) -> int:
    """How many days of `during` the periods cover; they must not overlap each other (see `merge`)."""
    start, end, days = during.start, during.end, 0
    for period in present:
        first = period.start if period.start > start else start
        last = period.end if period.end < end else end
        if first < last:
            days += (last - first).days
    return days


def is_present(present: Iterable[Period], day: date) -> bool:
    """Whether one of the periods has the day."""
    # A loop, not any(): it is asked of every device of every bill.
    for period in present:  # noqa: SIM110
        if period.start <= day < period.end:
            return True
    return False


def presence_by_device(stays: Iterable[Stay]) -> dict[str, tuple[Period, ...]]:
    """Each device's merged presence, whatever its class; devices in the order of their first stay given."""
    presence: dict[str, tuple[Period, ...]] = {}
    for stay in stays:
        before = presence.get(stay.device_id)
        # Nearly every device has one stay, which is merged already.
        presence[stay.device_id] = (stay.present,) if before is None else merge((*before, stay.present))
    return presence


def merge(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same days as disjoint periods, oldest first: what overlaps or touches becomes one."""
    merged: list[Period] = []
    for period in sorted(periods):
        if merged and period.start <= merged[-1].end:
            merged[-1] = Period(merged[-1].start, max(merged[-1].end, period.end))
        else:
            merged.append(period)
    return tuple(merged)


def without(period: Period, taken: tuple[Period, ...]) -> list[Period]:
    """The days of a period that none of the taken periods (disjoint, oldest first) has."""
    left, start = [], period.start
    for other in taken:
        if start < min(other.start, period.end):
            left.append(Period(start, min(other.start, period.end)))
        start = max(start, other.end)
    if start < period.end:
        left.append(Period(start, period.end))
    return left


def join_replacements(stays: Iterable[Stay], replaced_by: Mapping[str, str]) -> list[Stay]:
    """The stays with each chain of replacements as one device, under the id of its newest member.

    `replaced_by` maps an old device's id to its successor's. On a day when several of a chain are present the newest
    of them counts, with its class, so a week with both PCs on the desk is a week of one PC. A chain that bites its
    own tail is a ValueError.
    """
    if not replaced_by:
        return list(stays)
    by_newest: dict[str, list[tuple[int, Stay]]] = {}
    for stay in stays:
        newest, age = newest_of(stay.device_id, replaced_by)
        by_newest.setdefault(newest, []).append((age, stay))
    joined: list[Stay] = []
    for newest, members in by_newest.items():
        taken: tuple[Period, ...] = ()
        free: list[Stay] = []
        for _, stay in sorted(members):
            days = without(stay.present, taken)
            free += [Stay(newest, stay.device_class, part) for part in days]
            taken = merge((*taken, *days))
        joined += sorted(free, key=lambda stay: stay.present)
    return joined


def hold(stays: Iterable[Stay], *, on: date, until: date) -> list[Stay]:
    """The stays as they stand on a day, and held: who is present then stays to `until`, who comes later is not seen.

    Billing in advance holds a period's first day to its end; a final period that is charged in full holds its last
    served day to the end of the whole period.
    """
    held = []
    for stay in stays:
        if stay.present.contains(on):
            held.append(Stay(stay.device_id, stay.device_class, Period(stay.present.start, until)))
        elif stay.present.end <= on:
            held.append(stay)
    return held


def newest_of(device_id: str, replaced_by: Mapping[str, str]) -> tuple[str, int]:
    """The newest device of a chain, and how many devices the chain has from this one on."""
    seen = [device_id]
    while (successor := replaced_by.get(seen[-1])) is not None:
        if successor in seen:
            raise ValueError(f"replacements {' -> '.join([*seen, successor])} go in a circle: unmark one of them")
        seen.append(successor)
    return seen[-1], len(seen)
