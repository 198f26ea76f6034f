"""What the rooms say, as the pages say it: each sentence is known, recognised as itself, and names no command."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from quarterday.shared.refusal import Refused
from quarterday.web.forms import Form, in_words
from quarterday.web.sentences import VALUE, in_readers_language
from tests.web.rooms_sentences import COMMAND, catalogue, wanted

HOW = "Run python -m tests.web.rooms_sentences, and say these in locale/{}/LC_MESSAGES/rooms.po:"


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_sentence_is_in_the_catalogue(language: str) -> None:
    said = {str(message.id) for message in catalogue(language) if message.id and message.string}
    assert sorted(set(wanted(language)) - said) == [], HOW.format(language)
    assert sorted(said - set(wanted(language))) == [], "These are said no more; the same command takes them out."


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_page_names_pages_where_a_command_line_names_commands(language: str) -> None:
    assert [each.id for each in catalogue(language) if each.id and COMMAND.search(str(each.string))] == []


def test_a_translation_has_the_values_of_its_sentence() -> None:
    different = [
        message.id
        for message in catalogue("de")
        if message.string and set(VALUE.findall(str(message.string))) != set(VALUE.findall(str(message.id)))
    ]
    assert different == []


def test_every_sentence_is_recognised_as_itself() -> None:
    """Not as another one whose values swallow its words: filled in, it comes back with these values in German."""
    mistaken = []
    with translation.override("de"):
        for message in catalogue("de"):
            if message.id and message.string:
                filled = VALUE.sub(lambda value: f"«{value[1]}»", str(message.id))
                if in_readers_language(filled) != VALUE.sub(lambda value: f"«{value[1]}»", str(message.string)):
                    mistaken.append((filled, in_readers_language(filled)))
    assert mistaken == []


def test_a_refusal_is_said_in_the_readers_language() -> None:
    said = "2026-03-01 is billed already: choose 2026-04-01 or later."
    with translation.override("de"):
        assert in_readers_language(said) == "2026-03-01 ist schon abgerechnet: 2026-04-01 oder später wählen."
    with translation.override("en"):
        assert in_readers_language(said) == said


@pytest.mark.parametrize(
    ("language", "said", "read"),
    [
        ("en", "The total is above 50000 JPY: two persons have to release it.", "The total is above JPY 50,000: two"),
        ("de", "The total is above 50000 JPY: two persons have to release it.", "50.000 JPY"),
        (
            "de",
            "The bill has a price of 120000.125 EUR, more than 100000 EUR: two persons have to release it.",
            "120.000,125 EUR",
        ),
        (
            "de",
            "The bill has a total of 12345678.90 EUR, more than 10000000 EUR: two persons have to release it.",
            "12.345.678,90 EUR",
        ),
    ],
)
def test_an_amount_in_a_sentence_is_written_as_its_reader_writes_amounts(language: str, said: str, read: str) -> None:
    with translation.override(language):
        assert read in in_readers_language(said).replace("\N{NO-BREAK SPACE}", " ")


def test_an_hour_of_a_zone_is_no_amount() -> None:
    reported = "The devices were last reported 4 days ago, on 2026-05-01 12:00 UTC: sync or import them, then recount."
    with translation.override("en"):
        assert in_readers_language(reported) == reported


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("the customer is missing", "der Kunde fehlt"),
        ("“Toaster” is no class that we know; the classes are computer, server", "„Toaster“ ist keine bekannte Klasse"),
        ("currency 'EURO' is not known: use the three capital letters of ISO 4217", "Währung 'EURO' ist nicht bekannt"),
        ("a quotation mark is opened in this line and not closed", "ein Anführungszeichen geöffnet"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_the_readers_language(said: str, read: str) -> None:
    with translation.override("de"):
        assert read in in_readers_language(f"{said}, such as EUR" if "ISO" in said else said)


def test_what_no_room_said_stays_as_it_is() -> None:
    with translation.override("de"):
        assert in_readers_language("550 5.1.1 no such user") == "550 5.1.1 no such user"
        assert in_readers_language("") == ""


def test_a_value_over_several_lines_is_kept() -> None:
    with translation.override("de"):
        assert in_readers_language("A\nB is not archived.") == "A\nB ist nicht archiviert."


def test_a_problem_without_a_field_of_the_form_names_what_it_is_about() -> None:
    refused = Refused("number", "'7' is taken: choose another.")
    with translation.override("de"):
        assert in_words(refused.problems[0]) == "Nummer: '7' ist vergeben: etwas anderes wählen."
        form = Form({})
        assert form.is_valid()
        form.show(refused)
        assert re.findall("<li>(.*?)</li>", str(form.non_field_errors())) == [
            "Nummer: &#x27;7&#x27; ist vergeben: etwas anderes wählen."
        ]
