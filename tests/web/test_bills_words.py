"""A bill's history as its reader says it: amounts and a room's sentences are not left in the words of the table."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import override

from quarterday.bills.queries import Happening
from quarterday.web.bills.words import events

AT = datetime(2026, 11, 1, 7, tzinfo=UTC)


def told(*happenings: tuple[str, str], language: str) -> list[tuple[str, str]]:
    with override(language):
        return [
            (event.title, event.words) for event in events(Happening(AT, what, "", said) for what, said in happenings)
        ]


def test_a_history_tells_amounts_and_reasons_in_the_readers_language() -> None:
    noted = (
        ("drafted", "98400 JPY"),
        ("held", "53 devices are counted, 36 were last time."),
        ("numbered", "INV-2026-1"),
    )

    assert told(*noted, language="en") == [
        ("Kept as a draft", "JPY\N{NO-BREAK SPACE}98,400"),
        ("Held for a person", "53 devices are counted, 36 were last time."),
        ("Issued", "INV-2026-1"),
    ]
    assert told(*noted, language="de") == [
        ("Als Entwurf behalten", "98.400\N{NO-BREAK SPACE}JPY"),
        ("Für eine Person zurückgehalten", "53 Geräte sind gezählt, 36 waren es letztes Mal."),
        ("Ausgestellt", "INV-2026-1"),
    ]
