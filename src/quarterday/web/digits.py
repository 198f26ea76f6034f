"""Whole numbers out of an address or a form, which may say anything, and as much of it as it likes."""

from __future__ import annotations

from collections.abc import Iterable

MOST_DIGITS = 18
"""What PostgreSQL's bigint holds in any case; Python itself refuses to read some thousands of digits."""


def number_in(said: str) -> int | None:
    """The number that is said in digits alone, or None."""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= MOST_DIGITS else None


def numbers_in(said: Iterable[str]) -> list[int]:
    """Those of them that are numbers."""
    return [number for each in said if (number := number_in(each)) is not None]
