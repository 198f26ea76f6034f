"""What a new installation starts with, by the provider's country: tax rules that fit, number series, device classes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from quarterday.provider.places import CANADIAN_TAXES, EU_COUNTRIES, STANDARD_RATES

STANDARD = "standard"

SERIES = {"invoice": "INV-{year}-{number:05d}", "credit_note": "CN-{year}-{number:05d}"}

DEVICE_CLASSES = {
    "en": {"computer": "Computer", "server": "Server", "mobile": "Mobile device"},
    "de": {"computer": "Computer", "server": "Server", "mobile": "Mobilgerät"},
}
"""Key -> name, in the language in which the provider writes; each can be renamed."""

REMINDER_DAYS_AFTER = [3, 14]

# What the rules call the customers' status; the customers' own list of them stands downstream.
BUSINESS, EXEMPT = "business", "exempt"


def device_classes(language: str) -> dict[str, str]:
    """Key -> name of the device classes, in a language such as "de" or "de-AT"; English where there is no other."""
    return DEVICE_CLASSES.get(language[:2].lower(), DEVICE_CLASSES["en"])


def standard_rate(country: str) -> Decimal | None:
    """The rate that a provider of this country starts with; None where a person must say it."""
    return Decimal(0) if country in ("US", "CA") else STANDARD_RATES.get(country)


def tax_rules(country: str, rate: Decimal) -> Iterator[dict[str, Any]]:
    """The rules of the standard tax code for a provider of this country, as fields of TaxRule.

    A German one: 19 % at home; in the rest of the EU reverse charge for businesses with VAT numbers and 19 % for
    others; outside the scope elsewhere. Canada's are by province, each part rounded on its own. The US have none. None
    has a reason of its own, so that each bill prints that of its category in the customer's language.
    """
    if country == "CA":
        yield from _canadian_rules()
    elif rate:
        yield _rule(country=country, category="S", rate=rate)
    if country in EU_COUNTRIES:
        for other in sorted(EU_COUNTRIES - {country}):
            yield _rule(country=other, category="S", rate=rate)
            # Council Directive 2006/112/EC, articles 44 and 196: services to a business are taxed at the recipient.
            yield _rule(country=other, status=BUSINESS, category="AE")
    # What the languages call "VAT" is "sales tax" in the United States.
    yield _rule(category="O", reason="Not subject to sales tax" if country == "US" else "")
    yield _rule(status=EXEMPT, category="E")


def _canadian_rules() -> Iterator[dict[str, Any]]:
    for province, taxes in CANADIAN_TAXES.items():
        yield _rule(
            country="CA",
            region=province,
            category="S",
            rate=sum((Decimal(rate) for _, rate in taxes), Decimal(0)),
            components=[{"name": tax, "rate": rate} for tax, rate in taxes],
        )


def _rule(**fields: Any) -> dict[str, Any]:
    return {"country": "", "region": "", "status": "", "rate": Decimal(0), "reason": "", "components": [], **fields}
