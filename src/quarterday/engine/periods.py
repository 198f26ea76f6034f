"""Billing cycles, service periods and their dates, all in whole days of the customer's time zone.

The n-th boundary is always computed from the anchor, never from the boundary before it: a customer that started on
31 January is billed to 28 February and then to 31 March again. Instants become local dates here and nowhere else.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Unit = Literal["week", "month", "year"]
Timing = Literal["arrears", "advance"]

OPEN_END = date.max
"""The end of a period that has not ended: the last date there is."""

_DAY = timedelta(days=1)
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """Whole days from `start` up to, but without, `end`: April is Period(1 April, 1 May) and has 30 days.

    It has at least one day (else ValueError). Periods are ordered by start, then end.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(
                f"end {self.end} must be after start {self.start}: a period ends on the first day after it"
            )

    @classmethod
    def since(cls, start: date) -> Period:
        """From a day on, without an end yet."""
        return cls(start, OPEN_END)

    @property
    def is_open(self) -> bool:
        """Whether it has no end yet."""
        return self.end == OPEN_END

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """Its last day: 30 April for the period that ends on 1 May."""
        return self.end - _DAY

    def contains(self, day: date) -> bool:
        """Whether the day is one of its days; its end is not."""
        return self.start <= day < self.end

    def overlap(self, other: Period) -> Period | None:
        """The days that both have, or None if there are none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def __str__(self) -> str:
        return f"{self.start} to {'open' if self.is_open else self.end}"


@dataclass(frozen=True, slots=True)
class Cycle:
    """How often is billed: every so many weeks, months or years; a quarter is Cycle(3, "month")."""

    every: int
    unit: Unit

    def __post_init__(self) -> None:
        if type(self.every) is not int or self.every < 1:
            raise ValueError(f"every must be a whole number from 1, not {self.every!r}")
        if self.unit not in get_args(Unit):
            raise ValueError(f"unit must be week, month or year, not {self.unit!r}")


MONTHLY = Cycle(1, "month")


@dataclass(frozen=True, order=True, slots=True)
class ServicePeriod:
    """The days served, and the whole aligned period that they are a part of."""

    served: Period
    full: Period

    @property
    def fraction(self) -> Fraction:
        """The served days over the days of the whole period: 1 unless the start or the end cut it."""
        return Fraction(self.served.days, self.full.days)

    @property
    def is_whole(self) -> bool:
        """Whether every day of the whole period is served."""
        return self.served == self.full


def boundary(anchor: date, cycle: Cycle, n: int, billing_day: int | None = None) -> date:
    """The n-th boundary of a cycle: the anchor plus n cycles, its day clamped to the month.

    From 31 January: 28 February, 31 March, 30 April. With a billing day: that day, clamped, in the anchor's month plus
    n cycles. n may be negative. ValueError: a weekly cycle with a billing day, a day that is not 1 to 31, or a date
    beyond the calendar's years 1 to 9999.
    """
    _check_billing_day(cycle, billing_day)
    if cycle.unit == "week":
        try:
            return anchor + timedelta(weeks=n * cycle.every)
        except OverflowError:
            raise ValueError(f"boundary {n} of {anchor} lies beyond the calendar") from None
    year, month0 = divmod(_month_number(anchor) + n * cycle.every * _MONTHS[cycle.unit], 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise ValueError(f"boundary {n} of {anchor} lies beyond the calendar")
    return _clamped(year, month0 + 1, billing_day or anchor.day)


def boundary_index(anchor: date, cycle: Cycle, day: date, billing_day: int | None = None) -> int:
    """The n of the last boundary on or before a day, found without walking from the anchor."""
    _check_billing_day(cycle, billing_day)
    if cycle.unit == "week":
        return (day - anchor).days // (7 * cycle.every)
    months = cycle.every * _MONTHS[cycle.unit]
    n = (_month_number(day) - _month_number(anchor)) // months
    # In the boundary's own month the day decides, and only there.
    return n if boundary(anchor, cycle, n, billing_day) <= day else n - 1


def service_periods(
    starts_on: date,
    cycle: Cycle,
    *,
    billing_day: int | None = None,
    ends_on: date | None = None,
    billed_from: date | None = None,
    from_day: date | None = None,
    until: date | None = None,
) -> Iterator[ServicePeriod]:
    """The service periods of a subscription, oldest first.

    `starts_on` anchors the cycle. With a billing day the first period is a stub up to the first boundary after the
    start. `ends_on` is the first day not served and `billed_from` (default: the start) the first one charged: they cut
    `served`, never `full`. `from_day` leaves out periods that ended on or before it, at no cost for the years between;
    `until` is the last day on which a period may start. Without `until` and `ends_on` it goes on to the year 9999.

    ValueError: `ends_on` before `starts_on` (equal dates mean no period), a weekly cycle with a billing day.
    """
    _check_billing_day(cycle, billing_day)
    if ends_on is not None and ends_on < starts_on:
        raise ValueError(f"ends_on {ends_on} must not be before starts_on {starts_on}")
    return _service_periods(
        starts_on,
        cycle,
        billing_day,
        first_day=max(starts_on, billed_from or starts_on),
        end=ends_on or OPEN_END,
        from_day=from_day or starts_on,
        until=until or OPEN_END,
    )


def _service_periods(
    anchor: date,
    cycle: Cycle,
    billing_day: int | None,
    *,
    first_day: date,
    end: date,
    from_day: date,
    until: date,
) -> Iterator[ServicePeriod]:
    if end <= first_day:
        return
    # The very last boundary of the calendar has no period after it.
    last = boundary_index(anchor, cycle, OPEN_END, billing_day) - 1
    last = min(last, boundary_index(anchor, cycle, min(until, end - _DAY), billing_day))
    first = boundary_index(anchor, cycle, max(first_day, from_day), billing_day)
    for n in range(first, last + 1):
        full = Period(boundary(anchor, cycle, n, billing_day), boundary(anchor, cycle, n + 1, billing_day))
        served = Period(max(full.start, first_day), min(full.end, end))
        if served.start <= until and served.end > from_day:
            yield ServicePeriod(served, full)


def billing_date(period: Period, timing: Timing, offset_days: int = 0) -> date:
    """The day on which a served period becomes due: its end in arrears, its start in advance, shifted by the offset."""
    if timing not in get_args(Timing):
        raise ValueError(f"timing must be arrears or advance, not {timing!r}")
    return (period.end if timing == "arrears" else period.start) + timedelta(days=offset_days)


def due_date(issued_on: date, due_days: int) -> date:
    """The day by which a bill is to be paid, counted from its issue."""
    if due_days < 0:
        raise ValueError(f"due_days must be 0 or more, not {due_days}")
    return issued_on + timedelta(days=due_days)


def zone_named(zone: str) -> ZoneInfo:
    """The time zone of an IANA name such as Europe/Berlin; any other name is a ValueError."""
    # Copies under other names, which exist on some machines and mean something else on the next.
    if zone in ("localtime", "posixrules", "Factory") or zone.startswith(("posix/", "right/")):
        raise _unknown_zone(zone)
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise _unknown_zone(zone) from None


def local_date(instant: datetime, zone: str) -> date:
    """The date on the customer's wall at an instant. An instant without an offset is a ValueError."""
    if instant.tzinfo is None:
        raise ValueError(f"instant {instant} needs an offset from UTC: without one it is no moment in time")
    return instant.astimezone(zone_named(zone)).date()


def instant_of_local(day: date, hour: int, zone: str) -> datetime:
    """The moment, in UTC, when the customer's clock reaches a full hour of a day.

    A time that the clock skips is met as long after the jump as it would have been without one: 00:00 in Cairo on
    2014-05-16 is the moment of the jump, 06:00 in Apia on the missing 2011-12-30 is 06:00 of the 31st. Of a time that
    comes twice it is the first.
    """
    # Without a fold a skipped time is read with the offset before the jump, and a doubled one at its first coming.
    return datetime.combine(day, time(hour), tzinfo=zone_named(zone)).astimezone(UTC)


def _check_billing_day(cycle: Cycle, billing_day: int | None) -> None:
    if billing_day is None:
        return
    if cycle.unit == "week":
        raise ValueError("billing_day cannot be set for a weekly cycle: leave it out, the start date sets the weekday")
    if not 1 <= billing_day <= 31:
        raise ValueError(f"billing_day must be 1 to 31, not {billing_day}")


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _unknown_zone(zone: str) -> ValueError:
    return ValueError(f"time zone {zone!r} is not known: use an IANA name such as Europe/Berlin")
