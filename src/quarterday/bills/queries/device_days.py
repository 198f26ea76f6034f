"""What some days of a device cost on a bill: what to credit when it was charged for days that it should not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from quarterday.bills.models import Bill, BillLine
from quarterday.bills.queries.creditable import left_to_credit
from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import Period
from quarterday.shared.refusal import Refused


class DaysOfDevice(NamedTuple):
    """Some days of one device."""

    device_id: int
    days: Period


class TakenDays(NamedTuple):
    """Of a line (by position): the net that the device cost on the days, and how many of its days they are."""

    position: int
    net: Decimal
    device_id: int
    days: Period
    device_days: int


def taken_days(bill: Bill, *, device_id: int, days: Period) -> list[TakenDays]:
    """What a device cost on some days of an issued bill, by line, as a credit takes it back.

    A device costs its share of what its class cost on the line's days, also where steps gave units several prices.
    Never more than is left of the lines. Refused if the bill charges nothing for the device on these days, or a credit
    note has taken back one of them.
    """
    digits, left = digits_of(bill.currency), left_to_credit(bill)
    taken: list[TakenDays] = []
    for lines in _charges(bill):
        found = _cost(lines, device_id, days)
        if found is None:
            continue
        exact, shared, count = found
        _refuse_taken_before(lines, device_id, shared)
        cost = round_half_up(exact, digits)
        for line in lines:
            amount = min(cost, left[line.position])
            if amount > 0:
                taken.append(TakenDays(line.position, amount, device_id, shared, count))
                cost -= amount
        if cost > 0:
            raise Refused("days", f"{cost} {bill.currency} more than is left of what the bill charged for them.")
    if not taken:
        raise Refused("days", f"The bill charges nothing for this device from {days.start} to {days.last_day}.")
    return taken


def _charges(bill: Bill) -> Iterator[Sequence[BillLine]]:
    """The lines that charge one class of a subscription for one run of days; the first names the devices."""
    groups: dict[tuple[object, ...], list[BillLine]] = defaultdict(list)
    for line in BillLine.objects.filter(bill=bill, kind="usage").order_by("position"):
        groups[line.subscription_id, line.device_class, line.start_on, line.end_on].append(line)
    yield from groups.values()


def _cost(lines: Sequence[BillLine], device_id: int, days: Period) -> tuple[Fraction, Period, int] | None:
    """What the device cost on the days, of what the lines charge together; the days that are the lines', and how many
    of the device's own they are. None if it cost nothing."""
    evidence = [pair for line in lines for pair in line.evidence]
    counted = dict(evidence).get(device_id, 0)
    start, end = lines[0].start_on, lines[0].end_on
    shared = None if start is None or end is None else Period(start, end).overlap(days)
    if not counted or shared is None:
        return None
    net = Fraction(sum((line.net for line in lines), Decimal(0)))
    count = min(shared.days, counted)
    if lines[0].unit == "device-day":
        return net * count / sum(many for _, many in evidence), shared, count
    return net / len(evidence) * count / counted, shared, count


def _refuse_taken_before(lines: Sequence[BillLine], device_id: int, days: Period) -> None:
    """A device-day is credited once: the lines of credit notes name the device and the days that they take back."""
    before = BillLine.objects.filter(
        corrects_line__in=[line.pk for line in lines],
        device_ids__contains=[device_id],
        start_on__lt=days.end,
        end_on__gt=days.start,
    ).select_related("bill__issue")
    for line in before[:1]:
        assert line.start_on is not None, f"line {line.pk} takes back days that it does not name"
        assert line.end_on is not None, f"line {line.pk} takes back days that it does not name"
        first, last = line.start_on, Period(line.start_on, line.end_on).last_day
        raise Refused(
            "days", f"{line.bill.issue.number} has credited this device from {first} to {last}: choose other days."
        )
