"""Other charges and discounts on a bill: charges count wherever they stand, then discounts in their order.

Discounts never take a bill below zero. What is cut off an amount or a quantity x price waits as a rest for the
customer's next bill; what is cut off a percentage is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from quarterday.engine.facts import AdjustmentFacts, BillingFacts, Occasion, TaxTreatment
from quarterday.engine.lines import BillLine, Ground
from quarterday.engine.money import Money, line_net, round_half_up, split
from quarterday.engine.tax import percentage, treatment_of

CARRIED_OVER = ", carried over"
"""What stands behind the text of a rest on the next bill; paper says it in the reader's language."""

DUE: tuple[Occasion, ...] = ("first", "settlement")
"""The occasions on which a subscription itself is due; a late difference only travels with the next bill."""


@dataclass(frozen=True, slots=True)
class AdjustmentUse:
    """What a bill did to an adjustment: which of its times it used (None: only its rest), and the rest it leaves."""

    adjustment_id: str
    occurrence: int | None
    rest: Decimal


@dataclass(frozen=True, slots=True)
class AdjustedLines:
    """The adjustment lines of a bill, and what they used up."""

    lines: tuple[BillLine, ...] = ()
    uses: tuple[AdjustmentUse, ...] = ()


def adjust(facts: BillingFacts, others: Sequence[BillLine], ground: Ground) -> AdjustedLines:
    """The adjustment lines that go with a bill's other lines.

    A bill whose other lines all are 0 is not issued, so its adjustments wait.
    """
    if not any(line.net for line in others):
        return AdjustedLines()
    asked = [(adjustment, _asked(facts, adjustment, others, ground)) for adjustment in facts.adjustments]
    charged = [line.net for line in others]
    charged += [line.net for _, lines in asked for line in lines if line.net > 0]
    room = max(sum(charged, Decimal(0)), Decimal(0))
    lines: list[BillLine] = []
    uses: list[AdjustmentUse] = []
    for adjustment, wanted in asked:
        cut_off = Decimal(0)
        for line in wanted:
            net = max(line.net, -room)
            room += min(net, Decimal(0))
            cut_off += line.net - net
            if line.quantity:
                lines += _by_tax(facts, adjustment, line if net == line.net else _cut(line, net), others)
        if wanted:
            rest = Decimal(0) if adjustment.percent is not None else cut_off
            uses.append(AdjustmentUse(adjustment.id, wanted[-1].occurrence, rest))
    return AdjustedLines(tuple(lines), tuple(uses))


def _asked(
    facts: BillingFacts, adjustment: AdjustmentFacts, others: Sequence[BillLine], ground: Ground
) -> list[BillLine]:
    """The lines of an adjustment, not cut yet: what it still owes, then its own if this is a bill for it."""
    goes_on = _goes_on(adjustment, facts)
    if not goes_on and not adjustment.rest:
        return []
    blank = BillLine(
        kind="adjustment",
        text=adjustment.text,
        net=Decimal(0),
        subscription_id=adjustment.subscription_id,
        adjustment_id=adjustment.id,
    )
    # A percentage has no tax of its own: it is taxed like the lines that it is of (see _by_tax).
    if adjustment.percent is None:
        tax = treatment_of(adjustment.tax_code, ground.tax_rules, on=_taxed_on(facts, adjustment))
        blank = replace(blank, tax=tax)
    lines: list[BillLine] = []
    if adjustment.rest:
        rest = round_half_up(adjustment.rest, ground.digits)
        lines.append(replace(blank, net=rest, text=adjustment.text + CARRIED_OVER))
    if goes_on:
        lines.append(_own(replace(blank, occurrence=adjustment.used + 1), adjustment, others, ground))
    return lines


def _own(blank: BillLine, adjustment: AdjustmentFacts, others: Sequence[BillLine], ground: Ground) -> BillLine:
    """The line that an adjustment adds each time: its amount, its quantity x price, or its percentage."""
    if adjustment.amount is not None:
        return replace(blank, net=round_half_up(adjustment.amount, ground.digits))
    if adjustment.unit_price is not None:
        net = line_net(adjustment.quantity, adjustment.unit_price, 1, ground.digits)
        return replace(blank, net=net, quantity=adjustment.quantity, unit_price=adjustment.unit_price)
    assert adjustment.percent is not None, f"{adjustment} has no amount"
    base = sum((line.net for line in _in_scope(adjustment, others)), Decimal(0))
    return replace(blank, net=percentage(base, adjustment.percent, ground.digits))


def _goes_on(adjustment: AdjustmentFacts, facts: BillingFacts) -> bool:
    """Whether this bill is one of those that the adjustment is for."""
    due = [
        subscription.id
        for subscription in facts.subscriptions
        if any(period.occasion in DUE for period in subscription.periods)
    ]
    return (
        adjustment.starts_on <= facts.billing_on
        and (adjustment.until is None or facts.billing_on < adjustment.until)
        and (adjustment.times is None or adjustment.used < adjustment.times)
        and (adjustment.subscription_id is None or adjustment.subscription_id in due)
    )


def _in_scope(adjustment: AdjustmentFacts, others: Sequence[BillLine]) -> list[BillLine]:
    """The lines that a percentage is of: its subscription's, or the bill's; adjustments never, so none compounds."""
    return [line for line in others if adjustment.subscription_id in (None, line.subscription_id)]


def _taxed_on(facts: BillingFacts, adjustment: AdjustmentFacts) -> date:
    """The day whose tax rate an adjustment takes: the last one charged among the periods that it stands beside."""
    served = [
        (subscription.id, due.served.last_day)
        for subscription in facts.subscriptions
        for due in subscription.periods
        if due.served is not None
    ]
    beside = [day for subscription_id, day in served if adjustment.subscription_id in (None, subscription_id)]
    return max(beside or [day for _, day in served], default=facts.billing_on)


def _cut(line: BillLine, net: Decimal) -> BillLine:
    """A discount of which the bill can bear a part only: no longer quantity x price, but one of that amount."""
    return replace(line, net=net, quantity=Decimal(1), unit_price=None)


def _by_tax(
    facts: BillingFacts, adjustment: AdjustmentFacts, line: BillLine, others: Sequence[BillLine]
) -> list[BillLine]:
    """A percentage is taxed like the lines that it is of: one line per tax group, by largest remainder."""
    if adjustment.percent is None:
        return [line]
    bases: dict[TaxTreatment | None, Decimal] = {}
    for other in _in_scope(adjustment, others):
        bases[other.tax] = bases.get(other.tax, Decimal(0)) + other.net
    if len(bases) < 2 or not line.net:
        return [replace(line, tax=next(iter(bases), others[0].tax))]
    shares = split(Money(line.net, facts.currency), list(bases.values()))
    return [replace(line, net=share.amount, tax=tax) for tax, share in zip(bases, shares, strict=True) if share]
