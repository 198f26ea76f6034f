"""How the installation stands at this moment: worker, queue, mail, last run, backups, sources; asked with one query."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

QUEUE_OLD_AFTER = timedelta(minutes=5)
DRILL_OLD_AFTER = timedelta(days=35)

MAIL_STATES = ("waiting", "queued", "sending", "sent", "deferred", "failed", "unclear", "cancelled")

_STANDING = """
    SELECT (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %(now)s - interval '60 seconds'),
           (SELECT max(last_heartbeat) FROM procrastinate_workers),
           (SELECT count(*) FROM procrastinate_jobs
            WHERE status = 'todo' AND coalesce(scheduled_at, %(now)s) <= %(now)s),
           (SELECT min(coalesce(j.scheduled_at, e.at)) FROM procrastinate_jobs j
            LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
            WHERE j.status = 'todo' AND coalesce(j.scheduled_at, %(now)s) <= %(now)s),
           (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'),
           (SELECT max(at) FROM bills_billingrun),
           (SELECT last_at FROM bills_billingclock),
           (SELECT coalesce(jsonb_object_agg(kind, documents), '{}') FROM (
               SELECT kind, sum(last_number) AS documents FROM bills_numbercounter GROUP BY kind) AS series),
           (SELECT count(*) FROM bills_billissue i WHERE i.issued_at > %(now)s - interval '7 days'
               AND NOT EXISTS (SELECT FROM bills_billprint p WHERE p.bill_id = i.bill_id)),
           (SELECT coalesce(jsonb_object_agg(state, mails), '{}') FROM (
               SELECT state, count(*) AS mails FROM outbox_delivery GROUP BY state) AS states),
           (SELECT coalesce(jsonb_object_agg(s.name, extract(epoch FROM r.taken_at)), '{}') FROM inventory_source s
            LEFT JOIN LATERAL (SELECT taken_at FROM inventory_syncrun
                WHERE source_id = s.id AND state = 'applied' ORDER BY taken_at DESC LIMIT 1) r ON true),
           (SELECT max(drilled_at) FROM upkeep_drill WHERE problems = '[]'),
           (SELECT max(drilled_at) FROM upkeep_drill),
           (SELECT sealed_at FROM upkeep_seal ORDER BY id DESC LIMIT 1),
           (SELECT count(*) FROM shared_auditentry
            WHERE id > coalesce((SELECT up_to_id FROM upkeep_seal ORDER BY id DESC LIMIT 1), 0)),
           EXISTS (SELECT FROM provider_restoration WHERE resumed_at IS NULL)
    """


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that the status page and the metrics tell. `fresh_at` is each source's last complete word."""

    now: datetime
    workers_alive: int
    worker_seen_at: datetime | None
    queue_length: int
    queue_since: datetime | None
    failed_jobs: int
    last_run_at: datetime | None
    billed_up_to: datetime | None
    documents: dict[str, int]
    unprinted: int
    mails: dict[str, int]
    fresh_at: dict[str, datetime | None]
    proven_at: datetime | None
    drilled_at: datetime | None
    sealed_at: datetime | None
    unsealed_entries: int
    is_copy: bool

    @property
    def queue_age(self) -> timedelta:
        """How long the oldest job has been waiting for a worker."""
        return max(self.now - self.queue_since, timedelta()) if self.queue_since else timedelta()

    @property
    def is_worker_alive(self) -> bool:
        """Whether a worker has been heard in the last minute."""
        return self.workers_alive > 0

    @property
    def is_queue_moving(self) -> bool:
        """Whether no job has waited too long."""
        return self.queue_age <= QUEUE_OLD_AFTER

    @property
    def is_backup_proven(self) -> bool:
        """Whether the last drill succeeded, and is not too long ago."""
        if self.proven_at is None or self.drilled_at != self.proven_at:
            return False
        return self.now - self.proven_at <= DRILL_OLD_AFTER

    @property
    def unwell(self) -> list[str]:
        """What needs a person, by name."""
        checks = {
            "worker": self.is_worker_alive,
            "queue": self.is_queue_moving,
            "mail": not (self.mails["failed"] or self.mails["unclear"]),
            "backup": self.is_backup_proven,
            "copy": not self.is_copy,
        }
        return [name for name, is_well in checks.items() if not is_well]


def standing(*, now: datetime) -> Standing:
    """Look at everything, with one query. Only staff may ask."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"now": now})
        row = list(cursor.fetchone())
    documents, mails, fresh = (json.loads(row[place]) for place in (7, 9, 10))
    row[7] = {kind: int(count) for kind, count in documents.items()}
    row[9] = {state: int(mails.get(state, 0)) for state in MAIL_STATES}
    row[10] = {
        source: None if moment is None else datetime.fromtimestamp(float(moment), tz=now.tzinfo)
        for source, moment in sorted(fresh.items())
    }
    return Standing(now, *row)
