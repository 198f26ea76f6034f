"""Words as people type them, fit to be kept for good: the same whether a page, a command or a file brought them."""

from __future__ import annotations

from quarterday.shared.refusal import Refused

LONGEST_REASON = 300
"""Characters of a reason, such as a column holds; more is refused, since a reason cut short may say something else."""


def checked_words(given: object, *, longest: int, lines: bool = False) -> str:
    """The words without blanks around them; ValueError in words when they are too long or hold control characters.

    `lines` allows line breaks and tabs.
    """
    kept = str(given if given is not None else "").strip()
    if len(kept) > longest:
        raise ValueError(f"is too long ({len(kept)} characters): use at most {longest}.")
    allowed = "\n\r\t" if lines else ""
    # Half a surrogate pair is what a terminal makes of bytes that are no UTF-8.
    if any((c < " " and c not in allowed) or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in kept):
        raise ValueError("holds a control character: write it again without it.")
    return kept


def words_given(field: str, given: str, *, longest: int, missing: str = "") -> str:
    """The words of one argument; Refused, naming it, with what is wrong with them, or with `missing` when it is empty.

    Without `missing` they may be empty.
    """
    try:
        kept = checked_words(given, longest=longest)
    except ValueError as error:
        raise Refused(field, str(error)) from None
    if missing and not kept:
        raise Refused(field, missing)
    return kept


def reason_given(given: str, *, missing: str, field: str = "reason") -> str:
    """Why somebody does something, as it is kept; Refused when there is none, in the words of `missing`."""
    return words_given(field, given, longest=LONGEST_REASON, missing=missing)
