"""What the store room answers. All queries run inside `acting(scope)` and see its customers only."""

from quarterday.inventory.queries.presences import (
    DayCount,
    Exempt,
    Stay,
    Succession,
    counts_on,
    exceptions,
    presences,
    present_on,
    replacements,
)

__all__ = [
    "DayCount",
    "Exempt",
    "Stay",
    "Succession",
    "counts_on",
    "exceptions",
    "presences",
    "present_on",
    "replacements",
]
