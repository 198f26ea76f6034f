"""A small picture of a month for each counting rule: three devices, what the rule looks at, and what it counts.

The pictures are values for an SVG template. Their counts come from the engine, so a picture cannot say something else
than the bill will.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from quarterday.engine.counting import Rule, count_devices
from quarterday.engine.periods import Period
from quarterday.engine.presence import Stay

MONTH = Period(date(2026, 4, 1), date(2026, 5, 1))
DAYS = 30
# Device -> the days of the month on which it is there, [first, first day gone).
STAYS = {"PC-1": (1, 31), "PC-2": (1, 19), "PC-3": (8, 25)}
CELL, ROW, LEFT, TOP = 8, 18, 44, 6

RULES: Sequence[tuple[Rule, str | Promise, str | Promise]] = [
    ("at_end", _("Devices on the last day"), _("Counts who is there when the period ends. The usual rule in arrears.")),
    ("at_start", _("Devices on the first day"), _("Counts who is there when the period begins.")),
    ("peak", _("Most devices on one day"), _("Counts the fullest day of the period.")),
    ("any_day", _("Every device seen"), _("Counts each device that was there on at least one day.")),
    ("prorated", _("By the day"), _("Charges each device for the days it was there. The usual rule in advance.")),
]


@dataclass(frozen=True, slots=True)
class Bar:
    """A device's stay as a bar; `counted` says whether the rule counts the device."""

    name: str
    x: int
    y: int
    width: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """One rule's picture. `looked_at` is the band of days that the rule looks at."""

    rule: str
    title: str | Promise
    explanation: str | Promise
    bars: tuple[Bar, ...]
    looked_at: tuple[int, int]
    quantity: int
    width: int = LEFT + DAYS * CELL + 4
    height: int = TOP + ROW * len(STAYS) + 6


def pictures() -> list[Picture]:
    """All rules, in the order in which they are offered."""
    return [_picture(rule, title, explanation) for rule, title, explanation in RULES]


def _picture(rule: Rule, title: str | Promise, explanation: str | Promise) -> Picture:
    count = count_devices(rule, [_stay(name, *days) for name, days in STAYS.items()], MONTH)
    bars = tuple(
        Bar(name, LEFT + (first - 1) * CELL, TOP + row * ROW, (gone - first) * CELL, name in count.device_ids)
        for row, (name, (first, gone)) in enumerate(STAYS.items())
    )
    day = count.decided_on
    band = (LEFT, DAYS * CELL) if day is None else (LEFT + (day - MONTH.start).days * CELL, CELL)
    return Picture(rule, title, explanation, bars, band, count.quantity)


def _stay(name: str, first: int, gone: int) -> Stay:
    start = MONTH.start - timedelta(days=1)
    return Stay(name, "computer", Period(start + timedelta(days=first), start + timedelta(days=gone)))
