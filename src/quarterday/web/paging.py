"""Pages of lists that people leaf through: `?page=3`. Nothing is counted; one row more than shown tells of more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

from quarterday.web.digits import number_in

T = TypeVar("T")

ROWS = 50
FURTHEST = 100_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows; `previous` and `next` are the numbers of its neighbours, None where there is none."""

    rows: Sequence[T]
    number: int
    previous: int | None
    next: int | None


def one_page(request: HttpRequest, rows: Callable[[int, int], Sequence[T]], *, size: int = ROWS) -> Page[T]:
    """The page that the address asks for; `rows(start, end)` loads a slice of the list."""
    number = max(min(number_in(request.GET.get("page", "")) or 1, FURTHEST), 1)
    start = (number - 1) * size
    loaded = list(rows(start, start + size + 1))
    return Page(loaded[:size], number, number - 1 or None, number + 1 if len(loaded) > size else None)
