"""The rooms' sentences in the reader's language, and with the pages' names for what a command line calls otherwise.

A room says in plain English why it refuses and why a bill waits, with the values in the words, and knows nothing of
pages; many of these sentences are kept in tables. So it is the page that finds which pattern a sentence follows:

    2026-03-01 is billed already: choose 2026-04-01 or later.
    {0} is billed already: choose {1} or later.                 msgid in locale/de/LC_MESSAGES/rooms.po
    {0} ist schon abgerechnet: den {1} oder später wählen.      msgstr

The catalogue is gathered from the rooms' source (`python -m tests.web.rooms_sentences`), and a test holds it complete
and each pattern recognisable. What follows no pattern, such as a mail server's answer, stays as it was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from babel.messages.pofile import read_po
from django.utils.translation import get_language

from quarterday.web.translations import FOLDER

VALUE = re.compile(r"\{(\d+)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A pattern as a room says it, what finds it, and how it is said on a page."""

    pattern: str
    finds: re.Pattern[str]
    said: str

    def say(self, sentence: str) -> str | None:
        """The sentence as a page says it; None when it follows another pattern."""
        found = self.finds.fullmatch(sentence)
        return VALUE.sub(lambda value: found[int(value[1]) + 1], self.said) if found else None


def in_readers_language(sentence: str) -> str:
    """A room's sentence as a page says it; unchanged where no pattern fits."""
    language = (get_language() or "en").split("-")[0]
    for each in _sentences(language):
        if (said := each.say(sentence)) is not None:
            return said
    # Some sentences of the engine are completed by the room that asked it.
    return in_readers_language(sentence[:-1]) + "." if sentence.endswith(".") else sentence


@lru_cache
def _sentences(language: str) -> tuple[Sentence, ...]:
    """A language's catalogue, the most particular patterns first; empty where there is none."""
    file = FOLDER / language / "LC_MESSAGES" / "rooms.po"
    if not file.exists():
        return ()
    with file.open("rb") as opened:
        said = {str(message.id): str(message.string) for message in read_po(opened) if message.id and message.string}
    return tuple(
        Sentence(pattern, re.compile(_finding(pattern), re.DOTALL), said[pattern])
        for pattern in sorted(said, key=lambda each: len(VALUE.sub("", each)), reverse=True)
    )


def _finding(pattern: str) -> str:
    """A regular expression for what follows the pattern; a value may be anything, and as little of it as fits."""
    words = VALUE.split(pattern)[::2]
    return "(.*?)".join(re.escape(word) for word in words)
