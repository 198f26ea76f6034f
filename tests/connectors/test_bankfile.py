"""A bank's statement is read whole, or refused with the line, the field and the cure."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest

from quarterday.connectors.bankfile import read_bank_file
from quarterday.connectors.shape import SourceRefused
from tests.payments.bank import camt, details, ntry

SPARKASSE = """Kontoauszug;DE89370400440532013000
Zeitraum;01.06.2026 bis 30.06.2026

"Buchungstag";"Valuta";"Beguenstigter/Zahlungspflichtiger";"Verwendungszweck";"Kontonummer/IBAN";"Betrag";"Waehrung"
"01.06.26";"01.06.26";"North Dental GmbH";"Rechnung INV-2026-00001";"DE02120300000000202051";"1.119,00";"EUR"
"02.06.26";"02.06.26";"Stadtwerke";"Abschlag";"DE77";"-80,50";"EUR"
"""


def refusal(content: bytes, **more) -> list[tuple[int, str, str]]:
    with pytest.raises(SourceRefused) as refused:
        read_bank_file(content, **more)
    return [(fault.line, fault.column, fault.reason) for fault in refused.value.faults]


def test_a_camt_entry_is_a_day_an_amount_a_payer_and_what_the_transfer_said():
    (came,) = read_bank_file(camt(ntry(details=details("Rechnung INV-2026-00001"))))

    assert (came.booked_on, came.amount, came.currency) == (date(2026, 6, 1), Decimal("119.00"), "EUR")
    assert (came.text, came.name, came.iban) == (
        "Rechnung INV-2026-00001",
        "North Dental GmbH",
        "DE02120300000000202051",
    )
    assert (came.reference, came.account) == ("REF-119.00", "DE89370400440532013000")


@pytest.mark.parametrize("version", ["02", "04", "08", "10", "13"])
def test_every_version_is_read(version):
    assert len(read_bank_file(camt(ntry(), namespace=f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"))) == 1


def test_what_went_is_below_zero_and_a_returned_one_says_so():
    went, returned = read_bank_file(
        camt(
            ntry("50.00", "DBIT", details=details(name="South Law", other="Cdtr")),
            ntry("60.00", "DBIT", inside="<RvslInd>true</RvslInd>"),
        )
    )

    assert (went.amount, went.name, went.is_returned) == (Decimal("-50.00"), "South Law", False)
    assert (returned.amount, returned.is_returned) == (Decimal("-60.00"), True)


def test_a_batch_is_its_transactions_if_they_add_up():
    parts = details("one", amount="70.00") + details("two", amount="49.00")
    batch = parts.replace("</NtryDtls><NtryDtls>", "")

    assert [(e.text, str(e.amount)) for e in read_bank_file(camt(ntry(details=batch)))] == [
        ("one", "70.00"),
        ("two", "49.00"),
    ]
    assert [str(e.amount) for e in read_bank_file(camt(ntry("120.00", details=batch)))] == ["120.00"]


def test_a_batch_that_cannot_be_told_apart_is_not_all_the_first_ones():
    parts = details("INV-1", amount="100.00") + details("INV-2", "Law", amount="19.00")
    batch = parts.replace("</NtryDtls><NtryDtls>", "")
    in_dollars = batch.replace('Ccy="EUR"', 'Ccy="USD"')
    for file in (ntry("120.00", details=batch), ntry("119.00", details=in_dollars)):
        (whole,) = read_bank_file(camt(file))
        assert (whole.name, whole.iban, whole.text) == ("", "", "INV-1 INV-2")
        assert whole.currency == "EUR"


def test_what_came_back_bears_the_name_of_the_other_one_and_not_ours():
    """The bank names the parties of the debit: we were paid, so we are its creditor, also when it comes back."""
    ours = "<Cdtr><Nm>Brightwater</Nm></Cdtr><CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct>"
    told = details("unpaid").replace("</RltdPties>", f"{ours}</RltdPties>")
    returned = told.replace("</TxDtls>", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>")
    (back,) = read_bank_file(camt(ntry("119.00", "DBIT", details=returned)))
    assert (back.amount, back.is_returned) == (Decimal(-119), True)
    assert (back.name, back.iban) == ("North Dental GmbH", "DE02120300000000202051")


def test_what_is_not_booked_yet_is_no_movement():
    assert read_bank_file(camt(ntry().replace("BOOK", "PDNG"), ntry("0.00"))) == []


def test_a_german_banks_csv_is_read_below_its_heading():
    came, went = read_bank_file(SPARKASSE.encode("cp1252"))

    assert (came.booked_on, came.amount, came.name) == (date(2026, 6, 1), Decimal("1119.00"), "North Dental GmbH")
    assert (came.text, came.iban) == ("Rechnung INV-2026-00001", "DE02120300000000202051")
    assert went.amount == Decimal("-80.50")


def test_two_columns_for_what_came_and_went_and_names_by_hand():
    content = b'Wann,Paid in,Paid out,Wofuer\n2026-06-01,,12.50,fee\n2026-06-02,"1,200.00",,INV-1\n'
    entries = read_bank_file(content, columns={"day": "Wann", "text": "Wofuer"}, currency="GBP")

    assert [(str(e.amount), e.currency, e.text) for e in entries] == [
        ("-12.50", "GBP", "fee"),
        ("1200.00", "GBP", "INV-1"),
    ]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("-12", "-12.0"), ("12,5-", "-12.5"), ("1 234,00", "1234.00")],
)
def test_amounts_are_read_as_people_write_them(said, meant):
    (entry,) = read_bank_file(f"date;amount\n2026-06-01;{said}\n".encode())

    assert entry.amount == Decimal(meant)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (["04/15/2026", "04/05/2026"], [(4, 15), (4, 5)]),
        (["15/04/2026", "04/05/2026"], [(4, 15), (5, 4)]),
        (["4/15/26", "5/5/26"], [(4, 15), (5, 5)]),
        (["05/05/2026"], [(5, 5)]),
    ],
)
def test_a_day_past_the_twelfth_says_how_all_days_of_the_file_are_written(said, meant):
    rows = "".join(f"{day},5.00\n" for day in said)

    assert [(e.booked_on.month, e.booked_on.day) for e in read_bank_file(f"date,amount\n{rows}".encode())] == meant


def test_without_such_a_day_a_person_says_what_comes_first():
    content = b"date,amount\n05/05/2026,1.00\n04/05/2026,5.00\n"

    ((line, field, words),) = refusal(content)
    assert (line, field) == (3, "day")
    assert "“04/05/2026” may be 2026-04-05 or 2026-05-04" in words
    assert read_bank_file(content, first="day")[1].booked_on == date(2026, 5, 4)
    assert read_bank_file(content, first="month")[1].booked_on == date(2026, 4, 5)
    assert refusal(b"date,amount\n13/05/2026,1.00\n", first="month")[0][2].startswith("“13/05/2026” is no day")


def test_days_that_are_written_now_in_one_way_and_now_in_another_are_no_days():
    assert [line for line, _, _ in refusal(b"date,amount\n13/05/2026,1.00\n05/13/2026,1.00\n")] == [3]


BAD_CSV = {
    "no such day": ("date;amount\n2026-02-30;5\n", (2, "day", "“2026-02-30” is no day")),
    "no such day with slashes": ("date;amount\n00/05/2026;5\n", (2, "day", "“00/05/2026” is no day")),
    "no amount": ("date;amount\n2026-06-01;five\n", (2, "amount", "“five” is no amount")),
    "nobody knows": ("date;amount\n2026-06-01;1.234\n", (2, "amount", "“1.234” is no amount")),
    "two kinds of points": ("date;amount\n2026-06-01;1.234,567\n", (2, "amount", "“1.234,567” is no amount")),
    "too fine": ("date;amount\n2026-06-01;1,2345\n", (2, "amount", "is no amount")),
    "no currency": ("date;amount;currency\n2026-06-01;5;XXQ\n", (2, "currency", "“XXQ” is no currency")),
    "no columns": ("a;b\n1;2\n", (0, "day", "name it with --column day=")),
    "no amount column": ("date;b\n1;2\n", (0, "amount", "name it with --column amount=")),
    "empty": ("", (0, "", "the file is empty")),
}


@pytest.mark.parametrize("case", BAD_CSV)
def test_a_bad_csv_names_line_field_and_cure(case):
    content, (line, column, words) = BAD_CSV[case]
    ((at, field, reason),) = refusal(content.encode())

    assert (at, field) == (line, column)
    assert words in reason


def test_a_column_named_by_hand_must_be_there_and_a_field_must_be_known():
    assert refusal(b"date;amount\n2026-06-01;5\n", columns={"text": "Zweck"}) == [
        (1, "text", "the file has no column “Zweck”")
    ]
    assert "the fields are day, amount" in refusal(b"date;amount\n", columns={"colour": "x"})[0][2]


BAD_CAMT = {
    "another message": (camt(ntry(), root="BkToCstmrAcctRpt"), "", "not a camt.053 statement; export camt.053"),
    "another document": (b"<Invoice><Line/></Invoice>", "", "this is “Invoice”, not a camt.053 statement"),
    "no amount": (camt("<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"), "Ntry", "has no amount"),
    "words for an amount": (camt(ntry("much")), "Amt", "“much” is no amount"),
    "an endless amount": (camt(ntry("1E+999999")), "Amt", "is no amount"),
    "below zero": (camt(ntry("-5")), "Amt", "is no amount"),
    "finer than its currency": (camt(ntry("1.005")), "Amt", "1.005 has more than the 2 decimals of EUR"),
    "no currency": (camt(ntry(currency="XXQ")), "Amt, Ccy", "“XXQ” is no currency"),
    "no direction": (camt(ntry(sign="UP")), "CdtDbtInd", "neither CRDT (came) nor DBIT (went)"),
    "no day": (camt(ntry().replace("2026-06-01", "soon")), "BookgDt", "“soon” is no day"),
    "cut off": (camt(ntry())[:-30], "", "the XML cannot be read"),
    "noise": (b"<\0\1\2", "", "the XML cannot be read"),
    "an amount of a thousand digits": (camt(ntry("0." + "1" * 1_000)), "Amt", "1” is no amount"),
    "an unknown encoding": (camt(ntry()).replace(b"UTF-8", b"ZIP-8"), "", "the XML cannot be read"),
    "an encoding that hides markup": (camt(ntry()).replace(b"UTF-8", b"UTF-7"), "", "the XML cannot be read"),
    "an encoding of two bytes": (camt(ntry()).replace(b"UTF-8", b"Shift_JIS"), "", "the XML cannot be read"),
    "an encoding that decodes nothing": (camt(ntry()).replace(b"UTF-8", b"idna"), "", "the XML cannot be read"),
}


@pytest.mark.parametrize("case", BAD_CAMT)
def test_a_bad_camt_names_line_element_and_cure(case):
    content, element, words = BAD_CAMT[case]
    ((line, column, reason),) = refusal(content)

    assert line >= 1
    assert column == element
    assert words in reason


def test_all_that_is_wrong_is_said_at_once():
    assert [line for line, _, _ in refusal(camt(ntry("much"), ntry(), ntry("more")))] == [3, 5]


BOMBS = {
    "a billion laughs": '<!DOCTYPE d [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>",
    "a file of ours": '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "a page of elsewhere": '<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd">',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_at_once(bomb):
    began = time.monotonic()
    ((_, _, reason),) = refusal(camt(ntry(details=details("&m;")), before=BOMBS[bomb]))

    assert "declares no document type" in reason
    assert time.monotonic() - began < 1


def test_a_deep_file_is_refused_and_a_long_one_is_read_in_time():
    began = time.monotonic()
    deep = camt("<Ntry>" + "<a>" * 100_000)
    assert "nested more than 40 deep" in refusal(deep)[0][2]
    assert len(read_bank_file(camt(*[ntry(details=details())] * 5_000))) == 5_000
    assert time.monotonic() - began < 10


def test_a_batch_of_many_transfers_takes_as_long_as_its_file_is():
    began = time.monotonic()
    batch = camt(ntry("8000.00", details=details(amount="1.00") * 8_000))
    assert len(read_bank_file(batch)) == 8_000
    assert time.monotonic() - began < 10


def test_an_entry_of_endless_elements_is_refused_before_it_fills_the_memory():
    endless = camt("<Ntry>" + "<a/>" * 500_001)
    assert "an entry has more than 500,000 elements" in refusal(endless)[0][2]


def test_a_spreadsheet_or_a_pdf_is_called_by_its_name():
    assert "another format (HTML)" in refusal(b"<html><body/></html>")[0][2]
    assert "another format (Excel .xlsx, ZIP)" in refusal(b"PK\x03\x04rest")[0][2]


def test_an_amount_beyond_all_likelihood_is_no_amount():
    table = "Buchungstag;Betrag;Waehrung;Name\n01.04.2026;{};EUR;North\n"
    assert read_bank_file(table.format("999999999999,99").encode())[0].amount == Decimal("999999999999.99")
    for absurd in ("1000000000000,00", "99999999999999999999"):
        ((line, column, reason),) = refusal(table.format(absurd).encode())
        assert (line, column) == (2, "amount")
        assert "is no amount" in reason
