"""A customer's devices in a month, by class: as in the ledger, as they may be charged, and with replacements joined."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from quarterday.engine.periods import OPEN_END, Period
from quarterday.engine.presence import Stay, days_within, join_replacements, merge, without
from quarterday.inventory.queries import Exempt
from quarterday.subscriptions.queries import PausedDays

Days = Mapping[Period, int]
"""Stays that share their days, and how many they are: most devices of a customer were there all month."""

NONE: Days = Counter()


@dataclass(frozen=True, slots=True)
class Fleet:
    """By class: the ledger's stays; those without excepted days; of these the charged ones, without what a subscription
    pauses; and the latter with replaced devices as one.
    """

    stays: Sequence[Stay]
    agreements: Sequence[Exempt]
    replaced_by: Mapping[str, str]
    ledger: Mapping[str, Days]
    not_excepted: Mapping[str, Days]
    charged: Mapping[str, Days]
    joined: Mapping[str, Sequence[Stay]]

    @classmethod
    def of(cls, stays: Sequence[Stay], agreements: Sequence[Exempt], replaced_by: Mapping[str, str]) -> Fleet:
        """The fleet of some stays, all within the month."""
        left = _without(stays, agreements)
        ledger = _by_class(stays)
        charged = ledger if left is stays else _by_class(left)
        return cls(stays, agreements, replaced_by, ledger, charged, charged, _joined(left, replaced_by))

    def pausing(self, pauses: Sequence[PausedDays]) -> Fleet:
        """The fleet as a subscription charges it that pauses devices on some days."""
        if not pauses:
            return self
        left = _without(self.stays, (*self.agreements, *pauses))
        return replace(self, charged=_by_class(left), joined=_joined(left, self.replaced_by))

    def devices_on(self, device_class: str, days: Sequence[Period]) -> set[str]:
        """The devices of a class that were there on some of the days."""
        return {
            stay.device_id
            for stay in self.stays
            if stay.device_class == device_class and any(stay.present.overlap(part) for part in days)
        }

    def days_of_device(self, device_id: str, device_class: str, days: Period) -> int:
        """How many of the days a device was there as one of a class."""
        own = [s.present for s in self.stays if s.device_id == device_id and s.device_class == device_class]
        return days_within(own, days)


def device_days(stays: Days, periods: Iterable[Period]) -> int:
    """The device-days of stays within some periods, which must not overlap each other."""
    return sum(many * days_within((present,), days) for days in periods for present, many in stays.items())


def _joined(stays: Iterable[Stay], replaced_by: Mapping[str, str]) -> Mapping[str, Sequence[Stay]]:
    joined: dict[str, list[Stay]] = defaultdict(list)
    for stay in join_replacements(stays, replaced_by):
        joined[stay.device_class].append(stay)
    return joined


def _without(stays: Sequence[Stay], taken: Sequence[Exempt | PausedDays]) -> Sequence[Stay]:
    if not taken:
        return stays
    days: dict[str, list[Period]] = defaultdict(list)
    for each in taken:
        days[str(each.device_id)].append(Period(each.start, each.end or OPEN_END))
    return [
        Stay(stay.device_id, stay.device_class, part)
        for stay in stays
        for part in without(stay.present, merge(days.get(stay.device_id, ())))
    ]


def _by_class(stays: Iterable[Stay]) -> dict[str, Days]:
    found: dict[str, Counter[Period]] = defaultdict(Counter)
    for stay in stays:
        found[stay.device_class][stay.present] += 1
    return dict(found)
