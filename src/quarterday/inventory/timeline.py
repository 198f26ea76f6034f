"""One device's days, cut and joined: values in, values out.

Acts on a single device say what its days should be; what changed against the days known so far is then recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from quarterday.engine.periods import Period


@dataclass(frozen=True, slots=True)
class Placed:
    """A device at one customer, as one class and under one name, on every day of a period.

    With the instants at which a sync saw it come and go, if one did.
    """

    customer_id: int
    device_class: str
    name: str
    days: Period
    seen_at: datetime | None = None
    gone_at: datetime | None = None


def without(timeline: Iterable[Placed], days: Period) -> list[Placed]:
    """The timeline with nothing on these days; a stay that they cut keeps its other days on both sides."""
    left: list[Placed] = []
    for placed in timeline:
        if placed.days.overlap(days) is None:
            left.append(placed)
            continue
        if placed.days.start < days.start:
            left.append(replace(placed, days=Period(placed.days.start, days.start), gone_at=None))
        if days.end < placed.days.end:
            left.append(replace(placed, days=Period(days.end, placed.days.end), seen_at=None))
    return left


def placed(timeline: Iterable[Placed], added: Placed) -> list[Placed]:
    """The timeline with the device at this customer on these days, wherever it was on them before."""
    return joined([*without(timeline, added.days), added])


def joined(timeline: Iterable[Placed]) -> list[Placed]:
    """The same days with stays that touch, at one customer and of one class, as one stay; oldest first."""
    whole: list[Placed] = []
    for stay in sorted(timeline, key=lambda placed: placed.days):
        last = whole[-1] if whole else None
        if last and last.days.end == stay.days.start and _same_place(last, stay):
            whole[-1] = replace(last, days=Period(last.days.start, stay.days.end), gone_at=stay.gone_at)
        else:
            whole.append(stay)
    return whole


def goes_on(timeline: Iterable[Placed]) -> Placed | None:
    """The stay that has not ended, if there is one."""
    return next((placed for placed in timeline if placed.days.is_open), None)


def _same_place(one: Placed, other: Placed) -> bool:
    return (one.customer_id, one.device_class) == (other.customer_id, other.device_class)
