"""The reasons of a bridge, whole: of which plan, from what to what, and what they are called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quarterday.engine.bridge import bridge
from quarterday.engine.bridge_steps import Reason
from quarterday.engine.calculate import calculate_bill
from quarterday.engine.credits import IssuedBill, calculate_credit
from quarterday.engine.facts import (
    AdjustmentFacts,
    BillingFacts,
    ClassPrice,
    PeriodDue,
    SubscriptionFacts,
    TaxTreatment,
    Tier,
    Tiers,
)
from quarterday.engine.periods import Period
from tests.engine.draw import draw
from tests.engine.facts_of import APRIL, billed_by, facts_of, rule, unit, version

D = Decimal
MAY = Period(date(2026, 5, 1), date(2026, 6, 1))
PRICES = {"computer": unit("30.00"), "server": unit("90.00")}


def april(picture: str, **told: Any) -> BillingFacts:
    return facts_of(draw(picture, start=APRIL.start), **{"prices": PRICES, **told})


def may(picture: str, **told: Any) -> BillingFacts:
    periods = (PeriodDue(MAY, MAY),)
    return facts_of(
        draw(picture, start=MAY.start), **{"prices": PRICES, "periods": periods, "billing_on": MAY.end, **told}
    )


def reasons(earlier: Any, later: Any, **how: Any) -> list[Reason]:
    return list(bridge(earlier, later, currency="EUR", **how).reasons)


def of_gold(kind: Any, amount: str, **more: Any) -> Reason:
    return Reason(kind, D(amount), "gold", "gold", **more)


# --- Other charges, differences, tax ------------------------------------------------------------------------------


def discount(amount: str, **more: Any) -> AdjustmentFacts:
    return AdjustmentFacts("7", "Welcome", date(2026, 1, 1), amount=D(amount), times=None, **more)


def test_a_discount_that_went_came_or_changed_is_told_by_its_text_from_what_to_what() -> None:
    plain_april, plain_may = april("PC-1 #>"), may("PC-1 #>")
    with_ten = april("PC-1 #>", adjustments=(discount("-10.00"),))
    with_four = may("PC-1 #>", adjustments=(discount("-4.00"),))

    def told(amount: str, was: str, now: str) -> list[Reason]:
        return [Reason("adjustment", D(amount), text="Welcome", was=(D(was),), now=(D(now),))]

    assert reasons(with_ten, plain_may) == told("10.00", "-10.00", "0")
    assert reasons(plain_april, with_four) == told("-4.00", "0", "-4.00")
    assert reasons(with_ten, with_four) == told("6.00", "-10.00", "-4.00")
    assert reasons(with_four, replace(with_four, adjustments=(discount("-4.00"),))) == []


def test_a_discount_and_what_it_carried_over_are_one_reason() -> None:
    owed = may("PC-1 #>", adjustments=(discount("-4.00", rest=D("-1.50")),))

    assert reasons(april("PC-1 #>", adjustments=(discount("-4.00"),)), owed) == [
        Reason("adjustment", D("-1.50"), text="Welcome", was=(D("-4.00"),), now=(D("-5.50"),))
    ]


def test_a_discount_of_a_plan_names_the_plan_also_when_it_is_on_the_earlier_bill_alone() -> None:
    of_plan = april("PC-1 #>", adjustments=(discount("-10.00", subscription_id="gold"),))

    assert reasons(of_plan, may("PC-1 #>")) == [
        of_gold("adjustment", "10.00", text="Welcome", was=(D("-10.00"),), now=(D(0),))
    ]


def test_differences_of_one_plan_are_one_reason_of_their_kind_without_a_text() -> None:
    late = PeriodDue(APRIL, APRIL, "late", billed_by(calculate_bill(april("PC-1 #>"))))
    stays = tuple(draw("PC-1 #>\nSRV-1 server #>\nPC-2 #>", start=APRIL.start))
    later = replace(may("", periods=(PeriodDue(MAY, MAY), late)), stays=stays)

    assert reasons(replace(may("PC-1 #>"), stays=stays), later) == [
        of_gold("catch_up", "120.00", was=(D(0),), now=(D("120.00"),))
    ]


def test_tax_at_another_rate_is_one_reason_and_the_tax_of_all_others_another() -> None:
    prices = {"computer": unit("100.00", tax_code="std")}
    low, high = TaxTreatment("S", D(19), code="std"), TaxTreatment("S", D(25), code="std")
    before = april("PC-1 #>", prices=prices, tax_rules=(rule("std", low),))
    after = may("PC-1 #>\nPC-2 #>", prices=prices, tax_rules=(rule("std", high),))

    # 100.00 + 19.00 become 200.00 + 50.00: 6 % of 200.00 by the rate, 19 % of the 100.00 for PC-2.
    assert reasons(before, after) == [
        of_gold("came", "100.00", device_class="computer", devices=("PC-2",)),
        Reason("tax_rate", D("12.00")),
        Reason("tax", D("19.00"), was=(D("19.00"),), now=(D("50.00"),)),
    ]
    assert reasons(after, before) == [
        of_gold("went", "-100.00", device_class="computer", devices=("PC-2",)),
        Reason("tax_rate", D("-6.00")),
        Reason("tax", D("-25.00"), was=(D("50.00"),), now=(D("19.00"),)),
    ]


def test_a_difference_keeps_the_tax_of_what_it_corrects_and_is_no_change_of_rate() -> None:
    prices = {"computer": unit("100.00", tax_code="std")}
    rules = (
        rule("std", TaxTreatment("S", D(19), code="std")),
        rule("std", TaxTreatment("S", D(25), code="std"), on=MAY.start),
    )
    told: dict[str, Any] = {"prices": prices, "tax_rules": rules}
    late = PeriodDue(APRIL, APRIL, "late", billed_by(calculate_bill(april("PC-1 #>", **told))))
    stays = tuple(draw("PC-1 #>\nPC-2 #>", start=APRIL.start))
    later = replace(may("", periods=(PeriodDue(MAY, MAY), late), **told), stays=stays)

    # May: 200.00 + 50.00. With April's catch-up: 300.00 + 69.00.
    assert reasons(replace(may("", **told), stays=stays), later) == [
        of_gold("catch_up", "100.00", was=(D(0),), now=(D("100.00"),)),
        Reason("tax", D("19.00"), was=(D("50.00"),), now=(D("69.00"),)),
    ]


def test_the_part_of_a_percentage_that_is_of_a_difference_keeps_its_tax_too() -> None:
    """June follows May: both at 25 %, only that May caught up a computer of April, at 19 %; 10 % are off of all."""
    rules = (
        rule("std", TaxTreatment("S", D(19), code="std")),
        rule("std", TaxTreatment("S", D(25), code="std"), on=MAY.start),
    )
    off = AdjustmentFacts("7", "Loyalty", date(2026, 1, 1), percent=D(-10), times=None)
    told: dict[str, Any] = {"prices": {"computer": unit("100.00", tax_code="std")}, "tax_rules": rules}
    late = PeriodDue(APRIL, APRIL, "late", billed_by(calculate_bill(april("PC-1 #>", **told))))
    stays = tuple(draw("PC-1 #>\nPC-2 #>", start=APRIL.start))
    plain = replace(may("", **told), stays=stays, adjustments=(off,))
    caught_up = replace(may("", periods=(PeriodDue(MAY, MAY), late), **told), stays=stays, adjustments=(off,))

    # 180.00 + 45.00; with the catch-up 270.00 + 45.00 + 17.10.
    for earlier, later, sign in ((plain, caught_up, 1), (caught_up, plain, -1)):
        found = {reason.kind: reason.amount for reason in reasons(earlier, later)}
        assert found == {"catch_up": sign * D(100), "adjustment": sign * D(-10), "tax": sign * D("17.10")}


def test_a_credit_by_hand_is_a_reason_with_its_tax() -> None:
    prices = {"computer": unit("100.00", tax_code="std")}
    before = april("PC-1 #>", prices=prices, tax_rules=(rule("std", TaxTreatment("S", D(19), code="std")),))
    credit = calculate_credit(IssuedBill.of(calculate_bill(before)), {1: D("50.00")})

    assert reasons(before, credit) == [
        of_gold("plan", "-100.00", was=(D("100.00"),)),
        Reason("credit", D("-50.00"), was=(D(0),), now=(D("-50.00"),)),
        Reason("tax", D("-28.50"), was=(D("19.00"),), now=(D("-9.50"),)),
    ]


def test_the_tax_of_a_class_that_was_not_charged_before_is_no_change_of_rate() -> None:
    prices = {"computer": unit("100.00", tax_code="std")}
    low, std = TaxTreatment("S", D(7), code="low"), TaxTreatment("S", D(19), code="std")
    rules = (rule("std", std), rule("low", low))
    before = april("PC-1 #>", prices=prices, tax_rules=rules)
    after = may("PC-1 #>\nSRV-1 server #>", prices={**prices, "server": unit("50.00", tax_code="low")}, tax_rules=rules)

    assert reasons(before, after) == [
        of_gold("price", "50.00", device_class="server", now=(D("50.00"),)),
        Reason("tax", D("3.50"), was=(D("19.00"),), now=(D("22.50"),)),
    ]


def test_what_a_plan_that_is_on_neither_bill_still_owes_is_told_without_its_name() -> None:
    owed = may("PC-1 #>", adjustments=(discount("-4.00", rest=D("-1.50"), subscription_id="left"),))

    assert reasons(april("PC-1 #>"), owed) == [
        Reason("adjustment", D("-1.50"), "left", text="Welcome, carried over", was=(D(0),), now=(D("-1.50"),))
    ]


# --- Plans --------------------------------------------------------------------------------------------------------


def on(plan: str, price: str, period: Period, **more: Any) -> tuple[SubscriptionFacts, ...]:
    due = (PeriodDue(period, period),)
    return (SubscriptionFacts(plan, plan, period.start, (version({"computer": unit(price)}),), due, **more),)


def test_a_plan_on_one_bill_alone_is_a_reason_from_or_to_its_whole_price() -> None:
    gold, silver = on("gold", "30.00", APRIL), on("silver", "20.00", MAY)

    assert reasons(april("PC-1 #>", subscriptions=gold), may("PC-1 #>", subscriptions=silver)) == [
        Reason("plan", D("20.00"), "silver", "silver", now=(D("20.00"),)),
        Reason("plan", D("-30.00"), "gold", "gold", was=(D("30.00"),)),
    ]


def test_a_customer_who_moved_twice_between_two_bills_moved_from_the_first_plan() -> None:
    before = april("PC-1 #>", subscriptions=on("gold", "30.00", APRIL))
    after = may("PC-1 #>", subscriptions=on("bronze", "12.00", MAY))

    assert reasons(before, after, continues={"bronze": "silver", "silver": "gold"}) == [
        Reason("plan", D("-18.00"), "bronze", "bronze", text="gold")
    ]


def test_a_move_to_a_plan_that_counts_by_the_day_is_the_plan_and_not_the_days() -> None:
    """PC-2 was there for 10 of 30 days: at the end it counted as one, by the day as a third."""
    stays = draw("PC-1 #>\nPC-2 ....................#>", start=APRIL.start)
    before = facts_of(stays, subscriptions=on("gold", "30.00", APRIL))
    after = facts_of(stays, subscriptions=on("silver", "30.00", APRIL, counting="prorated"))

    assert reasons(before, after, continues={"silver": "gold"}) == [
        Reason("plan", D("-20.00"), "silver", "silver", text="gold")
    ]


# --- Prices, lengths, devices -------------------------------------------------------------------------------------


def test_a_price_is_told_from_what_to_what() -> None:
    dearer = {"computer": unit("32.00"), "server": unit("90.00")}

    assert reasons(april("PC-1 #>\nPC-2 #>"), may("PC-1 #>\nPC-2 #>", prices=dearer)) == [
        of_gold("price", "4.00", device_class="computer", was=(D("30.00"),), now=(D("32.00"),))
    ]


def test_a_fee_is_a_price_of_no_class() -> None:
    assert reasons(april("", fee="10.00"), may("", fee="12.00")) == [
        of_gold("price", "2.00", was=(D("10.00"),), now=(D("12.00"),))
    ]
    assert reasons(april("PC-1 #>"), may("PC-1 #>", fee="12.00")) == [
        of_gold("price", "12.00", was=(), now=(D("12.00"),))
    ]
    assert reasons(april("PC-1 #>", fee="10.00"), may("PC-1 #>")) == [
        of_gold("price", "-10.00", was=(D("10.00"),), now=())
    ]


def test_the_steps_of_tiers_are_told_from_the_lowest() -> None:
    def tiers(first: str, second: str) -> dict[str, ClassPrice]:
        return {"computer": ClassPrice(tiers=Tiers("graduated", (Tier(1, D(first)), Tier(None, D(second)))))}

    before = april("PC-1 #>\nPC-2 #>", prices=tiers("30.00", "20.00"))
    after = may("PC-1 #>\nPC-2 #>", prices=tiers("33.00", "21.00"))

    assert reasons(before, after) == [
        of_gold(
            "price",
            "4.00",
            device_class="computer",
            was=(D("30.00"), D("20.00")),
            now=(D("33.00"), D("21.00")),
        )
    ]


def test_a_price_that_changed_within_the_month_holds_in_part() -> None:
    both = (version({"computer": unit("30.00")}), version({"computer": unit("33.00")}, on=date(2026, 4, 16)))
    split, old, new = (
        april("PC-1 #>", versions=both),
        april("PC-1 #>", versions=both[:1]),
        may("PC-1 #>", versions=both),
    )

    def told(amount: str, was: str, now: str) -> list[Reason]:
        return [of_gold("price", amount, device_class="computer", was=(D(was),), now=(D(now),), in_part=True)]

    assert reasons(split, new) == told("1.50", "30.00", "33.00")
    assert reasons(old, split) == told("1.50", "30.00", "33.00")


def test_a_short_first_period_is_told_in_parts_of_a_whole_one() -> None:
    half = PeriodDue(Period(date(2026, 4, 16), APRIL.end), APRIL)

    assert reasons(april("PC-1 #>\nPC-2 #>", periods=(half,), fee="10.00"), may("PC-1 #>\nPC-2 #>", fee="10.00")) == [
        of_gold("length", "35.00", was=(Fraction(1, 2),), now=(Fraction(1),))
    ]


def test_two_periods_on_one_bill_are_twice_as_long() -> None:
    stays = tuple(draw("PC-1 #>", start=APRIL.start))
    both = replace(may("", periods=(PeriodDue(APRIL, APRIL), PeriodDue(MAY, MAY))), stays=stays)

    assert reasons(april("PC-1 #>"), both) == [
        of_gold("length", "30.00", was=(Fraction(1),), now=(Fraction(2),)),
    ]


def test_devices_are_named_with_their_class_and_the_one_before() -> None:
    before = april("PC-1 #>\nPC-2 #>\nX-1 #>")
    after = may("PC-1 #>\nPC-3 #>\nX-1 server #>\nSRV-1 server #>")

    assert reasons(before, after) == [
        of_gold("went", "-30.00", device_class="computer", devices=("PC-2",)),
        of_gold("came", "30.00", device_class="computer", devices=("PC-3",)),
        of_gold("came", "90.00", device_class="server", devices=("SRV-1",)),
        of_gold("changed_class", "60.00", device_class="server", class_before="computer", devices=("X-1",)),
    ]


def test_who_came_with_a_move_is_no_text_of_the_plan_and_a_class_that_it_charges_anew_is_the_plan() -> None:
    gold = on("gold", "30.00", APRIL)
    both = version({"computer": unit("30.00"), "server": unit("90.00")})
    silver = (replace(on("silver", "30.00", MAY)[0], versions=(both,)),)
    before, after = april("PC-1 #>", subscriptions=gold), may("PC-1 #>\nPC-2 #>\nS-1 server #>", subscriptions=silver)

    assert reasons(before, after, continues={"silver": "gold"}) == [
        Reason("plan", D("90.00"), "silver", "silver", text="gold"),
        Reason("came", D("30.00"), "silver", "silver", device_class="computer", devices=("PC-2",)),
    ]


def test_a_minimum_that_was_raised_is_told_at_the_price_that_stayed() -> None:
    raised = may("PC-1 #>", prices={"computer": unit("30.00", minimum=3)})

    assert reasons(april("PC-1 #>"), raised) == [
        of_gold("price", "60.00", device_class="computer", was=(D("30.00"),), now=(D("30.00"),))
    ]


def test_who_went_is_priced_before_who_came() -> None:
    """From three on all cost 20.00, but there were never three at once."""
    tiers = {"computer": ClassPrice(tiers=Tiers("volume", (Tier(2, D("30.00")), Tier(None, D("20.00")))))}

    assert reasons(april("PC-1 #>\nPC-2 #>", prices=tiers), may("PC-1 #>\nPC-3 #>", prices=tiers)) == [
        of_gold("went", "-30.00", device_class="computer", devices=("PC-2",)),
        of_gold("came", "30.00", device_class="computer", devices=("PC-3",)),
    ]


def test_a_move_from_a_plan_in_advance_is_compared_in_arrears() -> None:
    """PC-2 came on the 21st: the plan in advance did not charge it, the one in arrears would have."""
    stays = draw("PC-1 #>\nPC-2 ....................#>", start=APRIL.start)
    before = facts_of(stays, subscriptions=on("gold", "30.00", APRIL, timing="advance"))
    after = facts_of(stays, subscriptions=on("silver", "30.00", APRIL))

    assert reasons(before, after, continues={"silver": "gold"}) == [
        Reason("plan", D("30.00"), "silver", "silver", text="gold")
    ]


def test_a_device_and_its_successor_that_were_both_there_are_two() -> None:
    assert reasons(april("PC-1 #>\nPC-2 #>"), may("PC-2 #>"), replaced_by={"PC-1": "PC-2"}) == [
        of_gold("went", "-30.00", device_class="computer", devices=("PC-1",))
    ]


def test_a_device_that_came_after_a_change_of_price_weighs_nothing_before_it() -> None:
    both = (version({"computer": unit("30.00")}), version({"computer": unit("60.00")}, on=date(2026, 4, 16)))
    split = april("PC-1 ...............#>", versions=both, subscription={"counting": "prorated"})

    assert bridge(split, split, currency="EUR").later == D("30.00")


def test_a_device_that_counts_in_two_classes_is_named_beside_one_that_left_its_class() -> None:
    """Counted on any day: PC-1 is a server all May; X-1 became one on the 11th and counts as both."""
    any_day = {"subscription": {"counting": "any_day"}}
    after = may("PC-1 server #>\nX-1 ##########\nX-1 server ..........#>", **any_day)

    assert reasons(april("PC-1 #>\nX-1 #>", **any_day), after) == [
        of_gold("changed_class", "150.00", device_class="server", class_before="computer", devices=("PC-1", "X-1"))
    ]
