"""Consolidated bills and statements of account."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from quarterday.documents import sample
from quarterday.documents.printing import print_bill, print_consolidated, print_statement
from quarterday.documents.values import ConsolidatedSummary
from quarterday.engine.periods import Period
from tests.documents.reading import images_alternatives, pages, text

SECOND_QUARTER = Period(date(2026, 4, 1), date(2026, 7, 1))
COVER = ConsolidatedSummary(sample.LETTERHEAD, sample.CUSTOMER, SECOND_QUARTER, date(2026, 7, 1))


def test_a_consolidated_bill_is_a_cover_that_is_no_invoice_and_copies_of_all_bills():
    cover, statement, *copies = pages(sample.SAMPLES["consolidated"]())

    assert "This page is not an invoice." in cover
    assert "Period 1 Apr – 30 Jun 2026" in cover
    assert "Invoice INV-2026-00042 1 Apr 2026 15 Apr 2026 919.93 174.79 1,094.72" in cover
    assert "Credit note CN-2026-00003 9 Apr 2026 −60.00 −11.40 −71.40" in cover
    assert "Total EUR 1,097.71 208.57 1,306.28" in cover
    assert "Statement of account" in statement
    assert [("COPY" in page) for page in copies if "Number" in page] == [True, True, True]


def test_each_bill_keeps_its_own_page_numbers():
    read = pages(print_consolidated(COVER, [sample.bill(), replace(sample.bill(), number="INV-2026-00043")]))
    numbers = [page[page.rindex("Page ") :].split(" Total")[0] for page in read]

    assert numbers == ["Page 1 of 1", "Page 1 of 2", "Page 2 of 2", "Page 1 of 2", "Page 2 of 2"]
    assert not read[3].startswith("Nordlicht IT-Service GmbH Invoice"), "a first page has no running header"


def test_a_copy_says_what_the_original_says_but_cannot_be_scanned_to_pay_twice():
    original = pages(print_bill(sample.bill()))[0]
    consolidated = print_consolidated(COVER, [sample.bill()])
    copy = pages(consolidated)[1]

    assert copy.replace(" COPY", "") == original.replace(" Scan to pay", "")
    assert not [words for words in images_alternatives(consolidated) if words.startswith("QR")]


def test_each_currency_has_its_own_sum():
    dollars = replace(sample.bill("USD"), number="INV-2026-00050")
    cover = pages(print_consolidated(COVER, [sample.bill(), dollars]))[0]

    assert "Total EUR 919.93 174.79 1,094.72" in cover
    assert "Total USD 919.93 174.79 1,094.72" in cover


def test_a_range_without_bills_says_so():
    assert "There are no invoices or credit notes in this period." in text(print_consolidated(COVER, []))


def test_a_statement_shows_each_movement_and_the_running_balance():
    (statement,) = pages(sample.SAMPLES["statement"]())

    assert "1 Apr 2026 Opening balance 120.00" in statement
    assert "1 Apr 2026 Invoice INV-2026-00042 due 15 Apr 2026 1,094.72 1,214.72" in statement
    assert "9 Apr 2026 Credit note CN-2026-00003 −71.40 1,143.32" in statement
    assert "14 Apr 2026 Payment 4711 bank transfer −1,000.00 143.32" in statement
    assert "Closing balance EUR 143.32" in statement
    assert "Please settle the open balance of EUR 143.32." in statement


def test_a_statement_in_credit_and_a_settled_one_ask_for_nothing():
    paper = sample.statement()
    in_credit = replace(paper, opening=Decimal("-43.32"), closing=Decimal("-20.00"))
    settled = replace(paper, opening=Decimal("-23.32"), closing=Decimal("0.00"))

    assert "You have a credit balance of EUR 20.00." in text(print_statement(in_credit))
    assert "Your account is settled." in text(print_statement(settled))


def test_who_pays_by_direct_debit_is_not_asked_to_settle_the_balance_too():
    paper = replace(sample.statement(), is_collected=True)
    said, german = text(print_statement(paper)), text(print_statement(replace(paper, language="de")))

    assert "The open balance of EUR 143.32 will be collected by direct debit." in said
    assert "Please settle" not in said
    assert "Wir ziehen ihn per Lastschrift ein; bitte überweisen Sie nichts." in german
    in_credit = replace(paper, opening=Decimal("-43.32"), closing=Decimal("-20.00"))
    assert "You have a credit balance of EUR 20.00." in text(print_statement(in_credit))


def test_the_same_papers_give_the_same_bytes():
    assert sample.SAMPLES["consolidated"]() == sample.SAMPLES["consolidated"]()
