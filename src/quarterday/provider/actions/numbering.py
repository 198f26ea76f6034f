"""How documents are numbered."""

from __future__ import annotations

import re
from datetime import datetime
from string import Formatter

from quarterday.provider import defaults
from quarterday.provider.models import NumberSeries
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record


def change_number_series(
    *, kind: str, pattern: str, restarts_yearly: bool, given_twice: str | None, by: Actor, now: datetime
) -> NumberSeries:
    """Number documents of a kind ("invoice", "credit_note") by another pattern, from the next one on.

    `given_twice` is a number that was given and would be given again (ask bills): then no bill could be issued.
    """
    if kind not in defaults.SERIES:
        raise Refused("kind", f"{kind!r} is not one of {', '.join(defaults.SERIES)}.")
    check_pattern(pattern, restarts_yearly=restarts_yearly)
    for other in NumberSeries.objects.select_for_update().exclude(kind=kind):
        if other.pattern.format(year=2026, number=1) == pattern.format(year=2026, number=1):
            raise Refused("pattern", f"gives the same numbers as the one for {other.get_kind_display()}: change it.")
    if given_twice is not None:
        raise Refused("pattern", f"would give {given_twice} a second time: change the words around the number.")
    series, _ = NumberSeries.objects.update_or_create(
        kind=kind, defaults={"pattern": pattern, "restarts_yearly": restarts_yearly}
    )
    record(by, "changed", series, at=now, details={"kind": kind, "pattern": pattern, "yearly": restarts_yearly})
    return series


def check_pattern(pattern: str, *, restarts_yearly: bool) -> None:
    """Refused unless there are only {year} and {number}, so that it can say nothing but a document's number."""
    try:
        fields = [(name, spec) for _, name, spec, _ in Formatter().parse(pattern) if name is not None]
    except ValueError:
        fields = [(pattern, None)]  # what cannot be read is no field that is known
    names = [name for name, _ in fields]
    if not set(names) <= {"year", "number"} or any(
        not re.fullmatch(r"(0?\d{1,2}d)?", spec or "") for _, spec in fields
    ):
        raise Refused("pattern", "knows only {year} and {number}, such as INV-{year}-{number:05d}.")
    if "number" not in names:
        raise Refused("pattern", "has no {number}: write it like INV-{year}-{number:05d}.")
    if restarts_yearly and "year" not in names:
        raise Refused("pattern", "has no {year}, but restarts each year: numbers would come twice.")
    if len(pattern.format(year=2026, number=10**7)) > 30 or len(pattern) > 60:
        raise Refused("pattern", "gives numbers of more than 30 characters: shorten it.")
