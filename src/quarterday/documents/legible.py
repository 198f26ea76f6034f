"""Whatever a name holds, something legible stands on the paper: a name can never stop, hide or restyle a bill.

Names travel to the template as data, so markup in them is only text. What is left to mend: characters that no font
can show (PDF/A refuses the whole file for one of them), characters that show nothing or turn the reading direction
round, and texts long enough to fill a page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

NAME_LIMIT = 120
"""Characters of a name that are printed; longer ones end in an ellipsis."""
NOTE_LIMIT = 2_000
"""Characters of a remark that are printed."""
WORD_LIMIT = 32
"""Characters after which a word may be broken, in a place of ordinary width."""

_MARKS_PER_LETTER = 3
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
_BREAK_HERE = "\N{ZERO WIDTH SPACE}"
_UNBREAKABLE = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
_BLANK = re.compile(rf"[^\S{_UNBREAKABLE}]+")
_BLANKS = re.compile(rf"([ {_UNBREAKABLE}])[ {_UNBREAKABLE}]+")
# Chinese and Japanese, from U+2E80 on, break between any two characters by themselves.
_WORD = re.compile(r"[^ \u2E80-\uFFEF]+")
_AFTER_SIGN = re.compile(r"(?<=[^\W_])([-_./\\:@,;=+&#])(?=[^\W_])")


def legible(text: str, covered: Set[int], *, limit: int = NAME_LIMIT, word: int = WORD_LIMIT) -> str:
    """A name as it can be printed in one line of text.

    Control and format characters go, blanks and line ends become one space, a character without a glyph becomes
    U+FFFD, and what is longer than the limit is clipped and ends in an ellipsis. A word longer than `word` may be
    broken.
    """
    text = _BLANK.sub(" ", text[: 4 * limit]).strip()  # a megabyte of name is not worth reading to its end
    if not (text.isascii() and text.isprintable()):
        text = _only_visible(unicodedata.normalize("NFC", text), covered).strip()
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + ELLIPSIS
    return _WORD.sub(lambda match: _with_breaks(match[0], word), text) if len(text) > word else text


def plain(text: str) -> str:
    """The text reduced to what every compiler run accepts: letters without marks, and nothing that joins them.

    The last resort for combinations that no font shapes although it has each of their characters.
    """
    return "".join(
        character if character.isascii() or unicodedata.category(character)[0] in "LNPZ" else REPLACEMENT
        for character in text
        if unicodedata.category(character)[0] != "M" and character not in _JOINERS
    )


def _only_visible(text: str, covered: Set[int]) -> str:
    kept: list[str] = []
    marks = 0
    for at, character in enumerate(text):
        category = unicodedata.category(character)
        if category.startswith("M"):
            # A pile of accents would paint over the lines above and below; one without a letter belongs to nothing.
            marks += 1
            if marks <= _MARKS_PER_LETTER and kept and kept[-1] != " " and ord(character) in covered:
                kept.append(character)
            continue
        marks = 0
        if category in ("Cc", "Cf"):
            if character in _JOINERS and _joins_letters(text, at):
                kept.append(character)
        elif category.startswith("Z"):
            kept.append(character if character in _UNBREAKABLE else " ")
        else:
            kept.append(character if category[0] != "C" and ord(character) in covered else REPLACEMENT)
    return _BLANKS.sub(r"\1", "".join(kept))


def _joins_letters(text: str, at: int) -> bool:
    """Persian and Indian words need joiners between their letters; anywhere else they only hide something."""
    neighbours = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
    return len(neighbours) == 2 and all(ord(letter) > 0x590 and letter.isalpha() for letter in neighbours)


def _with_breaks(word: str, longest: int) -> str:
    if len(word) <= longest:
        return word
    word = _AFTER_SIGN.sub(rf"\1{_BREAK_HERE}", word)
    return re.sub(rf"[^{_BREAK_HERE}]{{{longest}}}(?=[^{_BREAK_HERE}])", rf"\g<0>{_BREAK_HERE}", word)
