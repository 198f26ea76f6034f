"""Write down what the caretaker did: a drill, a seal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterday.shared.scope import Actor
from quarterday.shared.trail import record
from quarterday.upkeep.models import Drill

__all__ = ["note_drill"]


def note_drill(
    *,
    taken_at: datetime,
    digest: str,
    row_count: int,
    seconds: int,
    problems: Sequence[str],
    by: Actor,
    now: datetime,
) -> Drill:
    """Note that a backup was restored and compared; without problems it is proven."""
    drill = Drill.objects.create(
        drilled_at=now,
        taken_at=taken_at,
        digest=digest,
        row_count=row_count,
        seconds=seconds,
        problems=list(problems)[:50],
    )
    record(by, "failed to prove" if problems else "proved", drill, at=now, details={"rows": row_count})
    return drill
