"""Tax: which rule a line falls under, and what the lines of one treatment come to together."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from quarterday.engine.facts import TaxComponent, TaxRule, TaxTreatment
from quarterday.engine.tax import ComponentAmount, NoTaxRule, TaxGroup, percentage, tax_groups, treatment_of

D = Decimal
STANDARD = TaxTreatment("S", D(19))
GST, QST = TaxComponent("GST", D(5)), TaxComponent("QST", D("9.975"))


def exempt(reason: str) -> TaxTreatment:
    return TaxTreatment("E", D(0), reason)


def test_lines_of_one_treatment_are_taxed_once_on_their_sum_and_lines_without_one_not_at_all() -> None:
    nets = [(None, D("99.99")), (STANDARD, D("0.03")), (None, D("1.00")), (STANDARD, D("0.03"))]

    # 19 % of 0.06 are 0.0114; of each 0.03 they would be 0.0057, rounded up to 0.01 twice.
    assert tax_groups(nets, 2) == (TaxGroup("S", D(19), D("0.06"), D("0.01")),)


def test_groups_stand_in_the_order_of_their_first_lines_and_say_each_reason_once() -> None:
    nets = [
        (exempt("Export"), D("1.00")),
        (STANDARD, D("100.00")),
        (exempt("Small business"), D("2.00")),
        (exempt("Export"), D("3.00")),
    ]

    assert tax_groups(nets, 2) == (
        TaxGroup("E", D(0), D("6.00"), D("0.00"), "Export; Small business"),
        TaxGroup("S", D(19), D("100.00"), D("19.00")),
    )


def test_each_component_is_rounded_on_its_own_and_the_tax_is_their_sum() -> None:
    [group] = tax_groups([(TaxTreatment("S", D("14.975"), "", (GST, QST)), D("140.00"))], 2)

    assert group.components == (ComponentAmount(GST, D("7.00")), ComponentAmount(QST, D("13.97")))
    assert (group.amount, group.key) == (D("20.97"), ("S", D("14.975"), (GST, QST)))


def test_a_percentage_is_rounded_half_up_to_the_currency_s_digits() -> None:
    assert percentage(D("244.00"), D(19), 2) == D("46.36")
    assert percentage(D("0.50"), D(1), 2) == D("0.01")
    assert percentage(D("-0.50"), D(1), 2) == D("-0.01")
    assert percentage(D(150), D(19), 0) == D(29)


def test_a_code_is_treated_by_its_latest_rule_that_has_begun() -> None:
    first, second = date(2026, 1, 1), date(2026, 7, 1)
    rules = [
        TaxRule("std", second, TaxTreatment("S", D(16))),
        TaxRule("std", first, STANDARD),
        TaxRule("low", first, TaxTreatment("S", D(7))),
    ]

    rates = [
        treatment_of("std", rules, on=day) for day in (first, second - timedelta(days=1), second, date(2030, 1, 1))
    ]
    assert rates == [STANDARD, STANDARD, TaxTreatment("S", D(16)), TaxTreatment("S", D(16))]
    assert treatment_of(None, rules, on=first) is None
    with pytest.raises(NoTaxRule, match="tax code 'low' has no rule for this customer on 2025-12-31"):
        treatment_of("low", rules, on=first - timedelta(days=1))
