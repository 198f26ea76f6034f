"""Seals on the audit trail: each hashes the entries since the last one, and names how far every bill series had come.

Whoever changes, removes or adds an entry later breaks the seal over it; whoever makes a new seal breaks the one after
it. A superuser can rewrite them all, so the last seal's hash is worth keeping outside (it is in every backup, too).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from quarterday.bills.queries.proving import heads_of_series
from quarterday.engine.canonical import canonical_json, digest_of
from quarterday.shared.models import AuditEntry
from quarterday.upkeep.models import Seal

MOST_ENTRIES = 100_000
"""Entries under one seal: a seal is checked in one piece."""

SEALING = 7_702
"""The advisory lock of the one who seals."""

NOTHING = digest_of(b"")

ERASED = "erased the personal data of"
"""The act that may change sealed entries: its own entry says which seals, and their digests before and after."""

# One spelling for an entry, made by PostgreSQL so that a hundred thousand of them are hashed in a second.
_ENTRIES = """
    SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(jsonb_build_array(
        id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor_kind, actor_name, user_id, address,
        request_id, verb, subject_kind, subject_id, subject_name, customer_id, details
    )::text, E'\\n' ORDER BY id), ''), 'UTF8')), 'hex')
    FROM shared_auditentry WHERE id > %s AND id <= %s
    """


_LOST = """
    SELECT s.id, head.key, split_part(head.value, ' ', 1), i.hash IS NOT NULL
    FROM upkeep_seal s CROSS JOIN LATERAL jsonb_each_text(s.heads) AS head
    LEFT JOIN bills_billissue i ON i.kind = split_part(head.key, ' ', 1)
        AND i.year = split_part(head.key, ' ', 2)::int AND i.sequence = split_part(head.value, ' ', 1)::int
    WHERE encode(i.hash, 'hex') IS DISTINCT FROM split_part(head.value, ' ', 2)
    ORDER BY s.id, head.key
    """


# A writer locks the table before it draws a number, and until it ends. Other databases of the server do not matter. The
# lock's transaction number has 32 bits; one that has none yet has written nothing, and may be about to.
_RUNNING = """
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
        (SELECT array_agg(own.transactionid::text::bigint)
         FROM pg_locks writer
         LEFT JOIN pg_locks own ON own.pid = writer.pid AND own.locktype = 'transactionid' AND own.granted
         WHERE writer.locktype = 'relation' AND writer.relation = 'shared_auditentry'::regclass
             AND writer.database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND writer.mode = 'RowExclusiveLock' AND writer.pid <> pg_backend_pid())
    """

_CYCLE = 2**32


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """A seal that does not hold, and why."""

    seal_id: int
    words: str


def seal_entries(*, now: datetime) -> Seal | None:
    """Seal the entries that nobody can add to any more; None when there is nothing new. One transaction at a time.

    An entry's number is given before its transaction ends. So a seal only reaches as far as the seal before it had
    seen, and only once every transaction has ended that was writing entries then.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALING])
        if not cursor.fetchone()[0]:
            return None
        last = Seal.objects.order_by("-pk").first()
        after, reach, waits_for = (last.up_to_id, last.seen_id, last.seen_xmax) if last else (0, 0, 0)
        # The number is read before the running transactions are: who got a lower one is among them.
        cursor.execute("SELECT coalesce(max(id), 0) FROM shared_auditentry")
        seen_id = max(cursor.fetchone()[0], reach)
        if reach <= after and seen_id <= reach:
            return None
        cursor.execute(_RUNNING)
        running_since, next_transaction = _oldest_writer(*cursor.fetchone())
        # A number from the future is another server's: this database was restored, and nobody is in the middle.
        if running_since < waits_for <= next_transaction:
            return None
    up_to = min(reach, after + MOST_ENTRIES)
    count, digest = _entries(after, up_to)
    heads, previous = heads_of_series(), last.hash if last else ""
    return Seal.objects.create(
        sealed_at=now,
        after_id=after,
        up_to_id=up_to,
        entry_count=count,
        entries_digest=digest,
        heads=heads,
        # What is left of a long stretch is sealed next, and needs no new look.
        seen_id=seen_id if up_to == reach else reach,
        seen_xmax=next_transaction,
        previous_hash=previous,
        hash=hash_of_seal(previous, now, after, up_to, count, digest, heads),
    )


