"""Other charges and discounts of a bill: the day that they are taxed on, what the bill can bear, and what waits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from quarterday.engine.calculate import BillDraft, calculate_bill
from quarterday.engine.facts import AdjustmentFacts, PeriodDue, SubscriptionFacts, TaxTreatment
from quarterday.engine.periods import Period
from tests.engine.draw import draw
from tests.engine.facts_of import APRIL, billed_by, facts_of, rule, unit, version

D = Decimal
ONE_PC = draw("PC-1 #>", start=APRIL.start)
MAY = Period(date(2026, 5, 1), date(2026, 6, 1))
RAISED_IN_MAY = (rule("std"), rule("std", TaxTreatment("S", D(21)), on=MAY.start))


def adjustment(**fields: object) -> AdjustmentFacts:
    return AdjustmentFacts(**{"id": "a", "text": "Other", "starts_on": date(2026, 1, 1)} | fields)  # type: ignore[arg-type]


def billed(*adjustments: AdjustmentFacts, price: str = "30.00") -> BillDraft:
    """A bill of one computer with some adjustments."""
    return calculate_bill(facts_of(ONE_PC, prices={"computer": unit(price)}, adjustments=adjustments))


def nets(draft: BillDraft) -> list[tuple[str, Decimal]]:
    """The adjustment lines of a bill."""
    return [(line.text, line.net) for line in draft.lines if line.kind == "adjustment"]


# --- What the bill can bear ---------------------------------------------------------------------------------------


def test_a_charge_of_cents_makes_room_for_a_discount_that_stands_before_it() -> None:
    draft = billed(
        adjustment(id="a", text="Discount", amount=D("-40.00")), adjustment(id="b", text="Postage", amount=D("0.55"))
    )

    assert nets(draft) == [("Discount", D("-30.55")), ("Postage", D("0.55"))]
    assert (draft.total, draft.adjustments[0].rest) == (D("0.00"), D("-9.45"))


def test_a_charge_makes_room_once() -> None:
    """30.00 and 20.00 can bear a discount of 50.00, whichever of them stands first."""
    draft = billed(
        adjustment(id="a", text="Setup", amount=D("20.00")), adjustment(id="b", text="Discount", amount=D("-60.00"))
    )

    assert nets(draft) == [("Setup", D("20.00")), ("Discount", D("-50.00"))]
    assert [use.rest for use in draft.adjustments] == [D(0), D("-10.00")]


def test_two_discounts_share_what_the_bill_can_bear_in_their_order() -> None:
    draft = billed(
        adjustment(id="a", text="First", amount=D("-20.00")), adjustment(id="b", text="Second", amount=D("-15.00"))
    )

    assert nets(draft) == [("First", D("-20.00")), ("Second", D("-10.00"))]
    assert [use.rest for use in draft.adjustments] == [D(0), D("-5.00")]


def test_what_is_cut_off_an_old_rest_and_a_new_discount_waits_together() -> None:
    """Of 50.00 from earlier bills 30.00 find room; 20.00 of them and the whole new 100.00 wait."""
    draft = billed(adjustment(text="Discount", amount=D("-100.00"), times=3, used=1, rest=D("-50.00")))

    assert nets(draft) == [("Discount, carried over", D("-30.00")), ("Discount", D("0.00"))]
    [use] = draft.adjustments
    assert (use.occurrence, use.rest) == (2, D("-120.00"))


def test_what_is_cut_off_a_percentage_is_lost() -> None:
    draft = billed(adjustment(id="a", amount=D("-25.00")), adjustment(id="b", percent=D("-50")))

    assert [use.rest for use in draft.adjustments] == [D(0), D(0)]
    assert draft.total == D("0.00")


def test_a_discount_on_seats_that_the_bill_cannot_bear_stands_there_as_one_amount() -> None:
    """4 x -10.00 are 40.00, of 30.00 that are charged: the line says -30.00, and no longer 4 x anything."""
    draft = billed(adjustment(unit_price=D("-10.00"), quantity=D(4)))

    line = draft.lines[1]
    assert (line.net, line.quantity, line.unit_price) == (D("-30.00"), D(1), None)
    assert draft.adjustments[0].rest == D("-10.00")


def test_a_discount_on_seats_that_fits_shows_its_seats() -> None:
    line = billed(adjustment(unit_price=D("-5.00"), quantity=D(4))).lines[1]

    assert (line.net, line.quantity, line.unit_price) == (D("-20.00"), D(4), D("-5.00"))


def test_no_seats_are_no_line_but_a_time_used() -> None:
    draft = billed(adjustment(unit_price=D("5.00"), quantity=D(0), times=2))

    assert nets(draft) == []
    assert [(use.occurrence, use.rest) for use in draft.adjustments] == [(1, D(0))]


def test_a_bill_that_gives_money_back_bears_no_discount() -> None:
    """One of three devices that were billed in advance was there: 60.00 go back, and the discount waits."""
    in_advance = {"timing": "advance", "counting": "at_end"}
    three = draw("PC-1 #>\nPC-2 ##########\nPC-3 ##########", start=APRIL.start)
    april = facts_of(three, prices={"computer": unit("30.00")}, subscription=in_advance, billing_on=APRIL.start)
    settled = facts_of(
        three,
        prices={"computer": unit("30.00")},
        subscription=in_advance,
        periods=(PeriodDue(APRIL, APRIL, "settlement", billed_by(calculate_bill(april))),),
        adjustments=(adjustment(text="Discount", amount=D("-10.00")),),
    )

    draft = calculate_bill(settled)

    assert (draft.type, draft.total) == ("credit_note", D("-60.00"))
    assert nets(draft) == [("Discount", D("0.00"))]
    assert draft.adjustments[0].rest == D("-10.00")


# --- What it is called --------------------------------------------------------------------------------------------


def test_a_rest_and_its_own_line_belong_to_the_same_adjustment_and_subscription() -> None:
    draft = billed(
        adjustment(id="seven", text="Discount", amount=D("-5.00"), times=2, rest=D("-1.00"), subscription_id="gold")
    )

    assert [(line.kind, line.text, line.adjustment_id, line.subscription_id) for line in draft.lines[1:]] == [
        ("adjustment", "Discount, carried over", "seven", "gold"),
        ("adjustment", "Discount", "seven", "gold"),
    ]


def test_a_rest_waits_for_a_bill_without_its_subscription_no_longer() -> None:
    """The subscription is not due, so its discount does not go on; what it owes from before is given all the same."""
    draft = billed(adjustment(text="Discount", amount=D("-5.00"), times=None, rest=D("-1.00"), subscription_id="left"))

    assert nets(draft) == [("Discount, carried over", D("-1.00"))]


def test_an_adjustment_goes_on_bills_from_its_first_day_until_its_last() -> None:
    """The bill is dated 1 May."""
    assert nets(billed(adjustment(amount=D(5), starts_on=date(2026, 5, 1)))) == [("Other", D("5.00"))]
    assert nets(billed(adjustment(amount=D(5), starts_on=date(2026, 5, 2)))) == []
    assert nets(billed(adjustment(amount=D(5), until=date(2026, 5, 2)))) == [("Other", D("5.00"))]
    assert nets(billed(adjustment(amount=D(5), until=date(2026, 5, 1)))) == []


# --- Tax ----------------------------------------------------------------------------------------------------------


def gold_and_silver(silver: Sequence[PeriodDue], *adjustments: AdjustmentFacts) -> BillDraft:
    """Gold serves April at 100.00; silver serves what is told at 10.00. The standard rate is 19 %, from May on 21 %."""
    gold = SubscriptionFacts(
        "gold",
        "gold",
        APRIL.start,
        (version({"computer": unit("100.00", tax_code="std")}),),
        (PeriodDue(APRIL, APRIL),),
    )
    flat = replace(version(fee="10.00"), flat_fee=replace(version(fee="10.00").flat_fee, tax_code="std"))
    other = SubscriptionFacts("silver", "silver", APRIL.start, (flat,), tuple(silver), timing="advance")
    return calculate_bill(
        facts_of(ONE_PC, subscriptions=(gold, other), adjustments=adjustments, tax_rules=RAISED_IN_MAY)
    )


def rate_of(adjusted: AdjustmentFacts, silver: Sequence[PeriodDue] = (PeriodDue(MAY, MAY),)) -> Decimal:
    """The rate at which one adjustment is taxed."""
    [line] = [line for line in gold_and_silver(silver, adjusted).lines if line.kind == "adjustment"]
    assert line.tax is not None
    return line.tax.rate


def test_a_charge_for_one_plan_takes_the_rate_of_that_plans_last_day() -> None:
    assert rate_of(adjustment(amount=D(5), tax_code="std", subscription_id="gold")) == 19
    assert rate_of(adjustment(amount=D(5), tax_code="std", subscription_id="silver")) == 21


def test_a_charge_for_the_whole_bill_takes_the_rate_of_the_last_day_on_it() -> None:
    assert rate_of(adjustment(amount=D(5), tax_code="std")) == 21


def test_a_rest_of_a_plan_that_is_not_on_the_bill_takes_the_rate_of_the_last_day_on_it() -> None:
    gone = adjustment(amount=D(-5), times=1, used=1, rest=D(-5), tax_code="std", subscription_id="left")

    assert rate_of(gone) == 21


def test_a_period_of_which_no_day_is_served_any_more_has_no_rate() -> None:
    """Silver's May was taken back: only April's days are charged, at the rate of April."""
    assert rate_of(adjustment(amount=D(5), tax_code="std"), silver=(PeriodDue(None, MAY, "ended"),)) == 19


def test_a_percentage_of_one_plan_is_taxed_as_that_plan() -> None:
    draft = gold_and_silver((PeriodDue(MAY, MAY),), adjustment(percent=D(-10), subscription_id="silver"))

    assert [(line.net, line.tax and line.tax.rate) for line in draft.lines] == [
        (D("100.00"), D(19)),
        (D("10.00"), D(21)),
        (D("-1.00"), D(21)),
    ]


def test_a_percentage_of_two_rates_leaves_out_the_one_whose_share_is_no_cent() -> None:
    """0.01 of 110.00: the greater base has it whole, and the smaller has no line of 0.00."""
    draft = gold_and_silver((PeriodDue(MAY, MAY),), adjustment(percent=D("-0.01")))

    assert [(line.net, line.tax and line.tax.rate) for line in draft.lines[2:]] == [(D("-0.01"), D(19))]


def test_a_percentage_of_two_rates_is_shared_by_what_all_lines_of_each_come_to() -> None:
    """10 % of 5.00, 5.00 and 1.00 are 1.10, of which 1.00 is on the two lines at 19 %."""
    draft = calculate_bill(
        facts_of(
            draw("PC-1 #>\nSRV-1 server #>\nTAB-1 mobile #>", start=APRIL.start),
            prices={
                "computer": unit("5.00", tax_code="std"),
                "server": unit("5.00", tax_code="std"),
                "mobile": unit("1.00", tax_code="low"),
            },
            adjustments=(adjustment(percent=D(-10)),),
            tax_rules=(rule("std"), rule("low", TaxTreatment("S", D(7)))),
        )
    )

    assert [(line.net, line.tax and line.tax.rate) for line in draft.lines[3:]] == [
        (D("-1.00"), D(19)),
        (D("-0.10"), D(7)),
    ]


def test_a_charge_on_a_bill_that_serves_no_day_takes_the_rate_of_the_bills_date() -> None:
    """April was billed and is taken back whole; the fee for the trouble is taxed as on 1 May."""
    billed_before = facts_of(ONE_PC, prices={"computer": unit("30.00")})
    gone = PeriodDue(None, APRIL, "ended", billed_by(calculate_bill(billed_before)))

    draft = calculate_bill(
        facts_of(
            ONE_PC,
            prices={"computer": unit("30.00")},
            periods=(gone,),
            adjustments=(adjustment(text="Fee", amount=D(5), tax_code="std"),),
            tax_rules=RAISED_IN_MAY,
        )
    )

    assert [line.tax and line.tax.rate for line in draft.lines] == [None, 21]


def test_a_percentage_that_comes_to_no_cent_is_one_line_of_nothing() -> None:
    """0.001 % of 110.00 are a tenth of a cent: there is nothing to share, and the customer sees that it was counted."""
    draft = gold_and_silver((PeriodDue(MAY, MAY),), adjustment(percent=D("-0.001")))

    assert [(line.net, line.tax and line.tax.rate) for line in draft.lines[2:]] == [(D("0.00"), D(19))]
    assert [use.occurrence for use in draft.adjustments] == [1]
