"""Why one bill differs from another: named reasons that add up to the difference, to the cent.

The earlier bill is turned into the later one step by step: what comes from periods in `bridge_steps`, then other
charges, differences of earlier periods, and tax. After each step the bill is priced again by the engine's own rules,
and what the step changed is the amount of its reason. Every figure on the way is a sum of rounded lines, so no rounding
is left over that would need a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from quarterday.engine.bridge_steps import NOTHING, Charged, Reason, ReasonKind, charged_by, steps, without
from quarterday.engine.calculate import calculate_bill
from quarterday.engine.credits import Credit
from quarterday.engine.facts import FIRST_CHARGES, BillingFacts, TaxTreatment
from quarterday.engine.lines import BillLine, Ground, ground_of
from quarterday.engine.money import MixedCurrencies, digits_of
from quarterday.engine.tax import tax_groups

_KINDS: dict[str, ReasonKind] = {"true_up": "true_up", "catch_up": "catch_up", "credit": "credit"}


@dataclass(frozen=True, slots=True)
class Bridge:
    """From one bill's total to another's. A credit note's total is below 0."""

    currency: str
    earlier: Decimal
    later: Decimal
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        told = sum(reason.amount for reason in self.reasons)
        assert told == self.difference, f"reasons of {told} do not explain a difference of {self.difference}"

    @property
    def difference(self) -> Decimal:
        """How much more the later bill is."""
        return self.later - self.earlier


def bridge(
    earlier: BillingFacts | Credit,
    later: BillingFacts | Credit,
    *,
    currency: str,
    continues: Mapping[str, str] = MappingProxyType({}),
    replaced_by: Mapping[str, str] = MappingProxyType({}),
) -> Bridge:
    """The reasons why `later` comes to another total than `earlier`; a credit by hand has no facts, so it is a Credit.

    `continues` maps a subscription to the one that it took over from, `replaced_by` a device to its successor, as
    known by now: neither a moved plan nor a new machine on the same desk is news of its own. MixedCurrencies.
    """
    before, after = _Bill.of(earlier, currency), _Bill.of(later, currency)
    reasons = [
        *_recurring(before, after, digits_of(currency), continues, replaced_by),
        *_other_lines(before, after),
        *_taxes(before, after, digits_of(currency)),
    ]
    return Bridge(currency, before.total, after.total, tuple(reasons))


@dataclass(frozen=True, slots=True)
class _Bill:
    """A bill as it is compared: its lines, below 0 where they credit, and what it depends on."""

    facts: BillingFacts | None
    lines: tuple[BillLine, ...]
    net: Decimal
    total: Decimal

    @classmethod
    def of(cls, given: BillingFacts | Credit, currency: str) -> _Bill:
        if isinstance(given, Credit):
            lines = [BillLine("credit", line.text, -line.net) for line in given.lines]
            return cls(None, tuple(lines), -given.net, -given.total)
        if given.currency != currency:
            raise MixedCurrencies(
                f"a bill in {given.currency} cannot be compared in {currency}: take two in one currency"
            )
        draft = calculate_bill(given)
        return cls(given, draft.lines, draft.net, draft.total)

    @property
    def plans(self) -> dict[str, str]:
        """The plans of its subscriptions."""
        return {each.id: each.plan for each in self.facts.subscriptions} if self.facts else {}

    @property
    def taxed(self) -> list[tuple[BillLine, bool]]:
        """The lines, each with whether it is taxed by the rules of the bill's day.

        A difference keeps the tax of what it corrects, and so does the part of a percentage that is of differences.
        """
        kept = {line.tax for line in self.lines if line.kind in _KINDS}
        kept -= {line.tax for line in self.lines if line.kind in FIRST_CHARGES}
        percentages = {each.id for each in self.facts.adjustments if each.percent is not None} if self.facts else set()
        return [
            (line, line.kind not in _KINDS and (line.adjustment_id not in percentages or line.tax not in kept))
            for line in self.lines
        ]

    @property
    def tax(self) -> Decimal:
        """All its tax."""
        return self.total - self.net


