"""A small picture of a month for each counting rule: four devices, what the rule looks at, and what it counts.

The pictures are values for an SVG template. Their counts come from the engine, so a picture cannot say something else
than the bill will.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quarterday.engine.counting import Rule, count_devices
from quarterday.engine.periods import Period
from quarterday.engine.presence import Stay

MONTH = Period(date(2026, 4, 1), date(2026, 5, 1))
DAYS = 30
# Device -> the days of the month on which it is there, [first, first day gone).
# Chosen so that every rule comes to another count.
STAYS = {"PC-1": (1, 31), "PC-2": (5, 15), "PC-3": (10, 25), "PC-4": (19, 31)}
CELL, ROW, LEFT, TOP = 8, 18, 44, 6
BAR = 12

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
    days: tuple[int, int]
    x: int
    y: int
    width: int
    counted: bool

    @property
    def text_y(self) -> int:
        """Where the device's name stands."""
        return self.y + BAR - 2


@dataclass(frozen=True, slots=True)
class Picture:
    """One rule's picture. `looked_at` is the band of days that the rule looks at; None: all days."""

    rule: str
    title: str | Promise
    explanation: str | Promise
    bars: tuple[Bar, ...]
    looked_at: int | None
    quantity: int
    left: int = LEFT
    cell: int = CELL
    bar: int = BAR
    width: int = LEFT + DAYS * CELL + 4
    height: int = TOP + ROW * len(STAYS) + 14

    @property
    def days_width(self) -> int:
        """The width of the month."""
        return DAYS * CELL

    @property
    def band(self) -> tuple[int, int]:
        """Left edge and width of the days that the rule looks at."""
        if self.looked_at is None:
            return LEFT, DAYS * CELL
        return LEFT + (self.looked_at - 1) * CELL, CELL

    @property
    def axis_y(self) -> int:
        """Where the numbers of the days stand."""
        return self.height - 3

    @property
    def answer(self) -> str:
        """What the rule counts, in a few words."""
        if self.rule == "prorated":
            return gettext("charges %(n)d device-days") % {"n": self.quantity}
        return gettext("counts %(n)d of 4") % {"n": self.quantity}

    @property
    def description(self) -> str:
        """The picture in words, for who cannot see it."""
        stays = "; ".join(
            gettext("%(device)s from day %(first)d to %(last)d")
            % {"device": bar.name, "first": bar.days[0], "last": bar.days[1]}
            for bar in self.bars
        )
        looks = (
            gettext("The rule looks at all days.")
            if self.looked_at is None
            else gettext("The rule looks at day %(day)d.") % {"day": self.looked_at}
        )
        counted = ", ".join(bar.name for bar in self.bars if bar.counted)
        return gettext("A month of 30 days: %(stays)s. %(looks)s It %(answer)s: %(counted)s.") % {
            "stays": stays,
            "looks": looks,
            "answer": self.answer,
            "counted": counted,
        }


def pictures() -> dict[str, Picture]:
    """Rule -> its picture, in the order in which the rules are offered."""
    return {rule: _picture(rule, title, explanation) for rule, title, explanation in RULES}


def _picture(rule: Rule, title: str | Promise, explanation: str | Promise) -> Picture:
    count = count_devices(rule, [_stay(name, *days) for name, days in STAYS.items()], MONTH)
    bars = tuple(
        Bar(
            name,
            (first, gone - 1),
            LEFT + (first - 1) * CELL,
            TOP + row * ROW,
            (gone - first) * CELL,
            name in count.device_ids,
        )
        for row, (name, (first, gone)) in enumerate(STAYS.items())
    )
    day = None if count.decided_on is None else (count.decided_on - MONTH.start).days + 1
    return Picture(rule, title, explanation, bars, day, count.quantity)


def _stay(name: str, first: int, gone: int) -> Stay:
    before = MONTH.start - timedelta(days=1)
    return Stay(name, "computer", Period(before + timedelta(days=first), before + timedelta(days=gone)))
