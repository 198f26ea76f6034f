"""What a promise of the books is: a sentence, and a question that finds the rows that break it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection


class Broken(NamedTuple):
    """A row that breaks a promise: whose it is (None: the provider's own), which one, and how, in words."""

    customer_id: int | None
    row: str
    words: str


Question = Callable[[datetime], Iterable[Broken]]
"""Asked at an instant, inside `acting(Scope.all())`."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One sentence that holds of all rows, in the words of a person who keeps books."""

    name: str
    sentence: str
    broken: Question


def asked(statement: str, *values: Any) -> Iterator[Broken]:
    """The rows of a statement that selects customer, row and words."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        for row in cursor.fetchall():
            yield Broken(*row)


def by(*statements: str) -> Question:
    """A question that some statements answer; each selects customer, row and words, and takes no values."""

    def broken(now: datetime) -> Iterator[Broken]:
        for statement in statements:
            yield from asked(statement)

    return broken