def _recurring(
    before: _Bill, after: _Bill, digits: int, continues: Mapping[str, str], replaced_by: Mapping[str, str]
) -> Iterator[Reason]:
    """What comes from the periods charged for the first time, plan by plan."""
    left = _charged(before, digits, replaced_by)
    for charged in _charged(after, digits, replaced_by).values():
        earlier = left.pop(_ancestor(charged.subscription_id, left, continues), None)
        yield from steps(earlier, charged, digits)
    for charged in left.values():
        yield from steps(charged, None, digits)


def _charged(bill: _Bill, digits: int, replaced_by: Mapping[str, str]) -> dict[str, Charged]:
    """What each subscription of a bill is charged for periods that are due for the first time."""
    if bill.facts is None:
        return {}
    ground, replaced = ground_of(bill.facts), {**bill.facts.replaced_by, **replaced_by}
    excepted = [each.device_id for each in bill.facts.exceptions]
    found = {}
    for subscription in bill.facts.subscriptions:
        charged = charged_by(subscription, ground, replaced)
        if charged is not None:
            if excepted or subscription.paused:
                charged = without(charged, charged_by(subscription, _with_everybody(bill.facts), replaced), excepted)
            found[subscription.id] = charged
    net = sum(line.net for line in bill.lines if line.kind in FIRST_CHARGES)
    priced = sum(charged.net(digits) for charged in found.values())
    assert priced == net, f"what is charged comes to {priced}, its lines to {net}"
    return found


def _with_everybody(facts: BillingFacts) -> Ground:
    """The ground as it would be if nobody were excepted or paused."""
    return ground_of(
        replace(facts, exceptions=(), subscriptions=tuple(replace(s, paused=()) for s in facts.subscriptions))
    )


def _ancestor(subscription_id: str, known: Mapping[str, Charged], continues: Mapping[str, str]) -> str:
    """The subscription on the earlier bill that this one is or goes on from; itself if there is none."""
    at: str | None = subscription_id
    while at is not None and at not in known:
        at = continues.get(at)
    return subscription_id if at is None else at


def _other_lines(before: _Bill, after: _Bill) -> Iterator[Reason]:
    """Other charges and discounts one by one; true-ups, catch-ups and credits by plan."""
    was, now = _summed(before.lines), _summed(after.lines)
    plans = {**before.plans, **after.plans}
    for key in dict.fromkeys([*now, *was]):
        kind, subscription_id, adjustment_id = key
        old, new = was[key].net if key in was else NOTHING, now[key].net if key in now else NOTHING
        text = (now.get(key) or was[key]).text if adjustment_id is not None else ""
        plan = plans.get(subscription_id, "") if subscription_id is not None else ""
        if new != old:
            yield Reason(kind, new - old, subscription_id, plan, text=text, was=(old,), now=(new,))


def _summed(lines: Iterable[BillLine]) -> dict[tuple[ReasonKind, str | None, str | None], BillLine]:
    """The lines that charge no period for the first time: one for each adjustment, and for each kind and plan."""
    found: dict[tuple[ReasonKind, str | None, str | None], BillLine] = {}
    for line in lines:
        if line.kind not in FIRST_CHARGES:
            key = (_KINDS.get(line.kind, "adjustment"), line.subscription_id, line.adjustment_id)
            found[key] = replace(line, net=line.net + found[key].net) if key in found else line
    return found


def _taxes(before: _Bill, after: _Bill, digits: int) -> Iterator[Reason]:
    """What another treatment does to the tax, with the later bill's lines; the rest of the tax follows the amounts."""
    old = {line.tax.code: line.tax for line, is_now in before.taxed if line.tax is not None and is_now}
    anew: list[tuple[TaxTreatment | None, Decimal]] = [
        (old.get(line.tax.code, line.tax) if line.tax is not None and is_now else line.tax, line.net)
        for line, is_now in after.taxed
    ]
    as_before = _tax(anew, digits)
    by_rate = _tax(((line.tax, line.net) for line in after.lines), digits) - as_before
    if by_rate:
        yield Reason("tax_rate", by_rate)
    if rest := after.tax - before.tax - by_rate:
        yield Reason("tax", rest, was=(before.tax,), now=(after.tax,))


def _tax(nets: Iterable[tuple[TaxTreatment | None, Decimal]], digits: int) -> Decimal:
    return sum((group.amount for group in tax_groups(nets, digits)), NOTHING)
