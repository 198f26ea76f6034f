"""The provider's own words in mails: names are filled in, and nothing else that stands in braces does anything."""

from __future__ import annotations

import pytest

from quarterday.documents.letters import (
    LATE_FEE_NAMES,
    LETTERS,
    LetterWrong,
    check_letter,
    late_fee_text,
    write_letter,
)
from quarterday.documents.wording import language, languages

NAMES = dict.fromkeys({name for names in LETTERS.values() for name in names}, "said")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Dear {client}", "{client}, which is not known here"),
        ("{customer.emails}", "{customer.emails}, which is not known here"),
        ("{customer[0]}", "{customer[0]}, which is not known here"),
        ("{customer.__class__.__mro__}", "which is not known here"),
        ("{0}", "{0}, which is not known here"),
        ("{}", "{0}, which is not known here"),
        ("{customer!r}", "more than a name in its braces"),
        ("{customer:>999999999999}", "more than a name in its braces"),
        ("{customer:{provider}}", "more than a name in its braces"),
        ("{customer", "a brace too many or too few"),
        ("customer}", "a brace too many or too few"),
    ],
)
def test_what_is_no_known_name_is_refused_with_those_that_are(text, told):
    with pytest.raises(LetterWrong) as wrong:
        check_letter(text, LETTERS["reminder_after"])
    assert told in str(wrong.value)
    assert "Known are {provider}, {customer}, {due}, {bills}, {total}, {fees}." in str(wrong.value)


def test_two_braces_are_one():
    check_letter("{{customer}} {customer}", ["customer"])
    assert write_letter("bill", language("en"), NAMES, own={"subject": "{{x}} {customer}"}).subject == "{x} said"


def test_a_value_that_looks_like_a_name_stays_text():
    hostile = {**NAMES, "customer": "{provider} {0} {customer.x}"}
    letter = write_letter("reminder_after", language("en"), hostile, own={"body": "Dear {customer}"})
    assert letter.body == "Dear {provider} {0} {customer.x}\n"


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("kind", LETTERS)
def test_the_usual_words_of_each_language_use_known_names(code, kind):
    for part in ("subject", "body"):
        check_letter(language(code).say(f"letter.{kind}.{part}"), LETTERS[kind])
    check_letter(language(code).say("late_fee.text"), LATE_FEE_NAMES)


def test_a_name_without_anything_to_say_leaves_no_hole():
    told = {**NAMES, "fees": ""}
    body = write_letter("reminder_after", language("en"), told, own={"body": "One\n\n{fees}\n\nTwo"}).body
    assert body == "One\n\nTwo\n"


def test_a_late_fee_is_one_line_on_the_bill():
    names = dict.fromkeys(LATE_FEE_NAMES, "said")
    assert late_fee_text(language("en"), names, own="Fee\n for {number}") == "Fee for said"
