"""A device's stays as a drawing: a lane per customer, a bar per stay, days from left to right.

Values for `web/inventory/_timeline.html`; the table beside it says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from quarterday.inventory.queries import KnownStay
from quarterday.web.templatetags.quarterday import day, last_day

WIDTH, LANE, TOP, BOTTOM = 640, 44, 6, 26
LEFT, RIGHT = 8, 8
NARROWEST = 3.0
"""A stay of one day in ten years is still seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stay: its place, its class's colour, and its days in words."""

    x: float
    width: float
    css: str
    text: str
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A customer's row."""

    name: str
    text_y: int
    bar_y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A day below the lanes."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the template draws; `today` is the x of today's line."""

    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    classes: tuple[tuple[str, str], ...]
    today: float
    height: int
    summary: str
    width: int = WIDTH
    bar_height: int = 16

    @property
    def floor(self) -> int:
        """Where the lanes end and the days are written."""
        return self.height - BOTTOM


def timeline(stays: Sequence[KnownStay], *, today: date, class_names: dict[str, str]) -> Timeline | None:
    """The stays as lanes, the customer of the first stay on top; None for a device that was nowhere."""
    if not stays:
        return None
    start = min(stay.start for stay in stays)
    end = max([today + timedelta(days=1), *(stay.end for stay in stays if stay.end)])
    span = max((end - start).days, 1)

    def x(on: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * ((on - start).days / span), 1)

    keys = list(dict.fromkeys(stay.device_class for stay in stays))
    colours = {key: f"q-{position % 4 + 1}" for position, key in enumerate(keys)}
    names = list(dict.fromkeys(stay.customer for stay in stays))
    lanes = []
    for position, name in enumerate(names):
        bars = tuple(
            Bar(
                x(stay.start),
                max(round(x(stay.end or end) - x(stay.start), 1), NARROWEST),
                colours[stay.device_class],
                f"{name}, {class_names.get(stay.device_class, stay.device_class)}: {in_days(stay)}",
                stay.end is None,
            )
            for stay in stays
            if stay.customer == name
        )
        lanes.append(Lane(name, TOP + LANE * position + 13, TOP + LANE * position + 19, bars))
    return Timeline(
        lanes=tuple(lanes),
        marks=(Mark(LEFT, day(start), "start"), Mark(WIDTH - RIGHT, day(end - timedelta(days=1)), "end")),
        classes=tuple((class_names.get(key, key), css) for key, css in colours.items()),
        today=x(today + timedelta(days=1)),
        height=TOP + LANE * len(names) + BOTTOM,
        summary="; ".join(bar.text for lane in lanes for bar in lane.bars) + ".",
    )


def in_days(stay: KnownStay) -> str:
    """1 March 2026 to 9 April 2026; since 1 March 2026."""
    if stay.end is None:
        return _("since %(first)s") % {"first": day(stay.start)}
    return _("%(first)s to %(last)s") % {"first": day(stay.start), "last": last_day(stay.end)}
