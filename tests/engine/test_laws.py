"""What is true of every bill, searched for a counterexample."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quarterday.engine.calculate import BillDraft, calculate_bill
from quarterday.engine.credits import Credit, IssuedBill, calculate_credit
from quarterday.engine.facts import (
    AdjustmentFacts,
    BillingFacts,
    ClassPrice,
    FlatFee,
    PeriodDue,
    PlanVersion,
    SubscriptionFacts,
    TaxComponent,
    TaxTreatment,
    Tier,
    Tiers,
)
from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import Period
from quarterday.engine.presence import Stay
from quarterday.engine.stored_facts import facts_from_bytes, facts_to_bytes
from tests.engine.facts_of import APRIL, billed_by, facts_of, rule, version

laws = settings(max_examples=10, deadline=None)

CLASSES = ("computer", "server", "mobile")
TAXES = (
    rule("std", TaxTreatment("S", Decimal(19))),
    rule("low", TaxTreatment("S", Decimal("8.1"))),
    rule("rc", TaxTreatment("AE", Decimal(0), "Reverse charge")),
    rule(
        "qc",
        TaxTreatment(
            "S", Decimal("14.975"), "", (TaxComponent("GST", Decimal(5)), TaxComponent("QST", Decimal("9.975")))
        ),
    ),
)

prices = st.decimals(min_value=0, max_value=200, places=3)
codes = st.sampled_from([tax_rule.code for tax_rule in TAXES])
days_of_april = st.integers(0, 29).map(lambda n: APRIL.start + timedelta(days=n))


@st.composite
def class_prices(draw: st.DrawFn) -> ClassPrice:
    terms: dict[str, Any] = {
        "minimum": draw(st.integers(0, 4)),
        "included": draw(st.integers(0, 3)),
        "tax_code": draw(codes),
    }
    if draw(st.booleans()):
        return ClassPrice(draw(prices), **terms)
    bounds = sorted(draw(st.sets(st.integers(1, 9), max_size=3)))
    steps = [Tier(bound, draw(prices)) for bound in (*bounds, None)]
    return ClassPrice(tiers=Tiers(draw(st.sampled_from(["graduated", "volume"])), tuple(steps)), **terms)


@st.composite
def versions_of_a_plan(draw: st.DrawFn) -> tuple[PlanVersion, ...]:
    def one(on: date) -> PlanVersion:
        named = draw(st.sets(st.sampled_from(CLASSES), min_size=1))
        fee = FlatFee(draw(prices), draw(codes))
        return PlanVersion(on, {name: draw(class_prices()) for name in sorted(named)}, fee)

    return one(date(2020, 1, 1)), *(one(day) for day in sorted(draw(st.sets(days_of_april, max_size=2))))


@st.composite
def fleets(draw: st.DrawFn) -> tuple[Stay, ...]:
    stays = []
    for n in range(draw(st.integers(0, 8))):
        start = draw(days_of_april)
        present = Period(start, start + timedelta(days=draw(st.integers(1, 40))))
        stays.append(Stay(f"PC-{n}", draw(st.sampled_from(CLASSES)), present))
    return tuple(stays)


@st.composite
def adjustments(draw: st.DrawFn, digits: int = 2) -> tuple[AdjustmentFacts, ...]:
    found = []
    for n in range(draw(st.integers(0, 4))):
        form = draw(st.sampled_from(["amount", "percent", "unit_price"]))
        asked: dict[str, Any] = {form: draw(st.decimals(-100, 100, places=0 if form == "amount" else 3))}
        rest = draw(st.sampled_from([Decimal(0), Decimal(-7)]))
        found.append(AdjustmentFacts(str(n), f"No. {n}", date(2026, 1, 1), **asked, rest=rest, tax_code=draw(codes)))
    return tuple(found)


@st.composite
def all_facts(draw: st.DrawFn) -> BillingFacts:
    terms = {
        "counting": draw(st.sampled_from(["at_end", "at_start", "peak", "any_day", "prorated"])),
        "timing": draw(st.sampled_from(["arrears", "advance"])),
        "final_period": draw(st.sampled_from(["prorated", "full"])),
    }
    served = Period(APRIL.start, draw(days_of_april) + timedelta(days=1))
    return facts_of(
        draw(fleets()),
        versions=draw(versions_of_a_plan()),
        periods=(PeriodDue(served, APRIL),),
        subscription=terms,
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        adjustments=draw(adjustments()),
        tax_rules=TAXES,
    )


def settled(facts: BillingFacts, draft: BillDraft, **periods: Any) -> BillingFacts:
    """The facts of the bill that settles what a bill charged."""
    [gold] = facts.subscriptions
    [due] = gold.periods
    due = replace(due, billed=billed_by(draft), **periods)
    return replace(facts, subscriptions=(replace(gold, periods=(due,)),), adjustments=())


@laws
@given(all_facts())
def test_lines_sum_to_totals_as_en_16931_has_it(facts: BillingFacts) -> None:
    draft = calculate_bill(facts)
    digits = digits_of(facts.currency)

    assert sum(line.net for line in draft.lines) == draft.net
    assert sum(group.base for group in draft.tax) == draft.net
    assert sum(group.amount for group in draft.tax) == draft.tax_total
    assert draft.net + draft.tax_total == draft.total
    for group in draft.tax:
        rates = [part.component.rate for part in group.components] or [group.rate]
        assert group.amount == sum(round_half_up(Fraction(group.base) * Fraction(rate) / 100, digits) for rate in rates)
    for line in draft.lines:
        assert line.net == round_half_up(line.net, digits)


@laws
@given(all_facts())
def test_discounts_never_take_a_bill_below_zero_and_lose_nothing_but_percentages(facts: BillingFacts) -> None:
    draft = calculate_bill(facts)

    assert draft.net >= 0
    for adjustment in facts.adjustments:
        use = next((use for use in draft.adjustments if use.adjustment_id == adjustment.id), None)
        if use is None or adjustment.percent is not None:
            continue
        asked = adjustment.amount if adjustment.amount is not None else adjustment.unit_price
        assert asked is not None
        given_now = sum(line.net for line in draft.lines if line.adjustment_id == adjustment.id)
        assert given_now + use.rest == adjustment.rest + round_half_up(asked, digits_of(facts.currency))


@laws
@given(all_facts())
def test_stored_facts_give_the_same_bytes(facts: BillingFacts) -> None:
    again = facts_from_bytes(facts_to_bytes(facts))

    assert facts_to_bytes(again) == facts_to_bytes(facts)
    assert calculate_bill(again).content == calculate_bill(facts).content


@laws
@given(all_facts(), st.data())
def test_a_bill_and_its_credits_cancel(facts: BillingFacts, data: st.DataObject) -> None:
    draft = calculate_bill(facts)
    if draft.total <= 0:
        return
    bill = IssuedBill.of(draft)
    credits: list[Credit] = []
    charges = [line.position for line in bill.lines if line.net > 0]
    for position in data.draw(st.lists(st.sampled_from(charges), max_size=3)):
        left = replace(bill, credits=tuple(credits)).left()
        room = min(left[position], sum(left.values(), Decimal(0)) / 4, *(abs(group.base) / 4 for group in bill.tax))
        part = round_half_up(room / 2, digits_of(facts.currency))
        groups_bear_it = all(group.base >= 0 for group in bill.tax) and not facts.adjustments
        if part > 0 and groups_bear_it:
            credits.append(calculate_credit(replace(bill, credits=tuple(credits)), {position: part}))
    if any(replace(bill, credits=tuple(credits)).left().values()):
        credits.append(calculate_credit(replace(bill, credits=tuple(credits))))

    assert sum(credit.net for credit in credits) == draft.net
    assert sum(credit.total for credit in credits) == draft.total


@laws
@given(all_facts())
def test_a_bill_that_knew_everything_leaves_no_difference(facts: BillingFacts) -> None:
    facts = replace(facts, adjustments=())
    [gold] = facts.subscriptions
    facts = replace(facts, subscriptions=(replace(gold, timing="arrears"),))
    draft = calculate_bill(facts)

    assert calculate_bill(settled(facts, draft, occasion="late")).outcome == "empty"


@laws
@given(all_facts())
def test_what_is_billed_in_advance_and_trued_up_is_what_the_rule_charges(facts: BillingFacts) -> None:
    """To a rounding a line: the true-up is rounded as a line of its own."""
    [gold] = facts.subscriptions
    facts = replace(facts, adjustments=())
    by_rule = calculate_bill(replace(facts, subscriptions=(replace(gold, timing="arrears"),)))
    first = calculate_bill(replace(facts, subscriptions=(replace(gold, timing="advance"),)))
    second = calculate_bill(settled(facts, first, occasion="settlement"))

    cent = Decimal(1).scaleb(-digits_of(facts.currency))
    lines = len(first.lines) + len(second.lines) + len(by_rule.lines)
    assert abs(first.net + second.net - by_rule.net) <= cent * lines / 2


@laws
@given(all_facts())
def test_a_credit_of_a_whole_period_takes_back_all_that_it_charged(facts: BillingFacts) -> None:
    facts = replace(facts, adjustments=())
    draft = calculate_bill(facts)
    back = calculate_bill(settled(facts, draft, occasion="ended", served=None))

    cent = Decimal(1).scaleb(-digits_of(facts.currency))
    assert abs(draft.net + back.net) <= cent * len(draft.lines)


@laws
@given(all_facts(), st.sets(days_of_april, max_size=3))
def test_versions_that_change_nothing_change_no_bill(facts: BillingFacts, days: set[date]) -> None:
    [gold] = facts.subscriptions
    first = gold.versions[0]
    plain = replace(facts, subscriptions=(replace(gold, versions=(first,)),))
    repeated = tuple(replace(first, effective_on=day) for day in sorted(days))
    versioned = replace(facts, subscriptions=(replace(gold, versions=(first, *repeated)),))

    assert calculate_bill(versioned).content == calculate_bill(plain).content


@laws
@given(fleets(), prices, prices, st.integers(1, 29))
def test_parts_of_a_period_cost_what_the_whole_costs_where_the_rule_is_linear(
    stays: tuple[Stay, ...], price: Decimal, fee: Decimal, cut: int
) -> None:
    """Device-days and fees are linear: April in two parts is April, to half a cent a line."""
    middle = APRIL.start + timedelta(days=cut)
    plan = (version({name: ClassPrice(price) for name in CLASSES}, fee=str(fee)),)

    def net(*served: Period) -> Decimal:
        gold = SubscriptionFacts(
            "gold",
            "gold",
            APRIL.start,
            plan,
            tuple(PeriodDue(days, APRIL) for days in served),
            counting="prorated",
        )
        return calculate_bill(facts_of(stays, subscriptions=(gold,))).net

    whole = net(APRIL)
    parts = net(Period(APRIL.start, middle), Period(middle, APRIL.end))

    assert abs(whole - parts) <= Decimal("0.005") * 12


@laws
@given(all_facts())
def test_device_days_on_the_lines_are_those_of_the_devices(facts: BillingFacts) -> None:
    """Nothing included, no minimum, one price: the device-days billed are the days present, none lost or doubled."""
    [gold] = facts.subscriptions
    plan = (version({name: ClassPrice(Decimal(1)) for name in CLASSES}),)
    gold = replace(gold, versions=plan, counting="prorated", timing="arrears", final_period="prorated")
    draft = calculate_bill(replace(facts, subscriptions=(gold,), adjustments=(), currency="EUR"))

    [due] = gold.periods
    assert due.served is not None
    overlaps = [stay.present.overlap(due.served) for stay in facts.stays]
    assert sum(line.quantity for line in draft.lines) == sum(days.days for days in overlaps if days is not None)
    for line in draft.lines:
        assert line.devices is not None
        assert sum(days for _, days in line.devices) == line.quantity
