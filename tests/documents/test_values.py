"""Paper that does not add up is refused before anything is printed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from quarterday.documents import sample
from quarterday.documents.values import PaperDoesNotAddUp, StatementEntry, StatementPaper
from quarterday.engine.money import UnknownCurrency


def test_a_bill_whose_lines_do_not_add_up_is_refused_with_the_numbers():
    with pytest.raises(PaperDoesNotAddUp, match=r"net of bill INV-2026-00042 is 900\.00, but .* add up to 919\.93"):
        replace(sample.bill(), net=Decimal("900.00"))


def test_a_bill_whose_total_is_not_net_plus_tax_is_refused():
    with pytest.raises(PaperDoesNotAddUp, match=r"total of bill INV-2026-00042 is 1094\.71, but .* 1094\.72"):
        replace(sample.bill(), total=Decimal("1094.71"))


def test_a_bill_in_an_unknown_currency_is_refused():
    with pytest.raises(UnknownCurrency, match="EURO"):
        replace(sample.bill(), currency="EURO")


def test_a_statement_must_lead_from_the_opening_to_the_closing_balance():
    payment = StatementEntry(date(2026, 4, 14), "payment", "4711", Decimal("-100.00"))
    with pytest.raises(PaperDoesNotAddUp, match=r"closing balance is 0\.00, but .* 20\.00"):
        StatementPaper(
            letterhead=sample.LETTERHEAD,
            customer=sample.CUSTOMER,
            period=sample.MARCH,
            printed_on=date(2026, 4, 1),
            currency="EUR",
            opening=Decimal("120.00"),
            closing=Decimal("0.00"),
            entries=(payment,),
        )


def test_what_is_left_to_pay_is_the_total_less_what_was_paid():
    assert replace(sample.bill(), paid=Decimal("500.00")).to_pay == Decimal("594.72")
