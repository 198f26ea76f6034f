"""What some days of a device cost on a bill: what to credit when it was charged for days that it should not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from quarterday.bills.grounds import period_of
from quarterday.bills.models import Bill, BillDiscard, BillLine
from quarterday.bills.queries.creditable import left_to_credit
from quarterday.bills.stored import stored_facts
from quarterday.engine.credits import cost_of_days, part_of_percentage
from quarterday.engine.facts import BillingFacts
from quarterday.engine.lines import ground_of
from quarterday.engine.money import digits_of
from quarterday.engine.periods import Period
from quarterday.engine.presence import days_within, merge, newest_of
from quarterday.engine.stored_facts import facts_from_bytes
from quarterday.shared.refusal import Refused


class DaysOfDevice(NamedTuple):
    """Some days of one device."""

    device_id: int
    days: Period


class TakenDays(NamedTuple):
    """Of a line (by position): the net that the device cost on the days, and how many days that are."""

    position: int
    net: Decimal
    device_id: int
    days: Period
    device_days: int


def taken_days(bill: Bill, *, device_id: int, days: Period) -> list[TakenDays]:
    """What a device cost on some days of an issued bill, by line, as a credit takes it back.

    A device costs its share of what its class cost on the line's days, also where steps gave units several prices.
    Where devices are counted, that is for all days of the line, as the bill says: also those on which it was not there.
    Where days are counted, it is for the days that it was there. All its days together cost that share to the cent, and
    never more than is left of the lines. Refused if the bill charges nothing for the device on these days, a credit
    note has taken back one of them, or a later bill (or draft) has charged the class anew without the device.
    """
    digits, left = digits_of(bill.currency), left_to_credit(bill)
    facts = _facts_of(bill)
    taken: list[TakenDays] = []
    for lines in _charges(bill):
        charged = _charged(lines, device_id, facts)
        asked = merge(each for each in (own.overlap(days) for own in charged) if each is not None)
        if not asked:
            continue
        shared, count = Period(asked[0].start, asked[-1].end), days_within(asked, days)
        credited, count_before = _taken_before(lines, device_id, shared)
        _refuse_counted_without(bill, lines, device_id, shared)
        until_now = Fraction(count_before + count, sum(own.days for own in charged))
        cost = cost_of_days(_share(lines, device_id), until_now, credited, digits)
        for line in lines:
            amount = min(cost, left[line.position])
            if amount > 0:
                taken.append(TakenDays(line.position, amount, device_id, shared, count))
                cost -= amount
        # The halves of cents that its devices' shares were rounded up by are no line's.
        if cost > _most_rounded_up(lines, digits):
            raise Refused("days", f"{cost} {bill.currency} more than is left of what the bill charged for them.")
    if not taken:
        raise Refused("days", f"The bill charges nothing for this device from {days.start} to {days.last_day}.")
    return taken


def percentages_of(bill: Bill, taken: Sequence[TakenDays]) -> dict[int, Decimal]:
    """What percentages put on or took off what is taken back, by the position of their lines: it goes with it.

    Rounded once a line; with the last of what it is of goes all that is left of it.
    """
    percentages = {each.id for each in _facts_of(bill).adjustments if each.percent is not None}
    lines = list(BillLine.objects.filter(bill=bill).order_by("position"))
    digits, left = digits_of(bill.currency), left_to_credit(bill)
    nets: dict[int, Decimal] = defaultdict(Decimal)
    for each in taken:
        nets[each.position] += each.net
    found: dict[int, Decimal] = {}
    for line in lines:
        if str(line.adjustment_id) not in percentages:
            continue
        of = [other for other in lines if _is_in_scope(other, line)]
        base = sum((other.net for other in of), Decimal(0))
        credited = sum((nets[other.position] for other in of), Decimal(0))
        rest = left[line.position]
        if base and credited and rest:
            is_last = credited == sum((left[other.position] for other in of), Decimal(0))
            goes = Fraction(credited) / Fraction(base)
            part = rest if is_last else part_of_percentage(line.net, rest, goes, digits)
            if part:
                found[line.position] = part
    return found


def _facts_of(bill: Bill) -> BillingFacts:
    facts = stored_facts(bill.pk)
    assert facts is not None, f"bill {bill.pk} charges devices and has no facts"
    return facts_from_bytes(facts)


def _is_in_scope(line: BillLine, percentage: BillLine) -> bool:
    """Whether a percentage is of the line: its subscription's or any, under the same tax; never of an adjustment."""
    return (
        line.kind != "adjustment"
        and percentage.subscription_id in (None, line.subscription_id)
        and _tax_of(line) == _tax_of(percentage)
    )


