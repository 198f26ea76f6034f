"""The customers of the demo: twelve in eight time zones and four currencies, or a crowd of any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class CustomerSketch:
    """A customer of the demo, its plans, and how many devices of which class it has.

    A bill is paid in equal parts so many days after its issue; `stops_paying` is the month of the story from which on
    nothing comes any more.
    """

    key: str
    name: str
    fields: Mapping[str, Any]
    plan: str
    computers: int
    servers: int
    mobiles: int = 0
    arrangement: Mapping[str, Any] = field(default_factory=dict)
    also: Sequence[str] = ()
    pays_after: Sequence[int] = (9,)
    stops_paying: int | None = None
    starts_on_the_31st: bool = False


def _of(country: str, zone: str, currency: str, city: str, **more: Any) -> dict[str, Any]:
    return {"country": country, "time_zone": zone, "currency": currency, "city": city, **more}


CUSTOMERS: Sequence[CustomerSketch] = [
    CustomerSketch(
        "north",
        "North Dental Group GmbH",
        _of(
            *("DE", "Europe/Berlin", "EUR", "Berlin"),
            street="Torstraße 140",
            postal_code="10119",
            language="de",
            emails=["rechnung@north-dental.example"],
            po_number="PO-7741",
        ),
        *("care", 27, 3, 8),
        also=("backup",),
    ),
    CustomerSketch(
        "sommer",
        "Kanzlei Sommer & Partner",
        _of(
            *("DE", "Europe/Berlin", "EUR", "München"),
            street="Prinzregentenstraße 8",
            postal_code="80538",
            language="de",
            emails=["buchhaltung@kanzlei-sommer.example"],
        ),
        *("daily", 12, 1),
        starts_on_the_31st=True,
        arrangement={"review_first_bill": True},
    ),
    CustomerSketch(
        "alpen",
        "Alpenblick Hotels GmbH",
        _of(
            *("AT", "Europe/Vienna", "EUR", "Innsbruck"),
            street="Maria-Theresien-Straße 21",
            postal_code="6020",
            language="de",
            emails=["office@alpenblick.example"],
            vat_id="ATU13585627",
            tax_status="business",
        ),
        *("care", 19, 2, 6),
        arrangement={"due_days": 30},
        pays_after=(12, 26),
    ),
    CustomerSketch(
        "thames",
        "Thames Architects LLP",
        _of(
            *("GB", "Europe/London", "GBP", "London"),
            street="14 Bermondsey Street",
            postal_code="SE1 3TQ",
            emails=["accounts@thames-architects.example"],
        ),
        *("thames", 20, 2, 8),
    ),
    CustomerSketch(
        "harbor",
        "Harbor Logistics Inc.",
        _of(
            *("US", "America/New_York", "USD", "Newark"),
            street="200 Port Street",
            postal_code="07114",
            region="NJ",
            language="en-US",
            emails=["ap@harbor-logistics.example", "it@harbor-logistics.example"],
            po_number="4500-2231",
        ),
        *("desk", 28, 4, 6),
        arrangement={"due_days": 30},
        pays_after=(24,),
    ),
    CustomerSketch(
        "pacific",
        "Pacific Film Works",
        _of(
            *("US", "America/Los_Angeles", "USD", "Burbank"),
            street="3400 Riverside Drive",
            postal_code="91505",
            region="CA",
            language="en-US",
            emails=["payables@pacific-film.example"],
        ),
        *("ahead", 16, 2, 4),
        pays_after=(17,),
    ),
    CustomerSketch(
        "sakura",
        "さくら製作所 Sakura Manufacturing",
        _of(
            *("JP", "Asia/Tokyo", "JPY", "Yokohama"),
            street="2-3-1 Minatomirai, Nishi-ku",
            postal_code="220-0012",
            emails=["keiri@sakura.example"],
        ),
        *("japan", 14, 2),
    ),
    CustomerSketch(
        "nile",
        "Nile Pharma شركة النيل",
        _of(
            *("EG", "Africa/Cairo", "USD", "Cairo"),
            street="15 Talaat Harb Street",
            postal_code="11111",
            emails=["finance@nile-pharma.example"],
        ),
        *("desk", 12, 1, 3),
    ),
    CustomerSketch(
        "southern",
        "Southern Cross Veterinary",
        _of(
            *("NZ", "Pacific/Auckland", "USD", "Auckland"),
            street="88 Ponsonby Road",
            postal_code="1011",
            emails=["office@southern-cross.example"],
        ),
        *("desk", 9, 1, 2),
    ),
    CustomerSketch(
        "kornblume",
        "Bäckerei Kornblume OHG",
        _of(
            *("DE", "Europe/Berlin", "EUR", "Lüneburg"),
            street="Am Sande 4",
            postal_code="21335",
            language="de",
            emails=["info@kornblume.example"],
        ),
        *("quarter", 6, 1),
        arrangement={"cycle_months": 3},
        pays_after=(11,),
        stops_paying=8,
    ),
    CustomerSketch(
        "rhein",
        "Rhein Steuerberatung mbB",
        _of(
            *("DE", "Europe/Berlin", "EUR", "Köln"),
            street="Rheinufer 30",
            postal_code="50668",
            language="de",
            emails=["kanzlei@rhein-stb.example"],
        ),
        *("daily", 10, 1),
    ),
    CustomerSketch(
        "seefeld",
        "Gemeinde Seefeld",
        _of(
            *("DE", "Europe/Berlin", "EUR", "Seefeld"),
            street="Rathausplatz 1",
            postal_code="82229",
            language="de",
            emails=["kaemmerei@seefeld.example"],
            buyer_reference="09188-K01-77",
            po_number="2025/114",
        ),
        *("care", 8, 1, 2),
        arrangement={"billing_day": 15, "due_days": 21},
        pays_after=(16, 44),
    ),
]


@dataclass(frozen=True, slots=True)
class Charge:
    """An other charge or discount of the story, from the first day of a month (counted from 0) on."""

    customer: str
    month: int
    text: str
    amount: Decimal | None = None
    percent: Decimal | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    times: int | None = 1


CHARGES: Sequence[Charge] = [
    Charge("north", 0, "Einrichtung", amount=Decimal("450.00")),
    Charge("alpen", 2, "Treuerabatt", percent=Decimal(-5), times=12),
    Charge("thames", 4, "Backup seats", quantity=Decimal(4), unit_price=Decimal("6.00"), times=None),
    Charge("harbor", 6, "Goodwill for the outage in the warehouse", amount=Decimal("-120.00")),
]

STRANGER = "Lighthouse Dental Lab"
"""Somebody whom the RMM reports and nobody has mapped yet."""


def crowd(count: int, devices: int) -> list[CustomerSketch]:
    """So many customers with so many computers in all, for tests and benchmarks: a few large ones and many small."""
    spare, weight = devices - count, sum(count // place for place in range(1, count + 1))
    sizes = [1 + spare * (count // place) // weight for place in range(1, count + 1)]
    sizes[0] += devices - sum(sizes)
    return [
        CustomerSketch(
            f"crowd{number}",
            f"Customer {number:05} GmbH",
            _of("DE", "Europe/Berlin", "EUR", "Berlin", emails=[f"accounts@customer{number:05}.example"]),
            *("care", size, 0),
        )
        for number, size in enumerate(sizes, start=1)
    ]
