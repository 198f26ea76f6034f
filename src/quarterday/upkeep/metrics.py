"""The standing as Prometheus reads it: one line a figure, without a name of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from quarterday.upkeep.standing import Standing

Sample = tuple[dict[str, str], float]


def metrics_text(standing: Standing) -> str:
    """All figures in Prometheus' text format."""
    return "".join(f"{line}\n" for line in _lines(standing))


def _lines(standing: Standing) -> Iterator[str]:
    now = standing.now
    yield from _metric(
        "bills_issued_total",
        "counter",
        "Documents that got a number, by kind.",
        [({"kind": kind}, count) for kind, count in sorted(standing.documents.items())],
    )
    yield from _metric("bills_unprinted", "gauge", "Documents of the last week without a print.", standing.unprinted)
    yield from _metric(
        "mails",
        "gauge",
        "Deliveries by state; failed and unclear ones need a person.",
        [({"state": state}, count) for state, count in standing.mails.items()],
    )
    yield from _metric("queue_jobs", "gauge", "Jobs that wait for a worker.", standing.queue_length)
    yield from _metric(
        "queue_age_seconds", "gauge", "How long the oldest of them has waited.", standing.queue_age.total_seconds()
    )
    yield from _metric("jobs_failed", "gauge", "Jobs that ended in an error and are kept.", standing.failed_jobs)
    yield from _metric("workers_alive", "gauge", "Workers heard in the last minute.", standing.workers_alive)
    for name, words, moment in (
        ("last_run", "When the last billing run began.", standing.last_run_at),
        ("last_proven_restore", "When a backup was last proven by a drill.", standing.proven_at),
        ("last_seal", "When the audit trail was last sealed.", standing.sealed_at),
    ):
        yield from _moment(f"{name}_timestamp_seconds", words, moment)
    yield from _metric(
        "source_age_seconds",
        "gauge",
        "How old each source's last applied snapshot is, the sources numbered by name.",
        [
            ({"source": str(number)}, (now - moment).total_seconds())
            for number, moment in enumerate(standing.fresh_at.values(), start=1)
            if moment is not None
        ],
    )
    yield from _metric("audit_entries_unsealed", "gauge", "Entries without a seal.", standing.unsealed_entries)
    yield from _metric("is_copy", "gauge", "1 while this is a restored copy that bills nobody.", int(standing.is_copy))


def _moment(name: str, words: str, moment: datetime | None) -> Iterator[str]:
    yield from _metric(name, "gauge", words, [] if moment is None else moment.timestamp())


def _metric(name: str, kind: str, words: str, samples: float | list[Sample]) -> Iterator[str]:
    yield f"# HELP quarterday_{name} {words}"
    yield f"# TYPE quarterday_{name} {kind}"
    for labels, value in samples if isinstance(samples, list) else [({}, samples)]:
        listed = ",".join(f'{label}="{told}"' for label, told in labels.items())
        yield f"quarterday_{name}{'{' + listed + '}' if listed else ''} {value:.15g}"
