"""Crediting an issued bill, whole or by its lines: never more than is left, and at the end exactly the whole.

Amounts of a credit are positive, as they stand on paper; a discount of the bill is credited with a negative one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from quarterday.engine.calculate import BillDraft
from quarterday.engine.canonical import plain
from quarterday.engine.facts import TaxTreatment
from quarterday.engine.money import decimals_of, digits_of, round_half_up
from quarterday.engine.tax import TaxGroup, group_key, tax_groups


class NothingToCredit(ValueError):
    """Nothing is left of the bill, or nothing of it was asked for."""


class CreditTooLarge(ValueError):
    """More was asked for than is left of a line, of a tax group, or of the bill."""


@dataclass(frozen=True, slots=True)
class CreditableLine:
    """A line of an issued bill, by its position on it (from 1)."""

    position: int
    text: str
    net: Decimal
    tax: TaxTreatment | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit of an issued bill: lines with what is credited of them, tax groups, sums."""

    lines: tuple[CreditableLine, ...]
    tax: tuple[TaxGroup, ...]
    net: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class IssuedBill:
    """What a credit needs to know of a bill: its lines and tax groups, and its credits so far."""

    currency: str
    lines: tuple[CreditableLine, ...]
    tax: tuple[TaxGroup, ...]
    credits: tuple[Credit, ...] = ()

    @classmethod
    def of(cls, draft: BillDraft) -> IssuedBill:
        """A calculated bill, taken as issued and not credited yet."""
        lines = [
            CreditableLine(position, line.text, line.net, line.tax)
            for position, line in enumerate(draft.lines, start=1)
        ]
        return cls(draft.currency, tuple(lines), draft.tax)

    def left(self) -> dict[int, Decimal]:
        """What is left of each line's net, by position."""
        left = {line.position: line.net for line in self.lines}
        for credit in self.credits:
            for line in credit.lines:
                left[line.position] -= line.net
        return left


def calculate_credit(bill: IssuedBill, amounts: Mapping[int, Decimal] | None = None) -> Credit:
    """Credit a bill: all that is left of it, or net amounts of some of its lines by position.

    The tax of a credit is calculated on its own sums, but the credit that takes the last of a tax group takes all the
    tax that is left of the group; so a bill and its credits cancel to the cent. NothingToCredit, CreditTooLarge.
    """
    if sum(line.net for line in bill.lines) + sum(group.amount for group in bill.tax) <= 0:
        raise NothingToCredit("this bill charges nothing: only a bill with a total above 0 can be credited")
    left = bill.left()
    asked = {position: net for position, net in (left if amounts is None else amounts).items() if net}
    if not asked:
        raise NothingToCredit("nothing of this bill is left to credit" if amounts is None else "no amount is given")
    digits = digits_of(bill.currency)
    for position, net in asked.items():
        _check_line(position, net, left, digits)
    lines = tuple(replace(line, net=asked[line.position]) for line in bill.lines if line.position in asked)
    unfinished = {
        group_key(line.tax)
        for line in bill.lines
        if line.tax is not None and left[line.position] != asked.get(line.position, 0)
    }
    groups = []
    for group in tax_groups(((line.tax, line.net) for line in lines), digits):
        remaining = _remaining(bill, group)
        _check_sum(f"the lines taxed at {plain(group.rate)} % ({group.category})", group.base, remaining.base)
        groups.append(_at_most(group, remaining) if group.key in unfinished else remaining)
    net = sum((line.net for line in lines), Decimal(0))
    total = sum((group.amount for group in groups), net)
    _check_sum("this bill", net, sum(left.values(), Decimal(0)))
    return Credit(lines, tuple(groups), net, total)


def cost_of_days(share: Fraction, so_far: Fraction, before: Decimal, digits: int) -> Decimal:
    """What some more days of a device cost of its share of a charge, `so_far` being the part of all its days with them.

    All that is credited so far is rounded, and not each credit (`before` are those before): all days come to the share
    to the cent. Source: rule 29.
    """
    return round_half_up(share * so_far, digits) - before


def part_of_percentage(net: Decimal, left: Decimal, part: Fraction, digits: int) -> Decimal:
    """What goes back of a percentage's line with a part of what it is of: never more than is left of it."""
    return _within(round_half_up(Fraction(net) * part, digits), left)


def _check_line(position: int, net: Decimal, left: Mapping[int, Decimal], digits: int) -> None:
    if position not in left:
        raise NothingToCredit(f"line {position} is not on this bill, which has lines 1 to {max(left)}")
    if decimals_of(net) > digits:
        raise CreditTooLarge(f"line {position}: {net} is finer than the currency's {digits} decimals")
    _check_sum(f"line {position}", net, left[position])


def _check_sum(what: str, credited: Decimal, left: Decimal) -> None:
    """A credit lies between nothing and what is left, on the same side of zero."""
    if not min(left, Decimal(0)) <= credited <= max(left, Decimal(0)):
        raise CreditTooLarge(f"{credited} cannot be credited: {left} is left of {what}")


def _remaining(bill: IssuedBill, group: TaxGroup) -> TaxGroup:
    """What the credits so far have left of a tax group of the bill."""
    [issued] = [each for each in bill.tax if each.key == group.key]
    spent = [each for credit in bill.credits for each in credit.tax if each.key == group.key]
    return replace(
        issued,
        base=issued.base - sum(each.base for each in spent),
        amount=issued.amount - sum(each.amount for each in spent),
        components=tuple(
            replace(part, amount=part.amount - sum(each.components[i].amount for each in spent))
            for i, part in enumerate(issued.components)
        ),
    )


def _at_most(group: TaxGroup, remaining: TaxGroup) -> TaxGroup:
    """The group with no more tax than remains: roundings of many small credits can add up to more than the bill's."""
    if not group.components:
        return replace(group, amount=_within(group.amount, remaining.amount))
    components = tuple(
        replace(part, amount=_within(part.amount, left.amount))
        for part, left in zip(group.components, remaining.components, strict=True)
    )
    return replace(group, components=components, amount=sum((part.amount for part in components), Decimal(0)))


def _within(amount: Decimal, left: Decimal) -> Decimal:
    return min(max(amount, min(left, Decimal(0))), max(left, Decimal(0)))
