"""Which days a period has, and who is there on each."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

ONE_DAY = timedelta(days=1)


def clamped(year: int, month: int, day: int) -> date:
    """The day, or the month's last one: 31 February is the 28th or 29th. `month` may be any integer."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def boundary(subscription: dict[str, Any], n: int) -> date:
    """The n-th boundary of the cycle, always from the anchor (rule 3)."""
    starts_on = date.fromisoformat(subscription["starts_on"])
    cycle = subscription.get("cycle") or {"every": 1, "unit": "month"}
    if cycle["unit"] == "week":
        return starts_on + timedelta(days=7 * cycle["every"] * n)
    months = n * cycle["every"] * (12 if cycle["unit"] == "year" else 1)
    day = subscription.get("billing_day") or starts_on.day
    return clamped(starts_on.year, starts_on.month + months, day)


@dataclass
class ServicePeriod:
    """[start, end) as served, inside the whole cycle [full_start, full_end)."""

    start: date
    end: date
    full_start: date
    full_end: date

    @property
    def full_days(self) -> int:
        return (self.full_end - self.full_start).days


def service_periods(subscription: dict[str, Any], until: date) -> Iterable[ServicePeriod]:
    """The subscription's periods that start on or before `until`, in order."""
    starts_on = date.fromisoformat(subscription["starts_on"])
    ends_on = date.fromisoformat(subscription["ends_on"]) if subscription.get("ends_on") else None
    n = -1  # a billing day later in the first month makes the cycle begin before the start
    while boundary(subscription, n + 1) <= starts_on:
        n += 1
    start = starts_on
    while start <= until and (ends_on is None or start < ends_on):
        full_start, full_end = boundary(subscription, n), boundary(subscription, n + 1)
        end = full_end if ends_on is None else min(full_end, ends_on)
        yield ServicePeriod(start, end, full_start, full_end)
        start, n = full_end, n + 1


def served_days(period: ServicePeriod) -> list[date]:
    days = []
    day = period.start
    while day < period.end:
        days.append(day)
        day += ONE_DAY
    return days


def days_to_charge(period: ServicePeriod, final_period: str) -> list[date]:
    """For each day that is charged, the served day whose devices and terms it has: itself.

    The days after `end` of a final period that is charged in full are like the last served day (rule 5).
    """
    days = served_days(period)
    if final_period == "full":
        days += [days[-1]] * (period.full_end - period.end).days
    return days


def is_present(device: dict[str, Any], day: date) -> bool:
    text = day.isoformat()  # ISO dates sort as text
    return any(first <= text and (gone is None or text < gone) for first, gone in device["present"])


class Presences:
    """Who is there on a day, by class; each day is looked up once."""

    def __init__(self, devices: list[dict[str, Any]]) -> None:
        self.devices = devices
        self.known: dict[tuple[str, date], set[str]] = {}

    def of_class(self, device_class: str) -> list[str]:
        return sorted(device["id"] for device in self.devices if device["class"] == device_class)

    def on(self, day: date, device_class: str) -> set[str]:
        if (device_class, day) not in self.known:
            there = [each for each in self.devices if each["class"] == device_class and is_present(each, day)]
            self.known[device_class, day] = {device["id"] for device in there}
        return self.known[device_class, day]


def counted_devices(rule: str, device_class: str, period: ServicePeriod, presences: Presences) -> set[str]:
    """The devices that a rule which counts devices counts, once for the whole period (rule 5)."""
    served = served_days(period)
    if rule == "at_start":
        return presences.on(served[0], device_class)
    if rule == "at_end":
        return presences.on(served[-1], device_class)
    if rule == "any_day":
        return set().union(*(presences.on(day, device_class) for day in served))
    # Reading: "peak" is the fullest day of each class by itself, since each class has its own count and price.
    fullest = served[0]
    for day in served:
        if len(presences.on(day, device_class)) > len(presences.on(fullest, device_class)):
            fullest = day
    return presences.on(fullest, device_class)
