"""A bill on paper: what it shows, and that it is archivable, accessible and always the same bytes."""

import io
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pikepdf
import pytest
from PIL import Image

from quarterday.documents import sample
from quarterday.documents.press import NotPrintable
from quarterday.documents.printing import print_bill
from quarterday.documents.values import (
    Attachment,
    BankAccount,
    DeviceDays,
    LineGroup,
    PaperLine,
    Party,
    Picture,
    TaxRow,
)
from quarterday.engine.periods import Period
from tests.documents.reading import images_alternatives, metadata, pages, text

XMP_PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
XMP_PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"


def with_letterhead(paper, **changes):
    return replace(paper, letterhead=replace(paper.letterhead, **changes))


def one_line(line: PaperLine, **changes):
    return replace(sample.with_totals((LineGroup("Gold", (line,)),), "EUR", "S", Decimal(19)), **changes)


# What it shows.


def test_a_bill_shows_parties_numbers_dates_lines_and_sums():
    bill, _ = pages(print_bill(sample.bill()))

    for words in (
        "Nordlicht IT-Service GmbH · Hafenstraße 12 · 20457 Hamburg",
        "VAT ID DE123456789",
        "Praxis Dr. Sommer & Kollegen Attn. Frau Petra Lindemann Lindenallee 7 10115 Berlin",
        "Number INV-2026-00042 Date 1 April 2026 Due 15 April 2026 Service period 1–31 Mar 2026",
        "Customer no. C-1042 Your order PO 4500012345 Your VAT ID DE987654321",
        "Invoice INV-2026-00042",
        "Managed Workplace Gold",
        "Computers 1–31 Mar 2026, counted: devices present on the last day 20 devices 30.00 19% 600.00",
        "110 device-days 90.00 per 31 days 19% 319.35",
        "Loyalty discount −5% of 968.35 19% −48.42",
        "Tax rate Net Tax VAT 19% 919.93 174.79",
        "Net total 919.93 VAT 19% 174.79 Total EUR 1,094.72",
        "Please pay EUR 1,094.72 by 15 April 2026, quoting INV-2026-00042.",
        "IBAN DE89 3704 0044 0532 0130 00",
        "Amtsgericht Hamburg, HRB 98765",
        "Page 1 of 2",
    ):
        assert words in bill, words


def test_a_german_bill_says_it_in_german():
    bill, annex = pages(print_bill(replace(sample.bill(), language="de")))

    assert "Rechnung INV-2026-00042" in bill
    assert "Leistungszeitraum 1.–31. März 2026" in bill
    assert "Nettobetrag 919,93 USt. 19 % 174,79 Gesamtbetrag 1.094,72 EUR" in bill
    assert "Bitte überweisen Sie 1.094,72 EUR bis zum 15. April 2026" in bill
    assert "Seite 1 von 2" in bill
    assert "Anlage: Geräte und Tage" in annex


def test_the_annex_names_each_device_its_class_and_its_days():
    _, annex = pages(print_bill(sample.bill()))

    assert "No. 2: Computers, 1–31 Mar 2026 20 listed Device Class Days present Days" in annex
    assert "COM-0001 SN00007919 Computer 1–31 Mar 31" in annex
    assert "SER-0005 SN00039595 Server 16–31 Mar 16" in annex


def test_the_annex_lists_devices_as_people_count_them_and_adds_up_their_days():
    days = {"PC-10": 10, "PC-2": 2, "pc-1": 31}
    devices = tuple(DeviceDays(name, "computer", (), count) for name, count in days.items())
    line = PaperLine("usage", "computer", Decimal("43.00"), sample.MARCH, Decimal(43), "device-day", devices=devices)

    annex = pages(print_bill(one_line(line)))[1]

    assert "3 listed, 43 days" in annex
    assert annex.index("pc-1") < annex.index("PC-2") < annex.index("PC-10")


def test_a_device_that_came_and_went_shows_each_stay_and_at_most_twenty_four():
    stays = tuple(Period(date(2026, 1, day), date(2026, 1, day + 1)) for day in range(1, 31))
    flapping = DeviceDays("FLAP", "computer", stays, 30)
    line = PaperLine("usage", "computer", Decimal("30.00"), sample.MARCH, devices=(flapping,))

    annex = pages(print_bill(one_line(line)))[1]

    assert "FLAP Computer 1 Jan, 2 Jan, 3 Jan, 4 Jan" in annex
    assert "24 Jan, and 6 more stays 30" in annex


def test_a_bill_without_devices_has_no_annex():
    assert len(pages(print_bill(sample.bill(devices=0)))) == 1


