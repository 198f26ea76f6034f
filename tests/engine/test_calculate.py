"""A bill from facts: what the tables know and a scenario file does not tell."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from quarterday.engine.calculate import calculate_bill
from quarterday.engine.facts import (
    AdjustmentFacts,
    DeviceException,
    FlatFee,
    PeriodDue,
    PriceOverride,
    TaxComponent,
    TaxTreatment,
)
from quarterday.engine.periods import Period
from quarterday.engine.tax import NoTaxRule
from quarterday.engine.terms import NoTerms
from tests.engine.draw import draw
from tests.engine.facts_of import APRIL, billed_by, facts_of, rule, sentences, unit, version

ONE_PC = draw("PC-1 #>", start=APRIL.start)
MID_APRIL = date(2026, 4, 16)


# --- Negotiated prices --------------------------------------------------------------------------------------------


def test_a_subscriptions_own_price_replaces_its_plans_from_its_day_on() -> None:
    facts = facts_of(
        draw("PC-1 #>\nSRV-1 server #>", start=APRIL.start),
        prices={"computer": unit("30.00"), "server": unit("90.00")},
        subscription={"overrides": (PriceOverride(MID_APRIL, {"computer": unit("20.00")}),)},
    )

    assert sentences(calculate_bill(facts)) == [
        "usage computer: 1 x 30.00 x 1/2 = 15.00",
        "usage computer: 1 x 20.00 x 1/2 = 10.00",
        "usage server: 1 x 90.00 = 90.00",
    ]


def test_a_negotiated_price_stays_when_the_plan_is_raised() -> None:
    facts = facts_of(
        draw("PC-1 #>\nSRV-1 server #>", start=APRIL.start),
        versions=(
            version({"computer": unit("30.00"), "server": unit("90.00")}),
            version({"computer": unit("35.00"), "server": unit("99.00")}, on=APRIL.start),
        ),
        subscription={"overrides": (PriceOverride(date(2026, 1, 1), {"computer": unit("20.00")}),)},
    )

    assert sentences(calculate_bill(facts)) == ["usage computer: 1 x 20.00 = 20.00", "usage server: 1 x 99.00 = 99.00"]


def test_a_later_override_replaces_only_the_classes_that_it_names() -> None:
    overrides = (
        PriceOverride(date(2026, 1, 1), {"computer": unit("20.00"), "server": unit("80.00")}),
        PriceOverride(date(2026, 3, 1), {"computer": unit("21.00")}),
    )
    facts = facts_of(
        draw("PC-1 #>\nSRV-1 server #>", start=APRIL.start),
        prices={"computer": unit("30.00"), "server": unit("90.00")},
        subscription={"overrides": overrides},
    )

    assert sentences(calculate_bill(facts)) == ["usage computer: 1 x 21.00 = 21.00", "usage server: 1 x 80.00 = 80.00"]


def test_an_override_can_change_the_flat_fee_alone_and_even_to_nothing() -> None:
    free = PriceOverride(MID_APRIL, flat_fee=FlatFee(Decimal(0)))
    facts = facts_of(ONE_PC, prices={"computer": unit("30.00")}, fee="10.00", subscription={"overrides": (free,)})

    assert sentences(calculate_bill(facts)) == [
        "usage computer: 1 x 30.00 = 30.00",
        "flat_fee gold, flat fee: 1 x 10.00 x 1/2 = 5.00",
    ]


def test_an_override_for_the_next_period_waits_for_it() -> None:
    waits = PriceOverride(MID_APRIL, {"computer": unit("20.00")}, applies="next_period")
    facts = facts_of(ONE_PC, prices={"computer": unit("30.00")}, subscription={"overrides": (waits,)})

    assert sentences(calculate_bill(facts)) == ["usage computer: 1 x 30.00 = 30.00"]


def test_a_period_before_the_plans_first_version_is_refused() -> None:
    facts = facts_of(ONE_PC, versions=(version({"computer": unit("30.00")}, on=MID_APRIL),))

    with pytest.raises(NoTerms, match="no terms yet on 2026-04-01"):
        calculate_bill(facts)


# --- Devices ------------------------------------------------------------------------------------------------------


def test_excepted_days_are_not_charged() -> None:
    facts = facts_of(
        draw("PC-1 #>\nPC-2 #>", start=APRIL.start),
        prices={"computer": unit("30.00")},
        subscription={"counting": "prorated"},
        exceptions=(
            DeviceException("PC-2", Period(date(2026, 4, 3), date(2026, 4, 8))),
            DeviceException("PC-2", Period(date(2026, 4, 6), date(2026, 4, 13))),
        ),
    )

    [line] = calculate_bill(facts).lines
    assert line.quantity == 50
    assert line.devices == (("PC-1", 30), ("PC-2", 20))


def test_a_device_excepted_on_the_last_day_is_not_counted_at_its_end() -> None:
    facts = facts_of(
        draw("PC-1 #>\nPC-2 #>", start=APRIL.start),
        prices={"computer": unit("30.00")},
        exceptions=(DeviceException("PC-2", Period.since(date(2026, 4, 30))),),
    )

    assert sentences(calculate_bill(facts)) == ["usage computer: 1 x 30.00 = 30.00"]


def test_a_replaced_device_counts_as_one_with_its_successor() -> None:
    stays = draw(
        """
            PC-OLD  ################..............
            PC-NEW  ..............################
        """,
        start=APRIL.start,
    )
    prices = {"computer": unit("30.00")}

    def counted(rule: str, **facts: Any) -> list[str]:
        return sentences(calculate_bill(facts_of(stays, prices=prices, subscription={"counting": rule}, **facts)))

    assert counted("any_day") == ["usage computer: 2 x 30.00 = 60.00"]
    assert counted("any_day", replaced_by={"PC-OLD": "PC-NEW"}) == ["usage computer: 1 x 30.00 = 30.00"]
    assert counted("peak", replaced_by={"PC-OLD": "PC-NEW"}) == ["usage computer: 1 x 30.00 = 30.00"]
    assert counted("prorated", replaced_by={"PC-OLD": "PC-NEW"}) == ["usage computer: 30 x 30.00 / 30 = 30.00"]


# --- Tax ----------------------------------------------------------------------------------------------------------


def test_tax_components_are_rounded_each_and_the_group_is_their_sum() -> None:
    """140.00 in Quebec: GST 5 % is 7.00, QST 9.975 % is 13.965, so 13.97."""
    quebec = TaxTreatment(
        "S",
        Decimal("14.975"),
        components=(TaxComponent("GST", Decimal(5)), TaxComponent("QST", Decimal("9.975"))),
    )
    facts = facts_of(
        draw("PC-1 #>", start=APRIL.start),
        prices={"computer": unit("140.00", tax_code="std")},
        currency="CAD",
        tax_rules=(rule("std", quebec),),
    )

    draft = calculate_bill(facts)

    [group] = draft.tax
    assert [(part.component.name, part.amount) for part in group.components] == [
        ("GST", Decimal("7.00")),
        ("QST", Decimal("13.97")),
    ]
    assert (group.amount, draft.total) == (Decimal("20.97"), Decimal("160.97"))


def test_lines_are_taxed_once_per_category_and_rate_and_reasons_are_carried() -> None:
    exempt = TaxTreatment("E", Decimal(0), "Exempt: insurance")
    facts = facts_of(
        draw("PC-1 #>\nSRV-1 server #>\nTAB-1 mobile #>", start=APRIL.start),
        prices={
            "computer": unit("0.03", tax_code="std"),
            "server": unit("0.03", tax_code="std"),
            "mobile": unit("50.00", tax_code="ins"),
        },
        tax_rules=(rule("std"), rule("ins", exempt)),
    )

    draft = calculate_bill(facts)

    assert [(group.category, group.base, group.amount, group.reason) for group in draft.tax] == [
        ("S", Decimal("0.06"), Decimal("0.01"), ""),
        ("E", Decimal("50.00"), Decimal("0.00"), "Exempt: insurance"),
    ]
    assert (draft.net, draft.tax_total, draft.total) == (Decimal("50.06"), Decimal("0.01"), Decimal("50.07"))


def test_the_rate_of_the_periods_last_day_counts() -> None:
    raised = (rule("std"), rule("std", TaxTreatment("S", Decimal(21)), on=date(2026, 4, 30)))
    late = (rule("std"), rule("std", TaxTreatment("S", Decimal(21)), on=date(2026, 5, 1)))
    facts = facts_of(ONE_PC, prices={"computer": unit("100.00", tax_code="std")})

    assert calculate_bill(replace(facts, tax_rules=raised)).total == Decimal("121.00")
    assert calculate_bill(replace(facts, tax_rules=late)).total == Decimal("119.00")


def test_a_tax_code_without_a_rule_is_refused_not_untaxed() -> None:
    facts = facts_of(ONE_PC, prices={"computer": unit("100.00", tax_code="std")})

    with pytest.raises(NoTaxRule, match="'std'"):
        calculate_bill(facts)


# --- Adjustments --------------------------------------------------------------------------------------------------


def adjustment(**fields: object) -> AdjustmentFacts:
    return AdjustmentFacts(**{"id": "a", "text": "Loyalty", "starts_on": date(2026, 1, 1)} | fields)  # type: ignore[arg-type]


def test_a_percentage_is_split_over_tax_groups_by_largest_remainder() -> None:
    """5 % of 20.40 are 1.02. Rounded by group they would be 0.51 and 0.52: a cent too much."""
    reduced = TaxTreatment("S", Decimal(7))
    facts = facts_of(
        draw("PC-1 #>\nSRV-1 server #>", start=APRIL.start),
        prices={"computer": unit("10.10", tax_code="std"), "server": unit("10.30", tax_code="low")},
        adjustments=(adjustment(percent=Decimal(-5)),),
        tax_rules=(rule("std"), rule("low", reduced)),
    )

    draft = calculate_bill(facts)

    assert [(line.net, line.tax and line.tax.rate) for line in draft.lines[2:]] == [
        (Decimal("-0.51"), Decimal(19)),
        (Decimal("-0.51"), Decimal(7)),
    ]
    assert [(group.rate, group.base) for group in draft.tax] == [
        (Decimal(19), Decimal("9.59")),
        (Decimal(7), Decimal("9.79")),
    ]
    assert [use.occurrence for use in draft.adjustments] == [1]


def test_an_amount_is_taxed_by_its_own_code() -> None:
    facts = facts_of(
        ONE_PC,
        prices={"computer": unit("100.00", tax_code="std")},
        adjustments=(adjustment(amount=Decimal(50), tax_code="low"),),
        tax_rules=(rule("std"), rule("low", TaxTreatment("S", Decimal(7)))),
    )

    assert [group.amount for group in calculate_bill(facts).tax] == [Decimal("19.00"), Decimal("3.50")]


def test_a_percentage_needs_no_tax_code_and_one_of_nothing_is_taxed_like_the_bill() -> None:
    other = replace(facts_of(ONE_PC, fee="10.00").subscriptions[0], id="other", versions=(version(),))
    [gold] = facts_of(ONE_PC, prices={"computer": unit("100.00", tax_code="std")}).subscriptions
    facts = facts_of(
        ONE_PC,
        subscriptions=(gold, other),
        adjustments=(adjustment(percent=Decimal(-5), subscription_id="other"),),
        tax_rules=(rule("std"),),
    )

    draft = calculate_bill(facts)

    assert (draft.lines[1].net, draft.lines[1].tax) == (0, draft.lines[0].tax)


def test_an_adjustment_that_waits_needs_no_tax_rule_yet() -> None:
    later = adjustment(amount=Decimal(5), starts_on=date(2027, 1, 1), tax_code="new")

    assert calculate_bill(facts_of(ONE_PC, fee="10.00", adjustments=(later,))).net == Decimal("10.00")


def test_each_use_of_an_adjustment_names_its_occurrence_and_the_rest_it_leaves() -> None:
    facts = facts_of(
        ONE_PC,
        prices={"computer": unit("30.00")},
        adjustments=(
            adjustment(id="a", amount=Decimal(-100), times=3, used=1, rest=Decimal("-20.00")),
            adjustment(id="b", amount=Decimal(-5), times=1, used=1),
            adjustment(id="c", amount=Decimal(-5), times=1, used=1, rest=Decimal("-1.00")),
        ),
    )

    draft = calculate_bill(facts)

    assert [(use.adjustment_id, use.occurrence, use.rest) for use in draft.adjustments] == [
        ("a", 2, Decimal("-90.00")),
        ("c", None, Decimal("-1.00")),
    ]
    assert [(line.adjustment_id, line.occurrence, line.net) for line in draft.lines[1:]] == [
        ("a", None, Decimal("-20.00")),
        ("a", 2, Decimal("-10.00")),
        ("c", None, Decimal("0.00")),
    ]


# --- The draft ----------------------------------------------------------------------------------------------------


def test_a_bill_without_a_cent_is_empty_and_has_no_lines() -> None:
    draft = calculate_bill(facts_of(adjustments=(adjustment(amount=Decimal(5)),), prices={"computer": unit("30.00")}))

    assert (draft.outcome, draft.lines, draft.total, draft.adjustments) == ("empty", (), 0, ())


def test_a_settlement_and_the_next_period_stand_on_one_bill() -> None:
    stays = draw("PC-1 #>\nPC-2 .....#>", start=APRIL.start)
    prices = {"computer": unit("30.00")}
    in_advance = {"timing": "advance", "counting": "at_end"}
    first = calculate_bill(facts_of(stays, prices=prices, subscription=in_advance, billing_on=APRIL.start))
    may = Period(date(2026, 5, 1), date(2026, 6, 1))
    periods = (PeriodDue(APRIL, APRIL, "settlement", billed_by(first)), PeriodDue(may, may))
    second = calculate_bill(facts_of(stays, prices=prices, subscription=in_advance, periods=periods))

    assert sentences(second) == ["true_up computer: 1 x 30.00 = 30.00", "usage computer: 2 x 30.00 = 60.00"]
    assert second.corrects == ("INV-1",)


def test_the_digest_depends_on_the_content_alone() -> None:
    facts = facts_of(draw("PC-1 #>\nPC-2 #>", start=APRIL.start), prices={"computer": unit("30.00")})
    reordered = replace(facts, stays=facts.stays[::-1], billing_on=facts.billing_on)
    longer_known = replace(facts, names={"PC-1": "Reception"})

    digest = calculate_bill(facts).content_digest

    assert len(digest) == 64
    assert calculate_bill(reordered).content_digest == digest
    assert calculate_bill(longer_known).content_digest == digest
    assert calculate_bill(replace(facts, billing_on=APRIL.end + timedelta(days=1))).content_digest != digest


def test_the_days_to_pay_are_those_of_what_is_due_and_not_of_a_late_difference_beside_it() -> None:
    """Gold is due and has 14 days to pay; of silver, which has 60, a device was learned late."""
    prices = {"computer": unit("30.00")}
    [gold] = facts_of(prices=prices).subscriptions
    late = PeriodDue(APRIL, APRIL, "late", billed_by(calculate_bill(facts_of(ONE_PC, prices=prices))))
    silver = replace(gold, id="silver", periods=(late,), due_days=60)
    two_pcs = draw("PC-1 #>\nPC-2 #>", start=APRIL.start)

    assert calculate_bill(facts_of(two_pcs, subscriptions=(gold, silver))).due_days == 14
    assert calculate_bill(facts_of(two_pcs, subscriptions=(silver,))).due_days == 60
    assert calculate_bill(facts_of(two_pcs, subscriptions=(gold, replace(gold, id="pro", due_days=21)))).due_days == 21


def test_a_bill_of_no_subscription_charges_nothing_and_has_no_days_to_pay() -> None:
    draft = calculate_bill(replace(facts_of(ONE_PC), subscriptions=()))

    assert (draft.outcome, draft.total, draft.due_days) == ("empty", Decimal(0), 0)


def test_devices_that_cost_nothing_make_no_bill() -> None:
    draft = calculate_bill(facts_of(ONE_PC, prices={"computer": unit("0.00")}))

    assert (draft.outcome, draft.lines, draft.tax) == ("empty", (), ())
