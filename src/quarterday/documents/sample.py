"""Sample paper for designers: `python -m quarterday.documents.sample FOLDER` writes a PDF of every kind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from quarterday.documents.printing import print_bill
from quarterday.documents.values import (
    BankAccount,
    BillPaper,
    BillReference,
    DeviceDays,
    Letterhead,
    LineGroup,
    PaperLine,
    Party,
    Picture,
    TaxCategory,
    TaxRow,
)
from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import Period

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))

LOGO = Picture(
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 60">'
    b'<rect width="60" height="60" rx="12" fill="#1f4e79"/>'
    b'<path d="M14 40 L30 14 L46 40 Z" fill="none" stroke="#fff" stroke-width="5" stroke-linejoin="round"/>'
    b'<path d="M22 46 h16" stroke="#fff" stroke-width="5" stroke-linecap="round"/>'
    b'<path d="M76 18 v24 M76 18 l18 24 v-24" fill="none" stroke="#1f4e79" stroke-width="5"/>'
    b'<path d="M106 42 v-24 h14 a7 7 0 0 1 0 14 h-14 m12 0 l8 10" fill="none" stroke="#1f4e79" stroke-width="5"/>'
    b'<path d="M138 18 h20 m-10 0 v24" fill="none" stroke="#1f4e79" stroke-width="5"/>'
    b'<path d="M170 18 v24 m0-12 h18 m0-12 v24" fill="none" stroke="#1f4e79" stroke-width="5"/>'
    b"</svg>",
    "image/svg+xml",
)

PROVIDER = Party(
    name="Nordlicht IT-Service GmbH",
    address=("Hafenstraße 12", "20457 Hamburg", "Germany"),
    country="DE",
    tax_number="48/765/43210",
    vat_id="DE123456789",
    email="billing@nordlicht.example",
    phone="+49 40 555 0100",
    website="www.nordlicht.example",
)

LETTERHEAD = Letterhead(
    provider=PROVIDER,
    logo=LOGO,
    bank=BankAccount(
        holder="Nordlicht IT-Service GmbH", bank="Hanse Bank", iban="DE89370400440532013000", bic="COBADEFFXXX"
    ),
    footer=(
        "Nordlicht IT-Service GmbH\nHafenstraße 12\n20457 Hamburg",
        "Managing director: Wiebke Hansen\nAmtsgericht Hamburg, HRB 98765",
        "VAT ID DE123456789\nTax no. 48/765/43210",
    ),
)

CUSTOMER = Party(
    name="Praxis Dr. Sommer & Kollegen",
    contact="Frau Petra Lindemann",
    address=("Lindenallee 7", "10115 Berlin", "Germany"),
    country="DE",
    number="C-1042",
    vat_id="DE987654321",
)


def bill(currency: str = "EUR", *, rate: str = "19", category: TaxCategory = "S", devices: int = 25) -> BillPaper:
    """A bill for March 2026 with so many devices: counted computers, prorated servers, a fee and a discount."""
    computers, servers = devices - devices // 5, devices // 5
    lines = (
        PaperLine("flat_fee", "flat_fee", _rounded("49", currency), MARCH, unit="period", unit_price=Decimal(49)),
        _counted("computer", computers, "30", currency),
        _prorated("server", servers, "90", currency),
    )
    gross = sum((line.net for line in lines), Decimal(0))
    discount = PaperLine(
        "adjustment",
        "Loyalty discount",
        _rounded(-gross / 20, currency),
        percent=Decimal(-5),
        percent_of=gross,
    )
    return _with_totals(
        (
            LineGroup("Managed Workplace Gold", lines),
            LineGroup("", (discount,)),
        ),
        currency,
        category,
        Decimal(rate),
    )


def _with_totals(groups: tuple[LineGroup, ...], currency: str, category: TaxCategory, rate: Decimal) -> BillPaper:
    taxed = tuple(
        replace(
            group,
            lines=tuple(replace(line, tax_category=category, tax_rate=rate) for line in group.lines),
        )
        for group in groups
    )
    net = sum((line.net for group in taxed for line in group.lines), Decimal(0))
    tax = TaxRow(category, rate, net, _rounded(net * rate / 100, currency))
    return BillPaper(
        letterhead=LETTERHEAD,
        customer=CUSTOMER,
        issued_on=date(2026, 4, 1),
        due_on=date(2026, 4, 15),
        number="INV-2026-00042",
        currency=currency,
        groups=taxed,
        taxes=(tax,),
        net=net,
        total=net + tax.amount,
        service_periods=(MARCH,),
        po_number="PO 4500012345",
    )


def _counted(device_class: str, count: int, price: str, currency: str) -> PaperLine:
    return PaperLine(
        "usage",
        device_class,
        _rounded(count * Decimal(price), currency),
        MARCH,
        quantity=Decimal(count),
        unit="device",
        unit_price=Decimal(price),
        counting="at_end",
        devices=tuple(_device(device_class, n, MARCH) for n in range(1, count + 1)),
    )


def _prorated(device_class: str, count: int, price: str, currency: str) -> PaperLine:
    found = tuple(
        _device(device_class, n, Period(MARCH.start + timedelta(days=(3 * n) % 20), MARCH.end))
        for n in range(1, count + 1)
    )
    device_days = sum(device.days for device in found)
    return PaperLine(
        "usage",
        device_class,
        _rounded(Fraction(device_days) * Fraction(price) / MARCH.days, currency),
        MARCH,
        quantity=Decimal(device_days),
        unit="device-day",
        unit_price=Decimal(price),
        per=Decimal(MARCH.days),
        counting="prorated",
        devices=found,
    )


def _device(device_class: str, n: int, present: Period) -> DeviceDays:
    return DeviceDays(f"{device_class.upper()[:3]}-{n:04}", device_class, (present,), present.days, f"SN{n * 7919:08}")


def _rounded(amount: str | Decimal | Fraction, currency: str) -> Decimal:
    return round_half_up(Fraction(amount), digits_of(currency))


SAMPLES: dict[str, Callable[[], bytes]] = {
    "invoice": lambda: print_bill(bill()),
    "invoice-de": lambda: print_bill(replace(bill(), language="de")),
}


def main(folder: str) -> None:
    """Writes all samples into a folder, which is made if need be."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, print_sample in SAMPLES.items():
        path = Path(folder) / f"{name}.pdf"
        path.write_bytes(print_sample())
        print(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m quarterday.documents.sample FOLDER")
    main(sys.argv[1])