def test_the_head_of_the_table_and_the_plan_are_repeated_on_each_page():
    paper = sample.SAMPLES["invoice-sixty-lines"]()
    read = pages(paper)

    assert [page.count("No. Description Quantity") for page in read[:3]] == [1, 1, 1]
    assert "Managed Workplace Gold 17 Workplace type 17" in read[1]
    assert read[-1].startswith("Nordlicht IT-Service GmbH Invoice INV-2026-00042")
    assert all(f"Page {number} of {len(read)}" in page for number, page in enumerate(read, start=1))


def test_what_to_pay_and_how_to_pay_it_are_on_one_page():
    (page,) = [page for page in pages(sample.SAMPLES["invoice-sixty-lines"]()) if "Total EUR 3,570.00" in page]

    assert "Please pay EUR 3,570.00" in page


@pytest.mark.parametrize("devices", [1_000, pytest.param(5_000, marks=pytest.mark.prove)])
def test_an_annex_may_have_thousands_of_devices(devices):
    read = pages(print_bill(sample.bill(devices=devices)))

    assert "COM-0001 " in read[1]
    assert f"SER-{devices // 5:04} " in read[-1]
    assert f"Page {len(read)} of {len(read)}" in read[-1]


def test_a_draft_says_so_has_no_number_and_asks_for_no_money():
    bill, annex = pages(print_bill(replace(sample.bill(), number=None)))

    assert "Draft: Invoice" in bill
    assert "This is a draft. It has no number, is not an invoice and must not be paid." in bill
    assert "Draft" in annex
    assert not [words for words in ("INV-", "Please pay", "IBAN", "Due", "1 April 2026") if words in bill]


def test_a_credit_note_names_the_bill_and_asks_for_no_money():
    note = pages(sample.SAMPLES["credit-note"]())[0]

    assert "Credit note CN-2026-00003" in note
    assert "Corrects INV-2026-00042 (1 Apr 2026)" in note
    assert "Computers, credited 1–31 Mar 2026, bill INV-2026-00042 2 devices 30.00 19% 60.00" in note
    assert "Total credited EUR 71.40" in note
    assert "Two computers were returned on 1 March" in note
    assert not [words for words in ("Please pay", "IBAN", "Due") if words in note]


def test_reverse_charge_gives_its_reason_and_both_vat_numbers():
    bill = pages(sample.SAMPLES["invoice-reverse-charge"]())[0]

    assert "VAT: reverse charge 0.00 Total EUR 919.93" in bill
    assert "Article 196 of Directive 2006/112/EC" in bill
    assert "VAT ID DE123456789" in bill
    assert "Your VAT ID NL123456789B01" in bill


def test_two_taxes_of_one_bill_have_a_row_each():
    line = PaperLine("adjustment", "Migration", Decimal("140.00"))
    taxes = (
        TaxRow("S", Decimal(5), Decimal("140.00"), Decimal("7.00"), name="GST"),
        TaxRow("S", Decimal("9.975"), Decimal("140.00"), Decimal("13.97"), name="QST"),
    )
    bill = text(print_bill(one_line(line, taxes=taxes, total=Decimal("160.97"), currency="CAD")))

    assert "GST 5% 140.00 7.00 QST 9.975% 140.00 13.97" in bill
    assert "Total CAD 160.97" in bill


def test_a_partly_paid_bill_asks_for_the_rest_and_a_paid_one_for_nothing():
    rest = text(print_bill(replace(sample.bill(), paid=Decimal("500.00"))))
    nothing = text(print_bill(replace(sample.bill(), paid=Decimal("1094.72"))))

    assert "Total 1,094.72 Already paid −500.00 Amount due EUR 594.72" in rest
    assert "Please pay EUR 594.72" in rest
    assert "Amount due EUR 0.00" in nothing
    assert "There is nothing to pay on this invoice." in nothing


@pytest.mark.parametrize(
    ("name", "total"),
    [("invoice-japanese-jpy", "JPY 920"), ("invoice-arabic-kwd", "KWD 919.937"), ("invoice-us-letter", "USD 919.93")],
)
def test_each_currency_has_its_own_digits(name, total):
    assert f"Total {total} " in pages(sample.SAMPLES[name]())[0]


def test_chinese_and_arabic_names_are_printed_with_glyphs_and_can_be_copied():
    chinese = text(sample.SAMPLES["invoice-chinese-cny"]())
    arabic = text(sample.SAMPLES["invoice-arabic-kwd"]())

    assert "北京天成国际贸易有限公司" in chinese
    for word in ("شركة", "النور", "للتجارة", "والخدمات"):
        assert word in arabic
    assert "\ufffd" not in chinese + arabic


