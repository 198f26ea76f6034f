"""What lines say, in the words of an accountant."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from quarterday.documents.line_words import line_words, tax_name
from quarterday.documents.values import DeviceDays, PaperLine, TaxRow
from quarterday.documents.wording import language
from quarterday.engine.periods import Period

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
TWELVE_COMPUTERS = PaperLine(
    "usage",
    "computer",
    Decimal("360.00"),
    MARCH,
    quantity=Decimal(12),
    unit="device",
    unit_price=Decimal("30.00"),
    counting="at_end",
    tax_rate=Decimal(19),
)


def said(line, tag="en", currency="EUR"):
    """Text, detail, quantity with unit, price with its note, amount: with plain blanks."""
    words = line_words(line, currency, language(tag))
    cells = (words.text, words.detail, f"{words.quantity} {words.unit}", f"{words.price} {words.price_note}")
    return [" ".join(cell.split()) for cell in (*cells, words.amount)]


def test_counted_computers():
    assert said(TWELVE_COMPUTERS) == [
        "Computers",
        "1–31 Mar 2026, counted: devices present on the last day",
        "12 devices",
        "30.00",
        "360.00",
    ]


def test_counted_computers_in_german():
    assert said(TWELVE_COMPUTERS, "de") == [
        "Computer",
        "1.–31. März 2026, gezählt: Geräte, die am letzten Tag da waren",
        "12 Geräte",
        "30,00",
        "360,00",
    ]


def test_device_days_are_priced_per_days_of_the_period():
    line = PaperLine(
        "usage",
        "server",
        Decimal("735.48"),
        MARCH,
        quantity=Decimal(760),
        unit="device-day",
        unit_price=Decimal("30.00"),
        per=Decimal(31),
        counting="prorated",
    )

    assert said(line) == [
        "Servers",
        "1–31 Mar 2026, counted: each device for the days it was present",
        "760 device-days",
        "30.00 per 31 days",
        "735.48",
    ]


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"counted_on": date(2026, 3, 31)}, "counted: devices present on the last day (31 Mar 2026)"),
        ({"counting": "at_start"}, "counted: devices present on the first day"),
        (
            {"counting": "peak", "counted_on": date(2026, 3, 17)},
            "counted: most devices on one day (17 Mar 2026)",
        ),
        ({"counting": "any_day"}, "counted: each device seen on at least one day"),
        (
            {"counting": "in_advance", "counted_on": date(2026, 3, 1)},
            "billed in advance for the devices present on the first day (1 Mar 2026)",
        ),
        ({"counting": None, "tier": (Decimal(1), Decimal(10))}, "units 1 to 10"),
        ({"counting": None, "tier": (Decimal(11), None)}, "units from 11"),
        ({"counting": None, "tier": (Decimal(31), Decimal(31))}, "unit 31"),
        ({"counting": None, "included": Decimal(2)}, "2 included in the plan"),
    ],
)
def test_rule_tier_and_included_units_are_in_the_detail(change, detail):
    assert said(replace(TWELVE_COMPUTERS, **change))[1] == f"1–31 Mar 2026, {detail}"


def test_a_part_of_a_period_names_its_days():
    half = replace(TWELVE_COMPUTERS, fraction=Fraction(1, 2), whole_days=30)

    assert said(half)[3] == "30.00 for 15 of 30 days"
    assert said(half, "de")[3] == "30,00 für 15 von 30 Tagen"
    assert said(replace(half, whole_days=None))[3] == "30.00 × 1/2"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (PaperLine("flat_fee", "flat_fee", Decimal("49.00"), MARCH), ["Flat fee", "1–31 Mar 2026", "", "", "49.00"]),
        (
            PaperLine("minimum", "server", Decimal(180), MARCH, Decimal(2), "device", Decimal(90), minimum=Decimal(5)),
            ["Servers, up to the agreed minimum", "1–31 Mar 2026, agreed minimum 5", "2 devices", "90.00", "180.00"],
        ),
        (
            PaperLine("true_up", "mobile", Decimal(-4), MARCH, Decimal(-1), "device", Decimal(4), bill="INV-7"),
            [
                "Mobile devices, difference to the count billed in advance",
                "1–31 Mar 2026, bill INV-7",
                "−1 device",
                "4.00",
                "−4.00",
            ],
        ),
        (
            PaperLine("catch_up", "computer", Decimal(30), MARCH, Decimal(1), "device", Decimal(30), bill="INV-9"),
            ["Computers, for an earlier period", "1–31 Mar 2026, bill INV-9", "1 device", "30.00", "30.00"],
        ),
        (
            PaperLine("adjustment", "Loyalty", Decimal("-5.00"), percent=Decimal(-5), percent_of=Decimal(100)),
            ["Loyalty", "−5% of 100.00", "", "", "−5.00"],
        ),
        (
            PaperLine("adjustment", "Hours", Decimal("250.00"), quantity=Decimal("2.5"), unit_price=Decimal(100)),
            ["Hours", "", "2.5", "100.00", "250.00"],
        ),
        (
            PaperLine("usage", "Point of sale", Decimal("0.05"), unit_price=Decimal("0.0125"), quantity=Decimal(4)),
            ["Point of sale", "", "4", "0.0125", "0.05"],
        ),
    ],
)
def test_every_kind_of_line(line, words):
    assert said(line) == words


def test_a_fee_and_a_rest_are_named_in_the_readers_language():
    fee = PaperLine("credit", "flat_fee", Decimal("-5.00"), MARCH, unit="period", bill="INV-7")
    rest = PaperLine("adjustment", "Voucher, carried over", Decimal("-6.00"))

    assert [said(line)[0] for line in (fee, rest)] == ["Flat fee, credited", "Voucher, carried over"]
    assert [said(line, "de")[0] for line in (fee, rest)] == ["Grundpauschale, Korrektur", "Voucher, Übertrag"]


def test_yen_have_no_decimals():
    assert said(replace(TWELVE_COMPUTERS, net=Decimal(360), unit_price=Decimal(30)), currency="JPY")[3:] == [
        "30",
        "360",
    ]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (("S", "19", ""), "VAT 19%"),
        (("S", "9.975", "QST"), "QST 9.975%"),
        (("AE", "0", ""), "VAT: reverse charge"),
        (("Z", "0", ""), "VAT: zero-rated"),
        (("O", "0", ""), "VAT: not taxable"),
    ],
)
def test_a_tax_is_named_by_its_rate_or_by_why_it_has_none(row, name):
    category, rate, own_name = row

    assert tax_name(TaxRow(category, Decimal(rate), Decimal(100), Decimal(0), own_name), language("en")) == name


TEN_DAYS = replace(
    TWELVE_COMPUTERS,
    net=Decimal("9.68"),
    period=Period(date(2026, 3, 10), date(2026, 3, 20)),
    quantity=Decimal(1),
    fraction=Fraction(10, 31),
    whole_days=31,
    counting=None,
    devices=(DeviceDays("PC-1", "computer", (), 10),),
    takes_back=True,
)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("en", ["Computers", "10–19 Mar 2026, PC-1", "1 device", "30.00 for 10 of 31 days", "9.68"]),
        ("de", ["Computer", "10.–19. März 2026, PC-1", "1 Gerät", "30,00 für 10 von 31 Tagen", "9,68"]),
    ],
)
def test_a_credit_of_a_devices_days_names_device_days_and_price(tag, words):
    assert said(TEN_DAYS, tag) == words


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("en", ["Computers", "1–31 Mar 2026, a part of this line", " ", " ", "10.00"]),
        ("de", ["Computer", "1.–31. März 2026, ein Teil dieser Position", " ", " ", "10,00"]),
    ],
)
def test_a_credit_of_no_whole_number_of_units_is_an_amount(tag, words):
    part = replace(TWELVE_COMPUTERS, net=Decimal("10.00"), quantity=Decimal("0.333333"), counting=None, takes_back=True)

    assert said(part, tag) == [" ".join(word.split()) for word in words]
