"""The rooms' sentences in the reader's language, and with the pages' names for what a command line calls otherwise.

A room says in plain English why it refuses and why a bill waits, with the values in the words, and knows nothing of
pages; many of these sentences are kept in tables. So it is the page that finds which pattern a sentence follows:

    2026-03-01 is billed already: choose 2026-04-01 or later.
    {0} is billed already: choose {1} or later.                 msgid in locale/de/LC_MESSAGES/rooms.po
    {0} ist schon abgerechnet: den {1} oder später wählen.      msgstr

An amount in it is written as the reader writes amounts: 50000 JPY is 50.000 JPY, so the patterns serve English too.

The catalogue is gathered from the rooms' source (`python -m tests.web.rooms_sentences`), and a test holds it complete
and each pattern recognisable. What follows no pattern, such as a mail server's answer, stays as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel.messages.pofile import read_po
from django.utils.translation import get_language

from quarterday.documents.wording import language as language_of
from quarterday.engine.money import UnknownCurrency, digits_of
from quarterday.web.translations import FOLDER

VALUE = re.compile(r"\{(\d+)\}")
VALUES = re.compile(r"\{(\d+)\}(?: \{(\d+)\})?")
"""A value, or two beside each other, which may be an amount and its currency."""

AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
GATHERED = "de"
"""The language whose catalogue has every sentence of the rooms."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A pattern as a room says it, what finds it, and how it is said on a page."""

    pattern: str
    finds: re.Pattern[str]
    said: str

    def say(self, sentence: str) -> str | None:
        """The sentence as a page says it; None when it follows another pattern."""
        found = self.finds.fullmatch(sentence)
        return VALUES.sub(lambda places: _written(places, found.groups()), self.said) if found else None


def in_readers_language(sentence: str) -> str:
    """A room's sentence as a page says it; unchanged where no pattern fits."""
    return _said(sentence, get_language() or "en")


@lru_cache(maxsize=4096)
def _said(sentence: str, language: str) -> str:
    """The sentence in the language that is on; a list says the same few again and again."""
    for each in _sentences(language.split("-")[0]):
        if (said := each.say(sentence)) is not None:
            return said
    # Some sentences of the engine are completed by the room that asked it.
    return _said(sentence[:-1], language) + "." if sentence.endswith(".") else sentence


def _written(places: re.Match[str], values: Sequence[str]) -> str:
    """What stands in one or two places of a pattern; an amount as the reader writes it."""
    told = " ".join(values[int(place)] for place in places.groups() if place is not None)
    found = AMOUNT.fullmatch(told)
    return (_amount(found[1], found[2]) if found else None) or told


def _amount(figure: str, currency: str) -> str | None:
    """50000 JPY as 50,000 of it, with the decimals that were said; None where it is no amount (12 UTC)."""
    try:
        digits_of(currency)
    except UnknownCurrency:
        return None
    words = language_of(get_language() or "en")
    number = words.unit_price(Decimal(figure), currency) if "." in figure else words.number(Decimal(figure))
    return words.say("money", number=number, currency=currency).replace(" ", "\N{NO-BREAK SPACE}")


@lru_cache
def _sentences(language: str) -> tuple[Sentence, ...]:
    """What a language says for each pattern, the most particular first; itself where the catalogue has nothing."""
    said = {pattern: pattern for pattern in _catalogue(GATHERED)} | _catalogue(language)
    return tuple(
        Sentence(pattern, re.compile(_finding(pattern), re.DOTALL), said[pattern])
        for pattern in sorted(said, key=lambda each: len(VALUE.sub("", each)), reverse=True)
    )


def _catalogue(language: str) -> dict[str, str]:
    """Pattern -> how it is said; empty where a language has no catalogue."""
    file = FOLDER / language / "LC_MESSAGES" / "rooms.po"
    if not file.exists():
        return {}
    with file.open("rb") as opened:
        return {str(message.id): str(message.string) for message in read_po(opened) if message.id and message.string}


def _finding(pattern: str) -> str:
    """A regular expression for what follows the pattern; a value may be anything, and as little of it as fits."""
    words = VALUE.split(pattern)[::2]
    return "(.*?)".join(re.escape(word) for word in words)