def _oldest_writer(next_transaction: int, writers: list[int | None] | None) -> tuple[int, int]:
    """(the first transaction that is still writing entries, the next one to come), counted without end."""
    running = [
        0 if writer is None else next_transaction - (next_transaction - writer) % _CYCLE for writer in writers or ()
    ]
    return min(running, default=next_transaction), next_transaction


def hash_of_seal(
    previous: str, at: datetime, after: int, up_to: int, count: int, digest: str, heads: dict[str, str]
) -> str:
    """What a seal's hash is made of; anybody can calculate it again."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return digest_of(canonical_json([previous, moment, after, up_to, count, digest, heads]))


def broken_seals() -> Iterator[BrokenSeal]:
    """Every seal that does not hold: entries that changed, a chain that breaks, a bill series that lost documents."""
    before: Seal | None = None
    erased = _erased_digests()
    for seal in Seal.objects.order_by("pk").iterator(chunk_size=1_000):
        for words in _faults(seal, before, erased.get(seal.pk, seal.entries_digest)):
            yield BrokenSeal(seal.pk, words)
        before = seal
    yield from _lost_documents()


def hold_seals() -> None:
    """Until the transaction ends nobody seals: what is about to be erased is not sealed halfway."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING])


def digests_over(entry_ids: Iterable[int]) -> dict[str, list[str]]:
    """Seal -> its entries' digest when it was made and now, for the seals over these entries; kept with an erasure."""
    ids = sorted(set(entry_ids))
    if not ids:
        return {}
    seals = Seal.objects.filter(after_id__lt=ids[-1], up_to_id__gte=ids[0]).order_by("pk")
    found = {}
    for seal in seals:
        place = bisect_right(ids, seal.after_id)
        if place < len(ids) and ids[place] <= seal.up_to_id:
            found[str(seal.pk)] = [seal.entries_digest, _entries(seal.after_id, seal.up_to_id)[1]]
    return found


def _faults(seal: Seal, before: Seal | None, expected: str) -> Iterator[str]:
    if (seal.previous_hash, seal.after_id) != ((before.hash, before.up_to_id) if before else ("", 0)):
        yield "it does not follow the seal before it"
    own = hash_of_seal(
        seal.previous_hash,
        seal.sealed_at,
        seal.after_id,
        seal.up_to_id,
        seal.entry_count,
        seal.entries_digest,
        seal.heads,
    )
    if own != seal.hash:
        yield "the seal itself was changed"
    count, digest = _entries(seal.after_id, seal.up_to_id)
    if count != seal.entry_count:
        yield f"of the {seal.entry_count} entries after {seal.after_id} up to {seal.up_to_id} there are {count}"
    elif digest != expected:
        yield f"an entry after {seal.after_id} up to {seal.up_to_id} is not what was sealed"


def _lost_documents() -> Iterator[BrokenSeal]:
    """The document that was the last of its series when a seal was made is still there, with the same hash."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST)
        for seal_id, series, sequence, is_there in cursor.fetchall():
            what = (
                "is not the one that was there when it was made"
                if is_there
                else "was there when it was made, and is gone"
            )
            yield BrokenSeal(seal_id, f"document {sequence} of the series {series} {what}")


def _erased_digests() -> dict[int, str]:
    """Seal -> the digest that the last erasure left."""
    acts = AuditEntry.objects.filter(subject_kind="customers.Customer", verb=ERASED).order_by("pk")
    return {int(seal): after for act in acts for seal, (_, after) in act.details["seals"].items()}


def _entries(after: int, up_to: int) -> tuple[int, str]:
    if up_to <= after:
        return 0, NOTHING
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [after, up_to])
        count, digest = cursor.fetchone()
    return int(count), str(digest)