def _tax_of(line: BillLine) -> tuple[str, str, Decimal]:
    return line.tax_code, line.tax_category, line.tax_rate


def _charges(bill: Bill) -> Iterator[Sequence[BillLine]]:
    """The lines that charge one class of a subscription for one run of days; the first names the devices."""
    groups: dict[tuple[object, ...], list[BillLine]] = defaultdict(list)
    for line in BillLine.objects.filter(bill=bill, kind="usage").order_by("position"):
        groups[line.subscription_id, line.device_class, line.start_on, line.end_on].append(line)
    yield from groups.values()


def _share(lines: Sequence[BillLine], device_id: int) -> Fraction:
    """What the device cost of what the lines charge together: a device like any other, or its part of the days."""
    evidence = [pair for line in lines for pair in line.evidence]
    net = Fraction(sum((line.net for line in lines), Decimal(0)))
    if lines[0].unit == "device-day":
        return net * dict(evidence)[device_id] / sum(many for _, many in evidence)
    return net / len(evidence)


def _charged(lines: Sequence[BillLine], device_id: int, facts: BillingFacts) -> tuple[Period, ...]:
    """The days of the lines that the device was charged for; none if it is not on them."""
    first = lines[0]
    counted = {device for line in lines for device, _ in line.evidence}
    if first.start_on is None or first.end_on is None or device_id not in counted:
        return ()
    days = Period(first.start_on, first.end_on)
    [subscription] = [each for each in facts.subscriptions if each.id == str(first.subscription_id)]
    due = period_of(first, subscription)
    in_advance = subscription.timing == "advance" and due is not None and due.occasion == "first"
    if first.unit != "device-day" or in_advance:
        return (days,)
    there = [
        stay.present.overlap(days)
        for stay in ground_of(facts).stays_of(subscription)
        if (stay.device_id, stay.device_class) == (str(device_id), first.device_class)
    ]
    return merge(own for own in there if own is not None)


def _taken_before(lines: Sequence[BillLine], device_id: int, days: Period) -> tuple[Decimal, int]:
    """The net of the lines' device that credit notes have taken back by its days, and how many days these were.

    A device-day is credited once: the lines of credit notes name the device and the days that they take back.
    """
    credited = Decimal(0)
    counts: dict[int, int] = {}
    notes = BillLine.objects.filter(
        corrects_line__in=[line.pk for line in lines], device_ids__contains=[device_id]
    ).select_related("bill__issue")
    for line in notes.order_by("pk"):
        assert line.start_on is not None, f"line {line.pk} takes back days that it does not name"
        assert line.end_on is not None, f"line {line.pk} takes back days that it does not name"
        before = Period(line.start_on, line.end_on)
        if before.overlap(days):
            raise Refused(
                "days",
                f"{line.bill.issue.number} has credited this device from {before.start} to {before.last_day}:"
                " choose other days.",
            )
        credited += line.net
        counts[line.bill_id] = dict(line.evidence)[device_id]
    return credited, sum(counts.values())


def _refuse_counted_without(bill: Bill, lines: Sequence[BillLine], device_id: int, days: Period) -> None:
    """A true-up, a catch-up or the end of the service may have taken the device off since, with all that it cost."""
    first = lines[0]
    later = list(
        BillLine.objects.filter(
            customer=bill.customer_id,
            corrects_bills__contains=[bill.pk],
            corrects_line=None,
            subscription=first.subscription_id,
            device_class=first.device_class,
            start_on__lt=days.end,
            end_on__gt=days.start,
        )
        .exclude(bill__in=BillDiscard.objects.filter(customer=bill.customer_id).values("bill"))
        .select_related("bill__issue")
        .order_by("-bill", "position")
    )
    if not later:
        return
    other = later[0].bill
    name, _ = newest_of(str(device_id), _facts_of(other).replaced_by)
    counted = {device for line in later if line.bill_id == other.pk for device, _ in line.evidence}
    if counted.isdisjoint({device_id, int(name)}):
        number = other.issue.number if hasattr(other, "issue") else f"Draft {other.pk}"
        raise Refused(
            "days",
            f"{number} has taken this device off since, from {days.start} to {days.last_day}: choose other days.",
        )


def _most_rounded_up(lines: Sequence[BillLine], digits: int) -> Fraction:
    return Fraction(sum(len(line.evidence) for line in lines), 2 * 10**digits)
