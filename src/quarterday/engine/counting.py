"""Presences in a period become a count, by the plan's counting rule.

A count is taken once per service period, over its served days, for one class of devices. It keeps the devices it
counted, so that each line made from it can name them with their days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from quarterday.engine.periods import Period
from quarterday.engine.presence import Stay, days_within, is_present, presence_by_device

Rule = Literal["at_end", "at_start", "peak", "any_day", "prorated"]

Presence = Mapping[str, tuple[Period, ...]]
"""Devices of one class with their disjoint stays, oldest first, each with a day in the counted period."""


@dataclass(frozen=True, slots=True)
class Count:
    """The devices that a rule counts in a period, with all their days.

    `decided_on` is the day that the rule looked at; None for rules that look at all days.
    """

    rule: Rule
    period: Period
    decided_on: date | None
    presence: Presence

    @property
    def quantity(self) -> int:
        """What the rule counts in the whole period: devices, or for `prorated` device-days."""
        return self.device_days(self.period) if self.rule == "prorated" else len(self.presence)

    @property
    def device_ids(self) -> tuple[str, ...]:
        """The counted devices."""
        return tuple(self.presence)

    def device_days(self, during: Period) -> int:
        """The counted devices' days within a part of the period, added up."""
        return sum(self.days_by_device(during).values())

    def days_by_device(self, during: Period) -> dict[str, int]:
        """The evidence of a line: each counted device's days within the line's days.

        A rule that counts devices names them all, with 0 days where absent; `prorated` names those with a day.
        """
        days = {device: days_within(present, during) for device, present in self.presence.items()}
        return {device: n for device, n in days.items() if n} if self.rule == "prorated" else days


def count_devices(rule: Rule, stays: Iterable[Stay], period: Period) -> Count:
    """Count the devices of one class over the served days of a period, by a rule.

    Replacements must be joined before (see `presence.join_replacements`). A rule that is not known is a ValueError.
    """
    try:
        look = _LOOK[rule]
    except KeyError:
        raise ValueError(f"counting must be one of {', '.join(_LOOK)}, not {rule!r}") from None
    within = (stay for stay in stays if stay.present.start < period.end and stay.present.end > period.start)
    return look(presence_by_device(within), period)


def count_by_class(rule: Rule, stays: Iterable[Stay], period: Period, classes: Iterable[str]) -> dict[str, Count]:
    """Count each of the classes on its own, in the order given; a class without devices has an empty count."""
    by_class: dict[str, list[Stay]] = {device_class: [] for device_class in classes}
    for stay in stays:
        if stay.device_class in by_class:
            by_class[stay.device_class].append(stay)
    return {device_class: count_devices(rule, of_class, period) for device_class, of_class in by_class.items()}


def _at_end(present: Presence, period: Period) -> Count:
    """The devices present on the last day served."""
    return _on_day("at_end", present, period, period.last_day)


def _at_start(present: Presence, period: Period) -> Count:
    """The devices present on the first day served."""
    return _on_day("at_start", present, period, period.start)


def _peak(present: Presence, period: Period) -> Count:
    """The devices of the fullest day; of equally full days, the first."""
    return _on_day("peak", present, period, _fullest_day(present, period))


def _any_day(present: Presence, period: Period) -> Count:
    """Each device present on at least one day, once."""
    return Count("any_day", period, None, present)


def _prorated(present: Presence, period: Period) -> Count:
    """The device-days of all devices."""
    return Count("prorated", period, None, present)


_LOOK: dict[Rule, Callable[[Presence, Period], Count]] = {
    "at_end": _at_end,
    "at_start": _at_start,
    "peak": _peak,
    "any_day": _any_day,
    "prorated": _prorated,
}


def _on_day(rule: Rule, present: Presence, period: Period, day: date) -> Count:
    counted = {device: days for device, days in present.items() if is_present(days, day)}
    return Count(rule, period, day, counted)


def _fullest_day(present: Presence, period: Period) -> date:
    """Found from comings and goings alone, so a year costs no more than a week."""
    change: dict[date, int] = defaultdict(int)
    for stays in present.values():
        for stay in stays:
            change[max(stay.start, period.start)] += 1
            change[stay.end] -= 1
    fullest, most, now = period.start, 0, 0
    # Every stay begins before the period ends, so no day after it can be fuller.
    for day in sorted(change):
        now += change[day]
        if now > most:
            fullest, most = day, now
    return fullest
