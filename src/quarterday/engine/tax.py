"""Tax: a line's code becomes a treatment, and the lines of one treatment are taxed once, on their sum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from quarterday.engine.facts import TaxComponent, TaxRule, TaxTreatment
from quarterday.engine.money import round_half_up

GroupKey = tuple[str, Decimal, tuple[TaxComponent, ...]]
"""What lines must share to be taxed together: category, rate and components."""


class NoTaxRule(ValueError):
    """No rule says how a tax code is taxed for this customer on a day."""


@dataclass(frozen=True, slots=True)
class ComponentAmount:
    """What one component of a tax comes to: GST 5 % on 140.00 is 7.00."""

    component: TaxComponent
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """All lines of one category and rate: the sum of their nets, and the tax on that sum."""

    category: str
    rate: Decimal
    base: Decimal
    amount: Decimal
    reason: str = ""
    components: tuple[ComponentAmount, ...] = ()

    @property
    def key(self) -> GroupKey:
        """What its lines share."""
        return self.category, self.rate, tuple(part.component for part in self.components)


def group_key(treatment: TaxTreatment) -> GroupKey:
    """The group that a line so treated belongs to."""
    return treatment.category, treatment.rate, treatment.components


def treatment_of(code: str | None, rules: Sequence[TaxRule], *, on: date) -> TaxTreatment | None:
    """How a tax code is treated on a day: its latest rule that has begun. NoTaxRule if there is none.

    Without a code there is no tax to calculate: None.
    """
    if code is None:
        return None
    begun = [rule for rule in rules if rule.code == code and rule.effective_on <= on]
    if not begun:
        raise NoTaxRule(f"tax code {code!r} has no rule for this customer on {on}: add one that begins by then")
    return max(begun, key=lambda rule: rule.effective_on).treatment


def tax_groups(nets: Iterable[tuple[TaxTreatment | None, Decimal]], digits: int) -> tuple[TaxGroup, ...]:
    """The tax of lines, once per category and rate on the sum of their nets, in the order of their first lines.

    Reasons of one group are printed together. Lines without a treatment are in no group.
    """
    bases: dict[GroupKey, Decimal] = {}
    reasons: dict[GroupKey, dict[str, None]] = {}
    for treatment, net in nets:
        if treatment is None:
            continue
        key = group_key(treatment)
        bases[key] = bases.get(key, Decimal(0)) + net
        if treatment.reason:
            reasons.setdefault(key, {})[treatment.reason] = None
    return tuple(
        _group(*key, base=base, reason="; ".join(reasons.get(key, ())), digits=digits) for key, base in bases.items()
    )


def percentage(base: Decimal, rate: Decimal, digits: int) -> Decimal:
    """So many percent of an amount, rounded half up: 19 % of 244.00 is 46.36."""
    return round_half_up(Fraction(base) * Fraction(rate) / 100, digits)


def _group(
    category: str, rate: Decimal, components: tuple[TaxComponent, ...], *, base: Decimal, reason: str, digits: int
) -> TaxGroup:
    parts = tuple(ComponentAmount(part, percentage(base, part.rate, digits)) for part in components)
    # Each component is a tax of its own on paper, so it is rounded on its own and the group is their sum.
    amount = sum((part.amount for part in parts), Decimal(0)) if parts else percentage(base, rate, digits)
    return TaxGroup(category, rate, base, amount, reason, parts)
