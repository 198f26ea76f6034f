"""Credits of an issued bill: whole or by line, never more than is left, and in the end to the cent."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from quarterday.engine.calculate import calculate_bill
from quarterday.engine.credits import (
    Credit,
    CreditTooLarge,
    IssuedBill,
    NothingToCredit,
    calculate_credit,
    cost_of_days,
    part_of_percentage,
)
from quarterday.engine.facts import AdjustmentFacts, TaxComponent, TaxTreatment
from tests.engine.draw import draw
from tests.engine.facts_of import APRIL, VAT, facts_of, rule, unit

D = Decimal
QUEBEC = TaxTreatment("S", D("14.975"), components=(TaxComponent("GST", D(5)), TaxComponent("QST", D("9.975"))))
PCS_AND_A_SERVER = draw("PC-1 #>\nPC-2 #>\nSRV-1 server #>", start=APRIL.start)


def issued(*, tax: TaxTreatment = VAT, discount: str | None = None, **prices: str) -> IssuedBill:
    """A bill of two computers and a server, all at one tax, perhaps with a discount."""
    adjustments: tuple[AdjustmentFacts, ...] = ()
    if discount is not None:
        adjustments = (AdjustmentFacts("d", "Discount", APRIL.start, amount=D(discount), tax_code="std"),)
    return IssuedBill.of(
        calculate_bill(
            facts_of(
                PCS_AND_A_SERVER,
                prices={name: unit(price, tax_code="std") for name, price in prices.items()},
                adjustments=adjustments,
                tax_rules=(rule("std", tax),),
            )
        )
    )


def issued_untaxed_discount(discount: str = "-50.00") -> IssuedBill:
    """A server of 90.00 at 19 %, and a discount without a tax code."""
    return IssuedBill.of(
        calculate_bill(
            facts_of(
                PCS_AND_A_SERVER,
                prices={"server": unit("90.00", tax_code="std")},
                adjustments=(AdjustmentFacts("d", "Voucher", APRIL.start, amount=D(discount)),),
                tax_rules=(rule("std"),),
            )
        )
    )


def bill_total(bill: IssuedBill) -> Decimal:
    return sum((line.net for line in bill.lines), D(0)) + sum((group.amount for group in bill.tax), D(0))


def after(bill: IssuedBill, *credits: Credit) -> IssuedBill:
    return replace(bill, credits=(*bill.credits, *credits))


def test_a_whole_credit_is_the_bill_with_positive_amounts() -> None:
    bill = issued(computer="30.00", server="90.00", discount="-10.00")

    credit = calculate_credit(bill)

    assert [(line.position, line.net) for line in credit.lines] == [
        (1, D("60.00")),
        (2, D("90.00")),
        (3, D("-10.00")),
    ]
    assert credit.tax == bill.tax
    assert (credit.net, credit.total) == (D("140.00"), D("166.60"))


def test_a_line_is_credited_in_part_with_its_tax() -> None:
    credit = calculate_credit(issued(computer="30.00", server="90.00"), {1: D("30.00")})

    assert [(line.text, line.net) for line in credit.lines] == [("computer", D("30.00"))]
    assert [(group.base, group.amount) for group in credit.tax] == [(D("30.00"), D("5.70"))]
    assert credit.total == D("35.70")


def test_the_last_credit_of_a_group_takes_its_remaining_tax() -> None:
    """0.06 have 0.01 of tax; the first half rounds to all of it, and the second takes the 0.00 that remain."""
    bill = issued(computer="0.03")

    first = calculate_credit(bill, {1: D("0.03")})
    last = calculate_credit(after(bill, first))

    assert (first.total, last.total) == (D("0.04"), D("0.03"))
    assert first.tax[0].amount + last.tax[0].amount == bill.tax[0].amount == D("0.01")


def test_many_small_credits_take_no_more_tax_than_the_bill_had() -> None:
    bill = issued(computer="0.09")  # 0.18, tax 0.03; each credited 0.03 rounds to 0.01 of tax
    credits: list[Credit] = []
    for _ in range(6):
        credits.append(calculate_credit(after(bill, *credits), {1: D("0.03")}))

    assert [credit.tax[0].amount for credit in credits] == [D("0.01")] * 3 + [D(0)] * 3
    with pytest.raises(NothingToCredit):
        calculate_credit(after(bill, *credits))


def test_many_small_credits_take_no_more_of_a_tax_s_components_than_the_bill_had() -> None:
    bill = issued(tax=QUEBEC, server="0.60")  # GST 0.03, QST 0.06; each credited 0.10 rounds to 0.01 of both
    credits: list[Credit] = []
    for _ in range(5):
        credits.append(calculate_credit(after(bill, *credits), {1: D("0.10")}))

    components = [tuple(part.amount for part in credit.tax[0].components) for credit in credits]
    assert components == [(D("0.01"), D("0.01"))] * 3 + [(D(0), D("0.01"))] * 2
    assert [credit.tax[0].amount for credit in credits] == [D("0.02")] * 3 + [D("0.01")] * 2
    assert calculate_credit(after(bill, *credits)).total == D("0.11")


def test_components_of_a_tax_are_credited_each_to_the_cent() -> None:
    bill = issued(tax=QUEBEC, computer="70.00")  # 140.00: GST 7.00, QST 13.97

    first = calculate_credit(bill, {1: D("70.00")})
    last = calculate_credit(after(bill, first))

    assert [part.amount for part in first.tax[0].components] == [D("3.50"), D("6.98")]
    assert [part.amount for part in last.tax[0].components] == [D("3.50"), D("6.99")]
    assert first.total + last.total == D("160.97")


def test_never_more_than_is_left_of_a_line() -> None:
    bill = issued(computer="30.00", server="90.00")
    half = calculate_credit(bill, {1: D("40.00")})

    with pytest.raises(CreditTooLarge, match=r"60\.01 cannot be credited: 60\.00 is left of line 1"):
        calculate_credit(bill, {1: D("60.01")})
    with pytest.raises(CreditTooLarge, match=r"20\.00 is left of line 1"):
        calculate_credit(after(bill, half), {1: D("20.01")})
    assert calculate_credit(after(bill, half), {1: D("20.00")}).net == D("20.00")


def test_a_line_cannot_be_credited_past_the_discount_that_reduced_its_group() -> None:
    bill = issued(computer="30.00", discount="-50.00")  # 60.00 - 50.00

    with pytest.raises(CreditTooLarge, match=r"10\.00 is left of the lines taxed at 19 % \(S\)"):
        calculate_credit(bill, {1: D("60.00")})
    assert calculate_credit(bill, {1: D("60.00"), 2: D("-50.00")}).net == D("10.00")


def test_a_charge_cannot_be_made_by_crediting_a_discount() -> None:
    with pytest.raises(CreditTooLarge):
        calculate_credit(issued(computer="30.00", discount="-50.00"), {2: D("-50.00")})


def test_a_line_that_is_not_there_or_an_amount_too_fine_is_refused() -> None:
    bill = issued(computer="30.00")

    with pytest.raises(NothingToCredit, match="line 7 is not on this bill"):
        calculate_credit(bill, {7: D("1.00")})
    with pytest.raises(CreditTooLarge, match="finer"):
        calculate_credit(bill, {1: D("1.005")})


def test_a_bill_that_is_credited_whole_or_charges_nothing_has_nothing_to_credit() -> None:
    bill = issued(computer="30.00")

    with pytest.raises(NothingToCredit):
        calculate_credit(after(bill, calculate_credit(bill)))
    with pytest.raises(NothingToCredit):
        calculate_credit(issued(computer="30.00", discount="-60.00"))
    with pytest.raises(NothingToCredit, match="no amount is given"):
        calculate_credit(bill, {1: D(0)})


def test_a_second_credit_sees_what_the_first_left_of_the_tax_group_and_not_of_the_line_alone() -> None:
    """60.00 less a discount of 20.00. 30.00 are credited: 10.00 of 40.00 are left, though of line 1 there are 30.00."""
    bill = issued(computer="30.00", discount="-20.00")
    first = calculate_credit(bill, {1: D("30.00")})

    with pytest.raises(CreditTooLarge, match=r"30\.00 cannot be credited: 10\.00 is left of the lines taxed at 19 %"):
        calculate_credit(after(bill, first), {1: D("30.00")})
    assert calculate_credit(after(bill, first), {1: D("10.00")}).net == D("10.00")


def test_the_last_credit_names_the_base_and_the_tax_that_were_left() -> None:
    """100.01 with 19.00 of tax. 33.33 and 33.33 take 6.33 of tax each, and the last 33.35 the 6.34 that remain."""
    bill = issued(server="100.01")
    first = calculate_credit(bill, {1: D("33.33")})
    second = calculate_credit(after(bill, first), {1: D("33.33")})

    [group] = calculate_credit(after(bill, first, second)).tax

    assert (group.base, group.amount) == (D("33.35"), D("6.34"))


def test_all_credits_together_are_never_more_than_the_bill_though_each_tax_has_enough_left() -> None:
    """A server of 90.00 is taxed, a discount of 50.00 is not: so the bill is 40.00 and its tax."""
    bill = issued_untaxed_discount()

    with pytest.raises(CreditTooLarge, match=r"90\.00 cannot be credited: 40\.00 is left of this bill"):
        calculate_credit(bill, {1: D("90.00")})
    assert calculate_credit(bill, {1: D("40.00")}).total == D("47.60")
    assert calculate_credit(bill).total == bill_total(bill) == D("57.10")


def test_a_discount_without_tax_cannot_be_credited_alone() -> None:
    """That would be a charge: its line has -50.00 left, but the bill lies above 0."""
    with pytest.raises(CreditTooLarge, match=r"-50\.00 cannot be credited: 40\.00 is left of this bill"):
        calculate_credit(issued_untaxed_discount(), {2: D("-50.00")})


def test_a_bill_whose_tax_alone_is_above_0_can_be_credited() -> None:
    """0.00 net, of which 90.00 are taxed and -90.00 are not: 17.10 of tax were charged, and go back with both lines."""
    bill = issued_untaxed_discount("-90.00")

    assert (calculate_credit(bill).net, calculate_credit(bill).total) == (D("0.00"), D("17.10"))


def test_a_line_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(NothingToCredit, match="line 0 is not on this bill, which has lines 1 to 2"):
        calculate_credit(issued(computer="30.00", server="90.00"), {0: D("1.00")})


def test_the_credit_of_a_groups_last_line_takes_the_groups_last_tax() -> None:
    """0.02 and 0.02 have 0.01 of tax. The first line has 0.00 of it; the second, the last, has the 0.01."""
    bill = issued(computer="0.01", server="0.02")
    first = calculate_credit(bill, {1: D("0.02")})

    last = calculate_credit(after(bill, first), {2: D("0.02")})

    assert (first.tax[0].amount, last.tax[0].amount) == (D("0.00"), D("0.01"))


def test_a_credit_that_leaves_1_00_of_its_group_leaves_the_tax_on_it() -> None:
    credit = calculate_credit(issued(computer="30.00", server="1.00"), {1: D("60.00")})

    assert credit.tax[0].amount == D("11.40")


def test_of_cents_no_more_is_credited_than_was_charged() -> None:
    with pytest.raises(CreditTooLarge, match=r"0\.07 cannot be credited: 0\.06 is left of line 1"):
        calculate_credit(issued(computer="0.03"), {1: D("0.07")})


def test_thirty_days_taken_back_one_by_one_come_to_what_the_device_cost() -> None:
    credited, share = Decimal(0), Fraction(1005, 100)
    for day in range(1, 31):
        credited += cost_of_days(share, Fraction(day, 30), credited, 2)
    assert credited == Decimal("10.05")


def test_a_percentage_goes_back_in_part_and_never_beyond_what_is_left_of_it() -> None:
    assert part_of_percentage(Decimal("-10.00"), Decimal("-10.00"), Fraction(1, 3), 2) == Decimal("-3.33")
    assert part_of_percentage(Decimal("-10.00"), Decimal("-2.00"), Fraction(1, 3), 2) == Decimal("-2.00")
    assert part_of_percentage(Decimal("10.00"), Decimal("2.00"), Fraction(-1, 3), 2) == Decimal("0")
