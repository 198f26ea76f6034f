"""Sample paper for designers: `python -m quarterday.documents.sample FOLDER` writes a PDF of every kind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from quarterday.documents.printing import print_bill, print_consolidated, print_statement
from quarterday.documents.values import (
    ONE,
    BankAccount,
    BillPaper,
    BillReference,
    ConsolidatedSummary,
    DeviceDays,
    Letterhead,
    LineGroup,
    PaperLine,
    Party,
    Picture,
    StatementEntry,
    StatementPaper,
    TaxRow,
)
from quarterday.engine.facts import TaxCategory
from quarterday.engine.money import in_currency
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
    fee = PaperLine("flat_fee", "flat_fee", _rounded("49", currency), MARCH, unit="period", unit_price=Decimal(49))
    if not devices:
        return with_totals((LineGroup("Managed Workplace Gold", (fee,)),), currency, category, Decimal(rate))
    lines = (fee, _counted("computer", computers, "30", currency), _prorated("server", servers, "90", currency))
    gross = sum((line.net for line in lines), Decimal(0))
    discount = PaperLine(
        "adjustment",
        "Loyalty discount",
        _rounded(-gross / 20, currency),
        percent=Decimal(-5),
        percent_of=gross,
    )
    return with_totals(
        (
            LineGroup("Managed Workplace Gold", lines),
            LineGroup("", (discount,)),
        ),
        currency,
        category,
        Decimal(rate),
    )


def with_totals(groups: tuple[LineGroup, ...], currency: str, category: TaxCategory, rate: Decimal) -> BillPaper:
    """An invoice of these lines, all taxed alike and summed up."""
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
    return in_currency(Fraction(amount), currency)


def _long_bill() -> BillPaper:
    """Sixty charges in three groups, which go on over several pages."""
    lines = [_counted("computer", 1, f"{20 + n}.50", "EUR") for n in range(60)]
    named = tuple(replace(line, text=f"Workplace type {n:02}", devices=()) for n, line in enumerate(lines, start=1))
    titles = ("Managed Workplace Gold", "Managed Workplace Silver", "Backup and Recovery")
    groups = tuple(LineGroup(title, named[20 * n : 20 * n + 20]) for n, title in enumerate(titles))
    return with_totals(groups, "EUR", "S", Decimal(19))


def _every_kind_of_line() -> BillPaper:
    """One line of each kind and counting rule, with tiers, included units, a part of a period and a catch-up."""
    half = Period(date(2026, 3, 16), MARCH.end)
    computers = _counted("computer", 12, "30", "EUR")
    february = Period(date(2026, 2, 1), MARCH.start)
    lines = (
        replace(computers, included=Decimal(2), counted_on=MARCH.last_day),
        replace(computers, counting="peak", counted_on=date(2026, 3, 17), tier=(Decimal(1), Decimal(10)), devices=()),
        replace(computers, counting="any_day", tier=(Decimal(11), None), devices=()),
        replace(computers, counting="at_start", period=half, fraction=Fraction(16, 31), whole_days=31, devices=()),
        replace(computers, text="Point of sale", unit_price=Decimal("0.0125"), fraction=Fraction(1, 3), devices=()),
        PaperLine("minimum", "server", Decimal(180), MARCH, Decimal(2), "device", Decimal(90), minimum=Decimal(5)),
        PaperLine(
            "true_up", "mobile", Decimal("-8.00"), MARCH, Decimal(-2), "device", Decimal(4), bill="INV-2026-00007"
        ),
        PaperLine("catch_up", "computer", Decimal(30), february, ONE, "device", Decimal(30), bill="INV-2026-00019"),
        PaperLine("adjustment", "On-site hours", Decimal("255.00"), quantity=Decimal("2.5"), unit_price=Decimal(102)),
    )
    return with_totals(
        (LineGroup("Managed Workplace Gold", lines, note="since 16 March 2026"),), "EUR", "S", Decimal(19)
    )


def _reverse_charge() -> BillPaper:
    customer = replace(
        CUSTOMER, name="Van Dijk Logistiek B.V.", contact="", country="NL", vat_id="NL123456789B01", tax_number=""
    )
    customer = replace(customer, address=("Keizersgracht 100", "1015 CS Amsterdam", "Netherlands"))
    return replace(bill(rate="0", category="AE"), customer=customer)


def _in(currency: str, customer: Party) -> BillPaper:
    """A bill abroad, without tax and without a bank for euros."""
    account = BankAccount("Nordlicht IT-Service GmbH", "Hanse Bank", others=(("Account", "0123456789"),))
    letterhead = replace(LETTERHEAD, bank=account)
    return replace(bill(currency, rate="0", category="O"), letterhead=letterhead, customer=customer)


def _credit_note() -> BillPaper:
    line = replace(_counted("computer", 2, "30", "EUR"), kind="credit", bill="INV-2026-00042", counting=None)
    paper = with_totals((LineGroup("Managed Workplace Gold", (line,)),), "EUR", "S", Decimal(19))
    corrected = (BillReference("INV-2026-00042", date(2026, 4, 1)),)
    remarks = ("Two computers were returned on 1 March and should not have been billed.",)
    return replace(
        paper,
        kind="credit_note",
        number="CN-2026-00003",
        issued_on=date(2026, 4, 9),
        corrects=corrected,
        remarks=remarks,
    )


def _on_us_letter() -> BillPaper:
    customer = Party("Blue Ridge Dental LLC", ("410 Main Street", "Asheville, NC 28801"), "US", "C-2007")
    paper = _in("USD", customer)
    account = BankAccount("Nordlicht Inc.", "First Bank", others=(("Routing", "021000021"), ("Account", "123456789")))
    return replace(paper, letterhead=replace(paper.letterhead, size="letter", bank=account), language="en-US")


ARABIC = Party("شركة النور للتجارة والخدمات ذ.م.م", ("شارع الملك فهد ١٢", "الكويت", "Kuwait"), "KW", "C-3001")
CHINESE = Party("北京天成国际贸易有限公司", ("朝阳区建国路88号", "北京 100022", "China"), "CN", "C-3002")
JAPANESE = Party("株式会社さくら商事", ("東京都千代田区丸の内1-1", "Japan"), "JP", "C-3003")


def _consolidated() -> bytes:
    papers = (bill(), _credit_note(), replace(bill(devices=5), number="INV-2026-00051", issued_on=date(2026, 4, 2)))
    quarter = Period(date(2026, 4, 1), date(2026, 7, 1))
    summary = ConsolidatedSummary(LETTERHEAD, CUSTOMER, quarter, date(2026, 7, 1))
    return print_consolidated(summary, papers, statement=statement())


def statement() -> StatementPaper:
    """The account from April to June: a bill, its correction, and a payment that leaves 143.32 open."""
    entries = (
        StatementEntry(date(2026, 4, 1), "bill", "INV-2026-00042", Decimal("1094.72"), due_on=date(2026, 4, 15)),
        StatementEntry(date(2026, 4, 9), "credit_note", "CN-2026-00003", Decimal("-71.40")),
        StatementEntry(date(2026, 4, 14), "payment", "4711", Decimal("-1000.00"), note="bank transfer"),
    )
    return StatementPaper(
        letterhead=LETTERHEAD,
        customer=CUSTOMER,
        period=Period(date(2026, 4, 1), date(2026, 7, 1)),
        printed_on=date(2026, 7, 1),
        currency="EUR",
        opening=Decimal("120.00"),
        closing=Decimal("143.32"),
        entries=entries,
    )


SAMPLES: dict[str, Callable[[], bytes]] = {
    "invoice": lambda: print_bill(bill()),
    "invoice-german": lambda: print_bill(replace(bill(), language="de")),
    "invoice-us-letter": lambda: print_bill(_on_us_letter()),
    "invoice-one-line": lambda: print_bill(bill(devices=0)),
    "invoice-sixty-lines": lambda: print_bill(_long_bill()),
    "invoice-every-kind-of-line": lambda: print_bill(_every_kind_of_line()),
    "invoice-every-kind-of-line-german": lambda: print_bill(replace(_every_kind_of_line(), language="de")),
    "invoice-partly-paid": lambda: print_bill(replace(bill(), paid=Decimal("500.00"))),
    "invoice-reverse-charge": lambda: print_bill(_reverse_charge()),
    "invoice-arabic-kwd": lambda: print_bill(_in("KWD", ARABIC)),
    "invoice-chinese-cny": lambda: print_bill(_in("CNY", CHINESE)),
    "invoice-japanese-jpy": lambda: print_bill(_in("JPY", JAPANESE)),
    "invoice-thousand-devices": lambda: print_bill(bill(devices=1000)),
    "credit-note": lambda: print_bill(_credit_note()),
    "draft": lambda: print_bill(replace(bill(), number=None)),
    "consolidated": _consolidated,
    "statement": lambda: print_statement(statement()),
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
