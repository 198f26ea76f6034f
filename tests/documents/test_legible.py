"""Whatever a name holds, something legible is left of it."""

import pytest

from quarterday.documents.fonts import font_set
from quarterday.documents.legible import legible, plain

COVERED = font_set().covered


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("PC-0815", "PC-0815"),
        ("#set page(width: 1pt)", "#set page(width: 1pt)"),
        ("*bold* $x$ `raw` @ref", "*bold* $x$ `raw` @ref"),
        ("=cmd|'/C calc'!A0", "=cmd|'/C calc'!A0"),
        ("a\x00b\x07c\x1b[31md", "abc[31md"),
        ("two\r\nlines\u2028and more", "two lines and more"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("party 🎉", "party \ufffd"),
        ("half\ud800pair", "half\ufffdpair"),
        ("private \ue000", "private \ufffd"),
        ("e\u0301", "é"),
        ("\u0301lonely mark", "lonely mark"),
        ("\u200b\u200b", ""),
        ("  too   many   blanks  ", "too many blanks"),
        ("شركة النور", "شركة النور"),
        ("北京天成国际贸易有限公司", "北京天成国际贸易有限公司"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u200cb", "ab"),
    ],
)
def test_a_name_is_printed_as(name, printed):
    assert legible(name, COVERED) == printed


def test_a_pile_of_accents_keeps_three():
    assert legible("x" + "\u0323" * 50, COVERED) == "x" + "\u0323" * 3


def test_a_name_of_ten_thousand_characters_ends_in_an_ellipsis():
    printed = legible("A" * 10_000, COVERED).replace("\u200b", "")

    assert printed == "A" * 119 + "…"


def test_a_long_word_may_be_broken_after_signs_or_every_32_characters():
    assert legible("backup-server.very-long-domain.example", COVERED) == (
        "backup-\u200bserver.\u200bvery-\u200blong-\u200bdomain.\u200bexample"
    )
    assert legible("B" * 40, COVERED) == "B" * 32 + "\u200b" + "B" * 8


def test_plain_text_has_neither_marks_nor_joiners():
    assert plain("e\u0301 می\u200cخ a漢 −1") == "e میخ a漢 \ufffd1"
