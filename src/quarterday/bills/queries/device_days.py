"""What some days of a device cost on a bill: the amounts to credit when it was charged for days that it should not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from quarterday.bills.actions.credits import left_to_credit
from quarterday.bills.models import Bill, BillLine
from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import Period
from quarterday.shared.refusal import Refused


def device_day_amounts(bill: Bill, *, device_id: int, days: Period) -> dict[int, Decimal]:
    """Net amounts by line position that a device cost on some days of an issued bill, as `credit_bill` takes them.

    A device costs its share of what its class cost on the line's days, also where steps gave units several prices.
    Never more than is left of the lines. Refused if the bill charges nothing for the device on these days.
    """
    digits, left = digits_of(bill.currency), left_to_credit(bill)
    amounts: dict[int, Decimal] = {}
    for lines in _charges(bill):
        cost = round_half_up(_cost(lines, device_id, days), digits)
        for line in lines:
            amount = min(cost, left[line.position] - amounts.get(line.position, Decimal(0)))
            if amount > 0:
                amounts[line.position] = amounts.get(line.position, Decimal(0)) + amount
                cost -= amount
        if cost > 0:
            raise Refused("days", f"{cost} {bill.currency} more than is left of what the bill charged for them.")
    if not amounts:
        raise Refused("days", f"The bill charges nothing for this device from {days.start} to {days.last_day}.")
    return amounts


def _charges(bill: Bill) -> Iterator[Sequence[BillLine]]:
    """The lines that charge one class of a subscription for one run of days; the first names the devices."""
    groups: dict[tuple[object, ...], list[BillLine]] = defaultdict(list)
    for line in BillLine.objects.filter(bill=bill, kind="usage").order_by("position"):
        groups[line.subscription_id, line.device_class, line.start_on, line.end_on].append(line)
    yield from groups.values()


def _cost(lines: Sequence[BillLine], device_id: int, days: Period) -> Fraction:
    """What the device cost on the days, of what the lines charge together."""
    evidence = [pair for line in lines for pair in line.evidence]
    counted = dict(evidence).get(device_id, 0)
    start, end = lines[0].start_on, lines[0].end_on
    shared = None if start is None or end is None else Period(start, end).overlap(days)
    if not counted or shared is None:
        return Fraction(0)
    net = Fraction(sum((line.net for line in lines), Decimal(0)))
    taken = min(shared.days, counted)
    if lines[0].unit == "device-day":
        return net * taken / sum(many for _, many in evidence)
    return net / len(evidence) * taken / counted
