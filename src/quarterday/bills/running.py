"""A run that somebody watches: its record is opened first, and told how far it is after each chunk.

    run = open_run(now=now, by=by)              inside `acting`
    carry_out(run.pk, at=now, by=by, ...)       outside, in a thread or a process of its own

Whoever carries it out may die: what was billed is billed, and the next run finishes the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quarterday.bills.models import BillingRun
from quarterday.bills.run import CHUNK, run_billing
from quarterday.provider.queries import refuse_copy
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope

SILENT_AFTER = timedelta(minutes=2)
"""A run that told nothing for so long has died; a chunk takes seconds."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How a watched run stands: `trouble` is why it billed nobody, or what ended it; `counts` are told at the end."""

    run_id: int
    at: datetime
    by: str
    is_over: bool
    done: int
    total: int
    seen_at: datetime
    trouble: str
    counts: dict[str, int]

    def is_silent(self, now: datetime) -> bool:
        """Whether it has died without a word."""
        return not self.is_over and now - self.seen_at > SILENT_AFTER


def open_run(*, now: datetime, by: Actor) -> BillingRun:
    """Open the record of a run to come. Refused on a restored copy."""
    refuse_copy()
    return BillingRun.objects.create(at=now, by=by.name[:200], summary=_told(now, 0, 0))


def carry_out(
    run_id: int,
    *,
    at: datetime,
    by: Actor,
    clock: Callable[[], datetime],
    customers: Sequence[int] | None = None,
    confirmed: bool = False,
    chunk: int = CHUNK,
) -> None:
    """Bill what is due at `at` and keep the run's record; outside `acting`. What ends it is told there, then raised."""

    def tell(done: int, total: int) -> None:
        _keep(run_id, summary=_told(clock(), done, total))

    try:
        report = run_billing(
            at=at, by=by, customers=customers, confirmed=confirmed, chunk=chunk, progress=tell, run_id=run_id
        )
    except Exception as error:
        _keep(run_id, finished=True, summary={"trouble": f"{type(error).__name__}: {error}"[:500]})
        raise
    if report.stopped:
        _keep(run_id, finished=True, summary={"trouble": report.stopped})


def progress_of(run_id: int) -> Progress | None:
    """How a run stands; None if there is none. Only staff may ask."""
    run = BillingRun.objects.filter(pk=run_id).first()
    if run is None:
        return None
    told = run.summary
    counts = {name: told[name] for name in ("issued", "held", "empty", "parked", "waiting") if name in told}
    seen_at = datetime.fromisoformat(told["seen_at"]) if "seen_at" in told else run.at
    return Progress(
        run_id=run.pk,
        at=run.at,
        by=run.by,
        is_over=run.finished,
        done=told.get("done", 0),
        total=told.get("total", 0),
        seen_at=seen_at,
        trouble=told.get("trouble", ""),
        counts=counts,
    )


def _told(now: datetime, done: int, total: int) -> dict[str, Any]:
    return {"seen_at": now.isoformat(), "done": done, "total": total}


def _keep(run_id: int, **changes: Any) -> None:
    with acting(Scope.all()):
        BillingRun.objects.filter(pk=run_id).update(**changes)
