"""The QR code of a SEPA transfer: on the bills that ask for one, with what they ask for."""

import io
from dataclasses import replace
from decimal import Decimal

import pypdfium2
import pytest
import segno

from quarterday.documents import sample
from quarterday.documents.payment_code import payment_code
from quarterday.documents.printing import print_bill
from quarterday.documents.values import BankAccount

PAYLOAD = (
    b"BCD\n002\n1\nSCT\nCOBADEFFXXX\nNordlicht IT-Service GmbH\nDE89370400440532013000\nEUR1094.72\n\n\nINV-2026-00042"
)
"""The sample bill's transfer, written out by EPC069-12."""


def without_bank(paper):
    return replace(paper, letterhead=replace(paper.letterhead, bank=None))


def with_bank(paper, **changes):
    return replace(paper, letterhead=replace(paper.letterhead, bank=replace(paper.letterhead.bank, **changes)))


def code_of(payload: bytes) -> str:
    out = io.BytesIO()
    code = segno.make_qr(payload, error="m", boost_error=False)
    code.save(out, kind="svg", border=0, omitsize=True, xmldecl=False, svgclass=None, lineclass=None)
    return out.getvalue().decode()


def test_the_code_holds_holder_iban_amount_and_number():
    assert payment_code(sample.bill()) == code_of(PAYLOAD)


def test_a_partly_paid_bill_asks_for_the_rest():
    partly_paid = replace(sample.bill(), paid=Decimal("94.72"))

    assert payment_code(partly_paid) == code_of(PAYLOAD.replace(b"EUR1094.72", b"EUR1000"))


@pytest.mark.parametrize(
    ("why", "paper"),
    [
        ("another currency", sample.bill("CHF")),
        ("a credit note", replace(sample.bill(), kind="credit_note")),
        ("a draft", replace(sample.bill(), number=None)),
        ("a copy", replace(sample.bill(), copy=True)),
        ("nothing left to pay", replace(sample.bill(), paid=Decimal("1094.72"))),
        ("paid too much", replace(sample.bill(), paid=Decimal("2000.00"))),
        ("no bank", without_bank(sample.bill())),
        ("no IBAN", with_bank(sample.bill(), iban="")),
        ("an IBAN that is none", with_bank(sample.bill(), iban="DE8")),
        ("a BIC that is none", with_bank(sample.bill(), bic="COBA")),
    ],
)
def test_there_is_no_code_for(why, paper):
    assert payment_code(paper) == "", why


def test_a_line_end_in_the_holders_name_does_not_begin_another_field():
    account = BankAccount("Nordlicht\nIT-Service\nGmbH", iban="DE89 3704 0044 0532 0130 00", bic="COBADEFFXXX")
    paper = replace(sample.bill(), letterhead=replace(sample.LETTERHEAD, bank=account))

    assert payment_code(paper) == code_of(PAYLOAD)


def test_what_is_printed_is_this_code_module_by_module():
    code = segno.make_qr(PAYLOAD, error="m", boost_error=False)
    modules = [[bool(module) for module in row] for row in code.matrix]
    page = pypdfium2.PdfDocument(print_bill(sample.bill()))[0]
    picture = page.render(scale=4, grayscale=True).to_pil()

    assert _modules_in(picture, len(modules)) == modules


def _modules_in(picture, count):
    """The code is the only solid black square of its size at the right margin: found by its left and top edges."""
    points_per_mm, scale = 72 / 25.4, 4
    right = (210 - 17) * points_per_mm * scale
    size = 25 * points_per_mm * scale
    left = right - size
    column = [picture.getpixel((int(left + size / count / 2), y)) < 128 for y in range(picture.height)]
    finder = int(7 * size / count)
    top = next(y for y in range(picture.height - finder) if all(column[y : y + finder - 2]))
    step = size / count
    return [
        [picture.getpixel((int(left + (x + 0.5) * step), int(top + (y + 0.5) * step))) < 128 for x in range(count)]
        for y in range(count)
    ]
