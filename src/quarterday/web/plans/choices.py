"""What the pages of plans and associations offer to choose from, and the provider's day."""

from __future__ import annotations

from datetime import date
from typing import Any

from quarterday.provider.queries import currency_of, find_provider, tax_codes
from quarterday.web.class_names import class_names
from quarterday.web.door import Request


def provider_zone() -> str:
    """The provider's time zone."""
    return zone_of(find_provider())


def zone_of(provider: Any) -> str:
    """The provider's time zone, for who has asked for the provider already."""
    return "UTC" if provider is None else str(provider.time_zone)


def provider_today(request: Request) -> date:
    """Today where the provider is."""
    return request.today(provider_zone())


def today_at(request: Request, provider: Any) -> date:
    """Today where the provider is, for who has asked for the provider already."""
    return request.today(zone_of(provider))


def classes() -> list[tuple[str, str]]:
    """Every device class: key and name."""
    return list(class_names().items())


def codes() -> list[tuple[str, str]]:
    """Every tax code: code and name."""
    return [(code.code, code.name) for code in tax_codes()]


def usual_currency() -> str:
    """The currency of the provider's country."""
    return currency_of(find_provider())
