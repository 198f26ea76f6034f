"""Figures that take long are remembered for a while, so that a large shop's dashboard opens at once.

A figure that took a quarter of a second is shown for five more; one that took no time is always asked anew. So a small
shop sees every payment at once, and a large one spends at most a twentieth of its time on charts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from django.core.cache import caches

from quarterday.shared.scope import Scope

T = TypeVar("T")

LONG_SECONDS = 0.05
TIMES_AS_LONG = 20
AT_MOST_SECONDS = 60


def remembered(what: str, ask: Callable[[], T], *, within: Scope, on: date) -> T:
    """The answer to `ask`, which depends on scope and day alone: fresh, or as it was a moment ago if it takes long."""
    whose = "all" if within.everything else ",".join(str(number) for number in sorted(within.customer_ids))
    key = f"dashboard/{what}/{on}/{whose}"
    if len(key) > 200:
        return ask()
    known: tuple[T] | None = caches["process"].get(key)
    if known is not None:
        return known[0]
    began = time.perf_counter()
    answer = ask()
    took = time.perf_counter() - began
    if took > LONG_SECONDS:
        caches["process"].set(key, (answer,), timeout=min(took * TIMES_AS_LONG, AT_MOST_SECONDS))
    return answer
