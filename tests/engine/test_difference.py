"""Late truth and late ends: what a period costs as known now, less everything billed and credited for it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quarterday.engine.calculate import BillDraft, calculate_bill
from quarterday.engine.facts import AdjustmentFacts, BilledPart, ClassPrice, PeriodDue, TaxTreatment, Tier, Tiers
from quarterday.engine.lines import BillLine
from quarterday.engine.periods import Period, ServicePeriod
from tests.engine.draw import draw
from tests.engine.facts_of import APRIL, billed_by, facts_of, rule, sentences, unit, version

MAY = Period(date(2026, 5, 1), date(2026, 6, 1))
COMPUTERS_AT_30 = {"computer": unit("30.00")}
TWO_PCS = draw("PC-1 #>\nPC-2 #>", start=APRIL.start)
THREE_PCS = draw("PC-1 #>\nPC-2 #>\nPC-3 ....#>", start=APRIL.start)


def april_billed(stays: Any = TWO_PCS, **told: Any) -> tuple[BilledPart, ...]:
    return billed_by(calculate_bill(facts_of(stays, **told)))


def known_later(stays: Any, billed: tuple[BilledPart, ...], *, forgiving: bool = False, **told: Any) -> BillDraft:
    """The next bill, with nothing on it but what was learned about April since."""
    late = PeriodDue(APRIL, APRIL, "late", billed, only_in_favour=forgiving)
    return calculate_bill(facts_of(stays, periods=(late,), billing_on=MAY.end, **told))


def ended_later(
    stays: Any, billed: tuple[BilledPart, ...], served: Period | None, *, full: Period = APRIL, **told: Any
) -> BillDraft:
    """The bill that credits a period after the customer said in June that its last day of service was earlier."""
    ended = PeriodDue(served, full, "ended", billed)
    return calculate_bill(facts_of(stays, periods=(ended,), billing_on=MAY.end, **told))


# --- Learned late -------------------------------------------------------------------------------------------------


def test_a_device_learned_late_is_caught_up_and_the_line_names_its_period_and_bill() -> None:
    draft = known_later(THREE_PCS, april_billed(prices=COMPUTERS_AT_30), prices=COMPUTERS_AT_30)

    [line] = draft.lines
    assert sentences(draft) == ["catch_up computer: 1 x 30.00 = 30.00"]
    assert line.text == "computer, catch-up for 2026-04-01 to 2026-04-30"
    assert line.days == APRIL
    assert line.corrects == ("INV-1",)
    assert line.devices == (("PC-1", 30), ("PC-2", 30), ("PC-3", 26))


def test_what_was_caught_up_is_not_caught_up_again() -> None:
    billed = april_billed(prices=COMPUTERS_AT_30)
    caught_up = known_later(THREE_PCS, billed, prices=COMPUTERS_AT_30)

    again = known_later(THREE_PCS, (*billed, *billed_by(caught_up, "INV-2")), prices=COMPUTERS_AT_30)

    assert again.outcome == "empty"


def test_a_catch_up_is_at_the_price_and_tax_of_its_period() -> None:
    prices = {"computer": unit("30.00", tax_code="std")}
    rules = (rule("std"), rule("std", TaxTreatment("S", Decimal(21)), on=MAY.start))
    raised = (version(prices), version({"computer": unit("40.00", tax_code="std")}, on=MAY.start))

    draft = known_later(THREE_PCS, april_billed(prices=prices, tax_rules=rules), versions=raised, tax_rules=rules)

    assert (draft.net, draft.total) == (Decimal("30.00"), Decimal("35.70"))


def test_a_device_that_was_not_there_is_credited_even_when_more_would_be_forgiven() -> None:
    billed = april_billed(THREE_PCS, prices=COMPUTERS_AT_30)

    draft = known_later(TWO_PCS, billed, prices=COMPUTERS_AT_30, forgiving=True)

    assert sentences(draft) == ["catch_up computer: -1 x 30.00 = -30.00"]
    assert (draft.type, draft.corrects) == ("credit_note", ("INV-1",))


def test_a_difference_in_our_favour_is_forgiven_if_so_decided() -> None:
    billed = april_billed(prices=COMPUTERS_AT_30)

    assert known_later(THREE_PCS, billed, prices=COMPUTERS_AT_30, forgiving=True).outcome == "empty"


def test_one_more_device_can_lower_the_volume_price_of_all() -> None:
    tiers = Tiers("volume", (Tier(2, Decimal("30.00")), Tier(None, Decimal("18.00"))))
    prices = {"computer": ClassPrice(tiers=tiers)}

    draft = known_later(THREE_PCS, april_billed(prices=prices), prices=prices, forgiving=True)

    assert sentences(draft) == ["catch_up computer: -2 x 30.00 = -60.00", "catch_up computer: 3 x 18.00 = 54.00"]


def part_credited(part: BilledPart, credited: str) -> BilledPart:
    """What a credit note took back of a line: the units that the amount pays for."""
    return replace(part, quantity=-Decimal(credited) / part.unit_price, bill="CN-1")


def test_what_was_credited_counts_as_not_billed() -> None:
    """A third PC was billed, then credited by a credit note; once the inventory is corrected nothing is left to do."""
    billed = april_billed(THREE_PCS, prices=COMPUTERS_AT_30)
    credited = part_credited(billed[0], "30.00")

    assert known_later(TWO_PCS, (*billed, credited), prices=COMPUTERS_AT_30).outcome == "empty"


def goodwill(billed: BilledPart, net: str) -> BilledPart:
    """A person credited some of a line without asking that its month be billed again."""
    return replace(part_credited(billed, net), is_goodwill=True)


def test_goodwill_is_not_charged_again_when_something_was_learned_late() -> None:
    billed = april_billed(prices=COMPUTERS_AT_30)

    draft = known_later(THREE_PCS, (*billed, goodwill(billed[0], "60.00")), prices=COMPUTERS_AT_30)

    assert sentences(draft) == ["catch_up computer: 1 x 30.00 = 30.00"]


def test_goodwill_counts_towards_what_was_too_much() -> None:
    billed = april_billed(THREE_PCS, prices=COMPUTERS_AT_30)
    given = goodwill(billed[0], "20.00")

    draft = known_later(TWO_PCS, (*billed, given), prices=COMPUTERS_AT_30)

    assert sum(line.net for line in draft.lines) == Decimal("-10.00")
    assert known_later(TWO_PCS, (*billed, given, given), prices=COMPUTERS_AT_30).outcome == "empty"


def test_where_less_was_there_goodwill_of_one_class_is_not_asked_back_in_another() -> None:
    """A server that was a computer all along was given back whole: 90.00 for 30.00, and nothing more is charged."""
    prices = {"computer": unit("30.00"), "server": unit("90.00")}
    billed = april_billed(draw("SRV server #>", start=APRIL.start), prices=prices)
    all_of_it = goodwill(billed[0], "90.00")

    known = draw("SRV #>", start=APRIL.start)
    assert known_later(known, (*billed, all_of_it), prices=prices).outcome == "empty"


def test_a_true_up_does_not_charge_goodwill_again_either() -> None:
    billed = april_billed(TWO_PCS, prices=COMPUTERS_AT_30)
    settled = PeriodDue(APRIL, APRIL, "settlement", (*billed, goodwill(billed[0], "30.00")))

    draft = calculate_bill(facts_of(TWO_PCS, periods=(settled,), billing_on=MAY.end, prices=COMPUTERS_AT_30))

    assert draft.outcome == "empty"


def test_device_days_learned_late_are_caught_up_by_the_day() -> None:
    prorated: dict[str, Any] = {"prices": COMPUTERS_AT_30, "subscription": {"counting": "prorated"}}

    draft = known_later(THREE_PCS, april_billed(**prorated), **prorated)

    assert sentences(draft) == ["catch_up computer: 26 x 30.00 / 30 = 26.00"]


def test_terms_learned_late_correct_only_the_days_they_change() -> None:
    """In May the plan is given a new price from 16 April on; April was billed at the old one."""
    changed = (version(COMPUTERS_AT_30), version({"computer": unit("40.00")}, on=date(2026, 4, 16)))

    draft = known_later(TWO_PCS, april_billed(prices=COMPUTERS_AT_30), versions=changed)

    assert sentences(draft) == [
        "catch_up computer: -2 x 30.00 x 1/2 = -30.00",
        "catch_up computer: 2 x 40.00 x 1/2 = 40.00",
    ]
    assert {line.days for line in draft.lines} == {Period(date(2026, 4, 16), APRIL.end)}
    assert draft.lines[0].devices == (("PC-1", 15), ("PC-2", 15))


def test_a_class_of_which_no_device_was_there_is_credited_at_its_tax() -> None:
    prices = {"computer": unit("30.00", tax_code="std")}
    billed = april_billed(prices=prices, tax_rules=(rule("std"),))

    draft = known_later([], billed, versions=(version(),))

    assert sentences(draft) == ["catch_up computer: -2 x 30.00 = -60.00"]
    assert draft.total == Decimal("-71.40")


def test_adjustments_of_a_subscription_do_not_go_on_its_late_difference() -> None:
    voucher = AdjustmentFacts("v", "Voucher", APRIL.start, amount=Decimal(-5), subscription_id="gold")

    draft = known_later(THREE_PCS, april_billed(prices=COMPUTERS_AT_30), prices=COMPUTERS_AT_30, adjustments=(voucher,))

    assert draft.net == Decimal("30.00")


# --- Ended in the past --------------------------------------------------------------------------------------------


def test_days_after_a_last_day_in_the_past_are_credited_with_fee_and_devices() -> None:
    told: dict[str, Any] = {"prices": COMPUTERS_AT_30, "fee": "60.00"}
    served = Period(APRIL.start, date(2026, 4, 21))

    draft = ended_later(TWO_PCS, april_billed(**told), served, **told)

    assert sentences(draft) == [
        "credit computer: -2 x 30.00 x 1/3 = -20.00",
        "credit gold, flat fee, credit for 2026-04-21 to 2026-04-30: -1 x 60.00 x 1/3 = -20.00",
    ]
    assert {line.days for line in draft.lines} == {Period(date(2026, 4, 21), APRIL.end)}
    assert draft.type == "credit_note"


def test_a_period_that_is_not_served_at_all_is_credited_whole() -> None:
    told: dict[str, Any] = {"prices": {"computer": unit("30.00", minimum=3)}, "fee": "60.00"}

    draft = ended_later(TWO_PCS, april_billed(**told), None, **told)

    assert sentences(draft)[0] == "credit computer: -3 x 30.00 = -90.00"
    assert draft.net == Decimal("-150.00")


def test_device_days_after_the_last_day_are_credited() -> None:
    told: dict[str, Any] = {"prices": COMPUTERS_AT_30, "subscription": {"counting": "prorated"}}

    draft = ended_later(TWO_PCS, april_billed(**told), Period(APRIL.start, date(2026, 4, 21)), **told)

    assert sentences(draft) == ["credit computer: -20 x 30.00 / 30 = -20.00"]


def test_a_final_period_charged_in_full_has_nothing_to_credit() -> None:
    told: dict[str, Any] = {"prices": COMPUTERS_AT_30, "fee": "60.00"}
    billed = april_billed(**told)

    draft = ended_later(
        TWO_PCS, billed, Period(APRIL.start, date(2026, 4, 21)), subscription={"final_period": "full"}, **told
    )

    assert draft.outcome == "empty"


def test_an_end_within_a_split_period_credits_each_price_for_its_own_days() -> None:
    versions = (version(COMPUTERS_AT_30), version({"computer": unit("60.00")}, on=date(2026, 4, 16)))
    billed = april_billed(versions=versions)

    draft = ended_later(TWO_PCS, billed, Period(APRIL.start, date(2026, 4, 11)), versions=versions)

    assert sentences(draft) == [
        "credit computer: -2 x 30.00 x 1/6 = -10.00",
        "credit computer: -2 x 60.00 x 1/2 = -60.00",
    ]


def test_a_bill_and_the_credit_of_its_whole_period_cancel_with_the_tax() -> None:
    prices = {"computer": unit("33.33", tax_code="std"), "server": unit("9.99", tax_code="std", minimum=3)}
    told: dict[str, Any] = {"prices": prices, "fee": "7.77", "tax_rules": (rule("std"),)}
    first = calculate_bill(facts_of(TWO_PCS, **told))

    credit = ended_later(TWO_PCS, billed_by(first), None, **told)

    assert first.net + credit.net == 0
    assert [group.base for group in credit.tax] == [-(Decimal("33.33") * 2 + Decimal("9.99") * 3)]


# --- The lines, whole ---------------------------------------------------------------------------------------------


def test_a_catch_up_line_has_all_that_the_line_it_corrects_had() -> None:
    vat = TaxTreatment("S", Decimal(19), code="std")
    told: dict[str, Any] = {
        "prices": {"computer": unit("30.00", tax_code="std")},
        "subscription": {"counting": "prorated"},
        "tax_rules": (rule("std", vat),),
    }

    draft = known_later(THREE_PCS, april_billed(**told), **told)

    assert draft.lines == (
        BillLine(
            kind="catch_up",
            text="computer, catch-up for 2026-04-01 to 2026-04-30",
            net=Decimal("26.00"),
            quantity=Decimal(26),
            unit="device-day",
            unit_price=Decimal("30.00"),
            per=30,
            fraction=Fraction(1),
            subscription_id="gold",
            device_class="computer",
            days=APRIL,
            service_period=ServicePeriod(APRIL, APRIL),
            tax=vat,
            devices=(("PC-1", 30), ("PC-2", 30), ("PC-3", 26)),
            corrects=("INV-1",),
        ),
    )


def test_a_fee_that_was_raised_late_is_a_line_that_names_no_devices() -> None:
    draft = known_later(TWO_PCS, april_billed(TWO_PCS, fee="10.00"), fee="12.00")

    assert sentences(draft) == [
        "catch_up gold, flat fee, catch-up for 2026-04-01 to 2026-04-30: 1 x 12.00 = 12.00",
        "catch_up gold, flat fee, catch-up for 2026-04-01 to 2026-04-30: -1 x 10.00 = -10.00",
    ]
    assert [line.devices for line in draft.lines] == [None, None]


def test_a_period_that_is_not_served_names_the_whole_one() -> None:
    draft = ended_later(TWO_PCS, april_billed(prices=COMPUTERS_AT_30), None, prices=COMPUTERS_AT_30)

    [line] = draft.lines
    assert (line.service_period, line.days, line.devices) == (ServicePeriod(APRIL, APRIL), APRIL, ())
    assert line.text == "computer, credit for 2026-04-01 to 2026-04-30"


def test_devices_that_cost_nothing_are_shown_at_a_true_up_and_not_when_learned_late() -> None:
    free = {"computer": unit("0.00"), "server": unit("90.00")}
    stays = draw("PC-1 #>\nSRV-1 server #>", start=APRIL.start)
    more = draw("PC-1 #>\nPC-2 #>\nSRV-1 server #>\nSRV-2 server #>", start=APRIL.start)
    billed = april_billed(stays, prices=free)
    settled = PeriodDue(APRIL, APRIL, "settlement", billed)

    assert sentences(known_later(more, billed, prices=free)) == ["catch_up server: 1 x 90.00 = 90.00"]
    assert sentences(calculate_bill(facts_of(more, prices=free, periods=(settled,)))) == [
        "true_up computer: 1 x 0.00 = 0.00",
        "true_up server: 1 x 90.00 = 90.00",
    ]


def test_a_true_up_says_so() -> None:
    settled = PeriodDue(APRIL, APRIL, "settlement", april_billed(TWO_PCS, prices=COMPUTERS_AT_30, fee="10.00"))

    draft = calculate_bill(facts_of(THREE_PCS, prices=COMPUTERS_AT_30, fee="12.00", periods=(settled,)))

    assert [(line.kind, line.text, line.net) for line in draft.lines] == [
        ("true_up", "computer, true-up", Decimal("30.00")),
        ("true_up", "gold, flat fee, true-up", Decimal("12.00")),
        ("true_up", "gold, flat fee, true-up", Decimal("-10.00")),
    ]


def test_a_difference_names_all_bills_that_it_corrects_once() -> None:
    billed = april_billed(prices=COMPUTERS_AT_30)
    caught_up = known_later(THREE_PCS, billed, prices=COMPUTERS_AT_30)
    four = draw("PC-1 #>\nPC-2 #>\nPC-3 ....#>\nPC-4 #>", start=APRIL.start)

    draft = known_later(four, (*billed, *billed, *billed_by(caught_up, "INV-2")), prices=COMPUTERS_AT_30)

    assert draft.corrects == ("INV-1", "INV-2")


def test_device_days_on_both_sides_of_a_change_of_price_are_compared_each_for_itself() -> None:
    """By the day, 30.00 until the 15th and 60.00 from the 16th on. PC-3 was there from the 5th, and is learned late."""
    told: dict[str, Any] = {
        "versions": (version(COMPUTERS_AT_30), version({"computer": unit("60.00")}, on=date(2026, 4, 16))),
        "subscription": {"counting": "prorated"},
    }

    draft = known_later(THREE_PCS, april_billed(**told), **told)

    assert [(line.quantity, line.net, line.days, line.devices) for line in draft.lines] == [
        (11, Decimal("11.00"), Period(APRIL.start, date(2026, 4, 16)), (("PC-1", 15), ("PC-2", 15), ("PC-3", 11))),
        (15, Decimal("30.00"), Period(date(2026, 4, 16), APRIL.end), (("PC-1", 15), ("PC-2", 15), ("PC-3", 15))),
    ]


def test_a_step_that_the_terms_no_longer_have_is_told_first_then_those_of_the_terms_from_the_lowest_up() -> None:
    """Two PCs were billed at 30.00; it should have been 20.00 for the first and 10.00 for each further one."""
    steps = Tiers("graduated", (Tier(1, Decimal("20.00")), Tier(None, Decimal("10.00"))))

    draft = known_later(THREE_PCS, april_billed(prices=COMPUTERS_AT_30), prices={"computer": ClassPrice(tiers=steps)})

    assert sentences(draft) == [
        "catch_up computer: -2 x 30.00 = -60.00",
        "catch_up computer: 1 x 20.00 = 20.00",
        "catch_up computer: 2 x 10.00 = 20.00",
    ]
    assert [line.devices for line in draft.lines[1:]] == [None, None]


def test_a_change_of_price_that_is_withdrawn_names_the_devices_on_the_days_that_it_changed() -> None:
    """April was billed at 30.00; a raise to 40.00 from the 16th on was caught up, and was a mistake."""
    billed = april_billed(prices=COMPUTERS_AT_30)
    raised = (version(COMPUTERS_AT_30), version({"computer": unit("40.00")}, on=date(2026, 4, 16)))
    caught_up = known_later(TWO_PCS, billed, versions=raised)

    draft = known_later(TWO_PCS, (*billed, *billed_by(caught_up, "INV-2")), prices=COMPUTERS_AT_30)

    assert sentences(draft) == [
        "catch_up computer: -2 x 40.00 x 1/2 = -40.00",
        "catch_up computer: 2 x 30.00 x 1/2 = 30.00",
    ]
    assert {line.days for line in draft.lines} == {Period(date(2026, 4, 16), APRIL.end)}
    assert [line.devices for line in draft.lines] == [(("PC-1", 15), ("PC-2", 15)), None]


def test_a_catch_up_is_taxed_as_its_bill_was_though_the_customers_tax_was_corrected_since() -> None:
    prices = {"computer": unit("30.00", tax_code="std")}
    corrected = (rule("std", TaxTreatment("S", Decimal(21))),)

    draft = known_later(
        THREE_PCS, april_billed(prices=prices, tax_rules=(rule("std"),)), prices=prices, tax_rules=corrected
    )

    assert (draft.net, draft.total) == (Decimal("30.00"), Decimal("35.70"))


TEN_DAYS = Period(APRIL.start, date(2026, 4, 11))


def billed_in_full() -> tuple[BilledPart, ...]:
    """Two PCs served for ten days, and charged for the whole of April."""
    return april_billed(
        prices=COMPUTERS_AT_30, subscription={"final_period": "full"}, periods=(PeriodDue(TEN_DAYS, APRIL),)
    )


def test_a_final_period_billed_in_full_and_then_agreed_by_the_day_gives_back_the_days_after_it() -> None:
    draft = ended_later(TWO_PCS, billed_in_full(), TEN_DAYS, prices=COMPUTERS_AT_30)

    [line] = draft.lines
    assert (line.quantity, line.net, line.days) == (-2, Decimal("-40.00"), Period(TEN_DAYS.end, APRIL.end))
    assert line.service_period == ServicePeriod(TEN_DAYS, APRIL)


def test_a_final_period_billed_in_full_that_went_on_to_the_20th_gives_back_the_days_after_that() -> None:
    served = Period(APRIL.start, date(2026, 4, 21))

    [line] = ended_later(TWO_PCS, billed_in_full(), served, prices=COMPUTERS_AT_30).lines

    assert (line.quantity, line.net, line.days) == (-2, Decimal("-20.00"), Period(served.end, APRIL.end))


# --- Goodwill and forgiving, to the cent --------------------------------------------------------------------------

CENTS = {"computer": unit("0.50")}
CHEAPER_FROM_THREE = {"computer": ClassPrice(tiers=Tiers("volume", (Tier(2, Decimal(30)), Tier(None, Decimal(20)))))}


def test_cents_learned_late_are_charged_beside_goodwill_and_forgiven_where_all_is() -> None:
    billed = april_billed(prices=CENTS)

    given = known_later(THREE_PCS, (*billed, goodwill(billed[0], "0.50")), prices=CENTS)

    assert sentences(given) == ["catch_up computer: 1 x 0.50 = 0.50"]
    assert known_later(THREE_PCS, billed, prices=CENTS, forgiving=True).outcome == "empty"


def test_lines_that_come_to_nothing_together_are_told_beside_goodwill_and_where_all_is_forgiven() -> None:
    """The third PC makes all three cost 20.00: 60.00 as before, but at another price."""
    billed = april_billed(prices=CHEAPER_FROM_THREE)
    cancel = ["catch_up computer: -2 x 30 = -60.00", "catch_up computer: 3 x 20 = 60.00"]

    given = known_later(THREE_PCS, (*billed, goodwill(billed[0], "30.00")), prices=CHEAPER_FROM_THREE)

    assert sentences(given) == cancel
    assert sentences(known_later(THREE_PCS, billed, prices=CHEAPER_FROM_THREE, forgiving=True)) == cancel


def test_goodwill_of_just_what_was_too_much_leaves_lines_that_come_to_nothing() -> None:
    """Three PCs at 30.00 should have been two at 15.00: 60.00 too much, and 60.00 were given back already."""
    billed = april_billed(THREE_PCS, prices=COMPUTERS_AT_30)

    draft = known_later(TWO_PCS, (*billed, goodwill(billed[0], "60.00")), prices={"computer": unit("15.00")})

    assert sentences(draft) == ["catch_up computer: -1 x 30.00 = -30.00", "catch_up computer: 2 x 15.00 = 30.00"]


def test_goodwill_of_some_cents_more_than_was_too_much_is_not_asked_back() -> None:
    billed = april_billed(THREE_PCS, prices=COMPUTERS_AT_30)

    draft = known_later(TWO_PCS, (*billed, goodwill(billed[0], "30.60")), prices=COMPUTERS_AT_30)

    assert draft.outcome == "empty"
