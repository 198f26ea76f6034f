"""What the fields of Settings offer, in the reader's language."""

from __future__ import annotations

from babel import Locale
from django.utils.translation import get_language

from quarterday.documents.wording import languages
from quarterday.provider.places import countries
from quarterday.web.customers.zones import zone_options

Options = list[tuple[str, str]]


def country_options(*, empty: str | None = None) -> Options:
    """Every country by its name; `empty` words a first choice of none."""
    spoken = _locale().territories
    named = sorted(((code, str(spoken.get(code, name))) for code, name in countries().items()), key=lambda row: row[1])
    return named if empty is None else [("", empty), *named]


def language_options(*, also: str = "") -> Options:
    """The languages of paper and pages; `also` is one with a country that is chosen already: de-AT."""
    spoken = _locale().languages
    tags = dict.fromkeys([*languages(), *([also] if also else [])])
    return [(tag, str(spoken.get(tag[:2], tag)) + (f" ({tag[3:]})" if tag[3:] else "")) for tag in tags]


def zone_choices(*, also: str = "") -> Options:
    """IANA time zones; `also` is one that is chosen already."""
    known = [(zone, zone.replace("_", " ")) for zone, _words in zone_options()]
    return known if not also or also in dict(known) else [(also, also), *known]


def country_name(code: str) -> str:
    """A country in the reader's language; "" for none."""
    return str(_locale().territories.get(code, code)) if code else ""


def _locale() -> Locale:
    return Locale.parse(get_language() or "en", sep="-")
