"""Figures that take long are remembered for a while, so that a large shop's pages open at once.

Figures that took a tenth of a second are shown for twenty seconds more, and say since when they are kept; those that
took no time are always asked anew. So a small shop sees every payment at once, and a large one counts now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Generic, TypeVar

from django.core.cache import caches

from quarterday.shared.scope import Scope

T = TypeVar("T")

LONG_SECONDS = 0.05
TIMES_AS_LONG = 200
AT_MOST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Remembered(Generic[T]):
    """An answer, and since when it is kept: None for one of this moment."""

    answer: T
    kept_since: datetime | None = None


def remembered(
    what: str, ask: Callable[[], T], *, within: Scope, on: date, now: datetime, anew: bool = False
) -> Remembered[T]:
    """The answer to `ask`, which depends on scope and day alone: fresh if it takes no time, else as a moment ago.

    `anew` asks in any case.
    """
    key = f"{what}/{on}/{whose(within)}"
    known: tuple[T, datetime] | None = None if anew else caches["process"].get(key)
    if known is not None:
        return Remembered(*known)
    began = time.perf_counter()
    answer = ask()
    took = time.perf_counter() - began
    if took > LONG_SECONDS:
        caches["process"].set(key, (answer, now), timeout=min(took * TIMES_AS_LONG, AT_MOST_SECONDS))
    elif anew:
        caches["process"].delete(key)
    return Remembered(answer)


def whose(scope: Scope) -> str:
    """A name for a scope in the keys of what is remembered, however many customers it has."""
    said = ",".join(str(number) for number in sorted(scope.customer_ids))
    return "all" if scope.everything else sha256(said.encode()).hexdigest()
