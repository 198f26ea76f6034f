"""No name stops, hides or restyles a bill, wherever it stands."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from quarterday.documents import press, sample
from quarterday.documents.printing import print_bill
from quarterday.documents.values import BankAccount, BillReference, DeviceDays, LineGroup, PaperLine, Party, TaxRow
from tests.documents.reading import pages, text

HOSTILE = [
    "#set page(width: 1pt)",
    '#panic("stop")',
    "*bold* _it_ $x^2$ `raw` <label> @ref // comment /* open",
    "\\u{41} ] } ) \" ' \\",
    "{page} {pages} {name} {}",
    "a\x00b\x07\x1b[31mc\x7f",
    "A" * 10_000,
    " ".join(["word"] * 5_000),
    "evil\u202egnp.exe\u2066x",
    "zero\u200bwidth\u2060\ufeff",
    "\u200b\u200e\u00ad",
    '=HYPERLINK("http://x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "party 🎉👩‍👩‍👧‍👦 flag 🇩🇪",
    "Z" + "\u0310\u0320" * 200,
    "half\ud800pair",
    "שלום עולם",
    "\u5677\u08ce\ufe5f\u0953",
    "\n\n\r\n\t",
    "",
]


def everywhere(name: str):
    """A bill that has the name in every place that holds somebody's text."""
    party = Party(name, (name, name), "DE", name, name, name, name, name, name, name)
    device = DeviceDays(name, name, (sample.MARCH,), 31, name)
    line = PaperLine("usage", name, Decimal("30.00"), sample.MARCH, bill=name, tax_code=name, devices=(device,))
    tax = TaxRow("S", Decimal(19), Decimal("30.00"), Decimal("5.70"), name=name, reason=name)
    account = BankAccount(name, name, name, name, ((name, name),))
    letterhead = replace(sample.LETTERHEAD, provider=party, bank=account, footer=(name, name))
    return replace(
        sample.with_totals((LineGroup(name, (line,), note=name),), "EUR", "S", Decimal(19)),
        letterhead=letterhead,
        customer=party,
        taxes=(tax,),
        number=name or "INV-1",
        po_number=name,
        buyer_reference=name,
        corrects=(BillReference(name, date(2026, 3, 1)),),
        remarks=(name,),
        payment_note=name,
    )


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_bill_is_printed_whatever_the_names_are(name):
    read = text(print_bill(everywhere(name)))

    assert "EUR 35.70" in read
    assert "31" in read


@pytest.mark.parametrize(
    "name", ["#set page(width: 1pt)", "*bold* _it_ $x$ `raw` <label> @ref", "<script>alert(1)</script>", "{page}"]
)
def test_markup_is_printed_as_it_was_typed(name):
    assert name in text(print_bill(replace(sample.bill(), customer=Party(name))))


def test_a_name_of_ten_thousand_characters_leaves_the_bill_on_its_pages():
    read = pages(print_bill(replace(sample.bill(), customer=replace(sample.CUSTOMER, name="A" * 10_000))))

    assert "A" * 20 in read[0]
    assert "…" in read[0]
    assert len(read) == 2


def test_a_name_that_shows_nothing_is_printed_as_a_dash():
    device = DeviceDays("\u200b", "computer", (sample.MARCH,), 31)
    line = PaperLine("usage", "computer", Decimal("30.00"), sample.MARCH, devices=(device,))
    annex = pages(print_bill(sample.with_totals((LineGroup("Gold", (line,)),), "EUR", "S", Decimal(19))))[1]

    assert "– Computer 1–31 Mar 31" in annex


def test_letters_and_marks_that_no_font_shapes_together_are_printed_without_the_marks(monkeypatch):
    asked = []
    monkeypatch.setattr(press, "plain", lambda words: asked.append(words) or words.replace("\u0953", ""))

    read = text(print_bill(replace(sample.bill(), customer=Party("\u5677\u08ce\ufe5f\u0953"))))

    assert asked, "the fonts shape this by now: choose another example"
    assert "\u5677" in read
