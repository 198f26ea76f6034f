"""What every sheet of paper has: the pen that writes it, and both parties with logo, colour, footer and page words.

A sheet is a dictionary of texts and lists of texts that travels to the template as JSON, every word and figure already
written. The template decides where things stand and how they look; what they say is decided in Python.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from quarterday.documents.legible import NAME_LIMIT
from quarterday.documents.values import Letterhead, Party, Picture
from quarterday.documents.wording import Language

Sheet = dict[str, Any]

LOGO_BOX_IN_MM = (70, 18)
"""The room for a logo, as in parts.typ; it is fitted into it."""

_NO_NAME = "–"
_SHORT = 60
_MOST_FOOTER_COLUMNS = 4
_MOST_FOOTER_LINES = 5


@dataclass(frozen=True, slots=True)
class Pen:
    """How a sheet is written: in which language, how names are made legible, in which fonts."""

    language: Language
    clean: Callable[..., str]
    families_for: Callable[[str], list[str]]

    def lines(self, texts: Iterable[str], *, limit: int = NAME_LIMIT) -> list[str]:
        """Several texts made legible; the empty ones are left out, line ends make further lines."""
        parts = (part for text in texts for part in text[: 4 * limit].splitlines())
        return [clean for part in parts if (clean := self.clean(part, limit=limit))]

    def short(self, text: str) -> str:
        """A number or reference made legible for a narrow place."""
        return self.clean(text, limit=_SHORT, word=_SHORT // 3)

    def name(self, text: str) -> str:
        """A name made legible, with a dash in place of one that shows nothing."""
        return self.clean(text) or _NO_NAME

    def labelled(self, pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
        """Rows of a label, given by its key, and a value; those without a value are left out."""
        return [[self.language.say(key), value] for key, value in pairs if value]


def logo_name(logo: Picture | None) -> str:
    """Under which name the template finds a logo, the same for the same picture; "" without one."""
    return f"logo-{sha256(logo.data).hexdigest()[:16]}.svg" if logo else ""


def logo_svg(logo: Picture) -> str:
    """A logo as SVG text, whatever it was: only texts travel to the template. Pixels stay as they are in it."""
    if logo.mime == "image/svg+xml":
        return logo.data.decode(errors="replace")
    pixels = f"data:{logo.mime};base64,{b64encode(logo.data).decode()}"
    width, height = LOGO_BOX_IN_MM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" preserveAspectRatio="xMinYMid" href="{pixels}"/></svg>'
    )


def stationery(letterhead: Letterhead, customer: Party, pen: Pen) -> Sheet:
    """What every sheet has: both parties, logo, colour, footer and page words."""
    provider, say = letterhead.provider, pen.language.say
    tax_lines = [
        f"{say(label)} {pen.short(value)}"
        for label, value in (("party.tax_number", provider.tax_number), ("party.vat_id", provider.vat_id))
        if value
    ]
    contact = [provider.contact, provider.phone, provider.email, provider.website]
    return {
        "language": pen.language.code,
        "region": pen.language.region,
        "families": pen.families_for(customer.country),
        "size": letterhead.size,
        "accent": letterhead.accent,
        "provider": pen.name(provider.name),
        "running_name": pen.clean(provider.name, limit=_SHORT),
        "sender": pen.lines([provider.name, *provider.address]),
        "contact": [line for line in map(pen.short, contact) if line] + tax_lines,
        "recipient": pen.lines(
            [
                pen.name(customer.name),
                say("party.attention", name=customer.contact) if customer.contact else "",
                *customer.address,
            ]
        ),
        "footer": [
            pen.lines([column], limit=_SHORT)[:_MOST_FOOTER_LINES]
            for column in letterhead.footer[:_MOST_FOOTER_COLUMNS]
        ],
        "logo": logo_name(letterhead.logo),
        "logo_alt": say("page.logo_alt", name=pen.name(provider.name)),
        "page_of": say("page.of", page="{page}", pages="{pages}"),
    }
