"""Words that are kept: nothing is cut off them, and what is wrong is said beside their field."""

from __future__ import annotations

import pytest

from quarterday.provider.words import reason_given, words_given
from quarterday.shared.refusal import Refused

MISSING = "is missing: say why."


def test_blanks_around_words_fall_away() -> None:
    assert reason_given("  they went bankrupt \n", missing=MISSING) == "they went bankrupt"
    assert words_given("reference", " ", longest=10) == ""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "reason: is missing: say why."),
        (" \t ", "reason: is missing: say why."),
        ("x" * 301, "reason: is too long (301 characters): use at most 300."),
        ("a\x1bb", "reason: holds a control character: write it again without it."),
        ("a\nb", "reason: holds a control character: write it again without it."),
        ("a\ud800b", "reason: holds a control character: write it again without it."),
    ],
)
def test_what_is_no_reason_is_refused(given: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        reason_given(given, missing=MISSING)
    assert str(refused.value) == words


def test_a_reason_of_three_hundred_characters_is_kept_whole() -> None:
    assert reason_given("ä" * 300, missing=MISSING) == "ä" * 300