@pytest.mark.parametrize(("size", "points"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_a4_and_us_letter(size, points):
    with pikepdf.open(io.BytesIO(print_bill(with_letterhead(sample.bill(), size=size)))) as pdf:
        assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in pdf.pages} == {points}


def test_banks_without_iban_show_their_own_lines():
    account = BankAccount("Nordlicht Inc.", "First Bank", others=(("Routing", "021000021"), ("Account", "123456789")))
    bill = text(print_bill(with_letterhead(sample.bill("USD"), bank=account)))

    assert "Account holder Nordlicht Inc. Bank First Bank Routing 021000021 Account 123456789" in bill


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 20), "#1f4e79").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    "logo", [Picture(picture("PNG"), "image/png"), Picture(picture("JPEG"), "image/jpeg"), sample.LOGO]
)
def test_a_logo_may_be_png_jpeg_or_svg_and_has_a_text_for_the_blind(logo):
    pdf = print_bill(with_letterhead(sample.bill(), logo=logo))

    assert "Logo of Nordlicht IT-Service GmbH" in images_alternatives(pdf)


def test_without_a_logo_the_name_stands_in_its_place():
    assert pages(print_bill(with_letterhead(sample.bill(), logo=None)))[0].startswith("Nordlicht IT-Service GmbH +49")


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg", "image/svg+xml"])
def test_a_logo_that_is_no_picture_is_refused_with_the_cure(mime):
    with pytest.raises(ValueError, match=r"logo is not of type .* give a PNG, JPEG or SVG file"):
        Picture(b"not a picture", mime)


@pytest.mark.parametrize("svg", [b"<svg", b'<svg xmlns="http://www.w3.org/2000/svg"><g></svg>'])
def test_a_broken_svg_logo_is_refused_by_name(svg):
    with pytest.raises(NotPrintable, match="logo"):
        print_bill(with_letterhead(sample.bill(), logo=Picture(svg, "image/svg+xml")))


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/x.png", "file:///etc/hostname", "/etc/hostname", "paper.json"])
def test_a_logo_may_not_fetch_other_files(where):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image width="9" height="9" href="{where}"/></svg>'
    with pytest.raises(NotPrintable, match="failed to load linked image"):
        print_bill(with_letterhead(sample.bill(), logo=Picture(svg.encode(), "image/svg+xml")))


# What it is.


@pytest.mark.parametrize("name", sorted(sample.SAMPLES))
def test_every_sample_is_pdf_a_3a_and_pdf_ua_1(name):
    pdf = sample.SAMPLES[name]()
    about = metadata(pdf)

    assert (about[f"{XMP_PDFA}part"], about[f"{XMP_PDFA}conformance"]) == ("3", "A")
    assert about[f"{XMP_PDFUA}part"] == "1"
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert opened.check_pdf_syntax() == []


def test_title_author_language_and_date_are_the_bills():
    pdf = print_bill(replace(sample.bill(), language="de"))

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.docinfo["/Title"] == "Rechnung INV-2026-00042"
        assert opened.docinfo["/Author"] == "Nordlicht IT-Service GmbH"
        assert opened.docinfo["/CreationDate"] == "D:20260401000000Z"
        assert opened.Root.Lang == "de-DE"


def test_the_qr_code_has_a_text_for_the_blind():
    alternatives = images_alternatives(print_bill(sample.bill()))

    assert [" ".join(words.split()) for words in alternatives if words.startswith("QR")] == [
        "QR code for a SEPA transfer of EUR 1,094.72 to DE89370400440532013000, reference INV-2026-00042"
    ]


def test_the_same_paper_gives_the_same_bytes():
    assert print_bill(sample.bill()) == print_bill(sample.bill())


def test_another_process_gives_the_same_bytes():
    command = (
        "from hashlib import sha256; from quarterday.documents import sample; "
        "print(sha256(sample.SAMPLES['invoice']()).hexdigest())"
    )
    told = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, timeout=60)

    assert told.stdout.strip() == sha256(sample.SAMPLES["invoice"]()).hexdigest()


def test_an_attachment_is_an_associated_file_with_its_type():
    invoice = Attachment("factur-x.xml", b"<Invoice/>", "text/xml", "The same invoice for machines")
    pdf = print_bill(sample.bill(), attachments=[invoice])

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (associated,) = opened.Root.AF
        assert associated.AFRelationship == "/Alternative"
        assert str(associated.Desc) == "The same invoice for machines"
        assert opened.attachments["factur-x.xml"].get_file().read_bytes() == b"<Invoice/>"
        assert opened.attachments["factur-x.xml"].get_file().mime_type == "text/xml"


def test_parties_with_very_long_names_and_addresses_push_the_rest_down_and_cover_nothing():
    long = Party("Customer " * 40, tuple(f"Address line {n} {'x' * 50}" for n in range(9)), contact="Contact " * 30)
    first = pages(print_bill(replace(sample.bill(), customer=long)))[0]

    assert "Attn. Contact Contact" in first
    assert first.index("Address line 8 xxx") < first.index("Invoice INV-2026-00042") < first.index("Computers")
