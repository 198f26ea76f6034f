"""The MSP of the demo: who it is, and its price list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROVIDER: Mapping[str, Any] = {
    "country": "DE",
    "name": "Brightwater IT",
    "legal_name": "Brightwater IT Services GmbH",
    "street": "Hafenstraße 12",
    "postal_code": "20457",
    "city": "Hamburg",
    "email": "billing@brightwater.example",
    "phone": "+49 40 5550 100",
    "website": "www.brightwater.example",
    "vat_id": "DE136695976",
    "tax_number": "22/123/45678",
    "registration": "Amtsgericht Hamburg HRB 123456",
    "account_holder": "Brightwater IT Services GmbH",
    "bank_name": "Musterbank",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFF",
    "footer": "Geschäftsführung: Hanna Brook",
    "time_zone": "Europe/Berlin",
}

LOGO = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 48"><circle cx="24" cy="24" r="22" fill="#1b6e8c"/>\
<path d="M8 26c5-6 9-6 14 0s9 6 14 0v8c-5 6-9 6-14 0s-9-6-14 0z" fill="#fff"/>\
<path d="M8 14c5-6 9-6 14 0s9 6 14 0v6c-5 6-9 6-14 0s-9-6-14 0z" fill="#bfe3ee"/></svg>"""


@dataclass(frozen=True, slots=True)
class PlanSketch:
    """A service plan of the demo, with its prices for one billing cycle."""

    name: str
    currency: str
    prices: Mapping[str, Any]
    counting: str
    timing: str = "arrears"
    flat_fee: str = "0"
    late_policy: str = "ask"
    pause_after_days: int | None = None
    description: str = ""


PLANS: Mapping[str, PlanSketch] = {
    "care": PlanSketch(
        "Complete Care",
        "EUR",
        {
            "computer": {"unit_price": "38.00"},
            "server": {"unit_price": "119.00"},
            "mobile": {"unit_price": "6.50", "included": 2},
        },
        "at_end",
        late_policy="catch_up",
        pause_after_days=30,
        description="Monitoring, updates, backup and help desk. Counted on the last day of the month.",
    ),
    "quarter": PlanSketch(
        "Complete Care, quarterly",
        "EUR",
        {"computer": {"unit_price": "108.00"}, "server": {"unit_price": "339.00"}},
        "at_end",
        description="Complete Care with prices for three months.",
    ),
    "backup": PlanSketch(
        "Server Backup",
        "EUR",
        {"server": {"unit_price": "25.00"}},
        "at_end",
        description="Nightly copies of each server, kept for a year.",
    ),
    "daily": PlanSketch(
        "Care by the Day",
        "EUR",
        {"computer": {"unit_price": "42.00", "minimum": 3}, "server": {"unit_price": "129.00"}},
        "prorated",
        late_policy="catch_up",
        description="The same care, charged for the days a device was there.",
    ),
    "desk": PlanSketch(
        "Managed Desk",
        "USD",
        {
            "computer": {
                "tiers": {"mode": "graduated", "steps": [[10, "45.00"], [30, "40.00"], [None, "36.00"]]},
            },
            "server": {"unit_price": "135.00"},
            "mobile": {"unit_price": "7.00"},
        },
        "at_end",
        flat_fee="150.00",
        description="Price steps for computers, and a flat fee for the on-call desk.",
    ),
    "ahead": PlanSketch(
        "Managed Desk, in advance",
        "USD",
        {"computer": {"unit_price": "44.00"}, "server": {"unit_price": "135.00"}, "mobile": {"unit_price": "7.00"}},
        "prorated",
        timing="advance",
        description="Billed on the first day of each month; the difference follows at its end.",
    ),
    "thames": PlanSketch(
        "Workplace UK",
        "GBP",
        {"computer": {"unit_price": "32.00"}, "server": {"unit_price": "98.00"}, "mobile": {"unit_price": "5.25"}},
        "peak",
        description="The fullest day of the month counts.",
    ),
    "japan": PlanSketch(
        "Workplace Japan",
        "JPY",
        {"computer": {"unit_price": "5400"}, "server": {"unit_price": "16800"}},
        "any_day",
        description="Every device that was seen counts.",
    ),
}
