"""Time zones as a list that is searched by city: "Europe/Berlin" with its offset today."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global


@cache
def zone_options() -> list[tuple[str, str]]:
    """IANA names in use, by region and city, each with the city and its country in words."""
    territory_of = get_global("zone_territories")
    zones = sorted(zone for zone in available_timezones() if zone in territory_of and "/" in zone)
    return [("UTC", "UTC"), *((zone, _words(zone, territory_of[zone])) for zone in zones)]


def _words(zone: str, territory: str) -> str:
    city = zone.rpartition("/")[2].replace("_", " ")
    return f"{city} ({territory})"
