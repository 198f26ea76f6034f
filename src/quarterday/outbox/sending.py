"""Send what is due: claim, talk to the server, write down what it said.

Each step commits by itself, so a killed process leaves at most the delivery it was talking about in `sending`. While it
talks it holds an advisory lock of its session, which dies with it: that is how `rescue` tells a dead sender from a slow
one. A bill goes out again with the same Message-ID, since a bill that never arrives is worse than one that arrives
twice; a reminder is held as unclear and shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection

from quarterday.outbox.actions import load_server
from quarterday.outbox.models import Delivery
from quarterday.outbox.queries import mail_is_ready
from quarterday.outbox.secrets import KeysMissing, body_of
from quarterday.outbox.smtp import Answer, Post
from quarterday.provider.queries import restored_copy
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope

BACKOFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440, 1440, 1440)]
STUCK_AFTER = timedelta(seconds=20)
BATCH = 20
TALKING = 7701  # the class of the advisory locks, beside the delivery's id

Clock = Callable[[], datetime]


def send_due(*, clock: Clock, batches: int = 1, timeout: float = 30) -> Counter[str]:
    """Send up to `batches` x 20 due deliveries; answers how many ended in which state. Any number may run at once.

    Nothing is sent before a test mail has gone out, and nothing from a restored copy. Opens its own transactions:
    call it outside `acting`.
    """
    ended: Counter[str] = Counter()
    with acting(Scope.all()):
        if not mail_is_ready() or restored_copy() is not None:
            return ended
        server = load_server()
    with Post(server, timeout=timeout) as post:
        for _ in range(batches):
            claimed = _claim(clock())
            for delivery_id, attempt in claimed:
                ended[_send_one(delivery_id, attempt, post, clock)] += 1
            if len(claimed) < BATCH:
                break
    return ended


def rescue(*, now: datetime) -> int:
    """Take up deliveries whose sender died in the middle; answers how many. Opens its own transaction."""
    with acting(Scope.all()), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH dead AS MATERIALIZED (
                SELECT id FROM (
                    SELECT id FROM outbox_delivery WHERE state = 'sending' AND started_at <= %(before)s
                    FOR UPDATE SKIP LOCKED OFFSET 0) AS stuck
                WHERE pg_try_advisory_xact_lock(%(talking)s, (id %% 2147483647)::int))
            UPDATE outbox_delivery d
            SET state = CASE WHEN m.kind = 'bill' THEN 'queued' ELSE 'unclear' END,
                next_at = CASE WHEN m.kind = 'bill' THEN %(now)s::timestamptz END,
                response = 'The sender stopped in the middle; the message may have arrived.'
            FROM dead, outbox_message m WHERE d.id = dead.id AND m.id = d.message_id
            """,
            {"before": now - STUCK_AFTER, "now": now, "talking": TALKING},
        )
        return int(cursor.rowcount)


def _claim(now: datetime) -> list[tuple[int, int]]:
    with acting(Scope.all()), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_delivery SET state = 'sending', started_at = %(now)s, attempts = attempts + 1
            WHERE id IN (
                SELECT d.id FROM outbox_delivery d JOIN outbox_message m ON m.id = d.message_id
                WHERE d.state IN ('queued', 'deferred') AND d.next_at <= %(now)s AND m.cancelled_at IS NULL
                ORDER BY d.next_at, d.id LIMIT %(batch)s FOR UPDATE OF d SKIP LOCKED)
            RETURNING id, attempts
            """,
            {"now": now, "batch": BATCH},
        )
        return sorted(cursor.fetchall())


def _send_one(delivery_id: int, attempt: int, post: Post, clock: Clock) -> str:
    with _talking(delivery_id) as free:
        return _talk(delivery_id, attempt, post, clock) if free else "taken over"


def _talk(delivery_id: int, attempt: int, post: Post, clock: Clock) -> str:
    started = clock()
    # Waiting its turn in the batch took time: an attempt that was rescued meanwhile is somebody else's now.
    mine = {"pk": delivery_id, "state": "sending", "attempts": attempt}
    with acting(Scope.all()):
        if not Delivery.objects.filter(**mine).update(started_at=started):
            return "taken over"
        delivery = Delivery.objects.select_related("message").get(pk=delivery_id)
        files = [(a.filename, bytes(a.content), a.content_type) for a in delivery.message.attachments.order_by("pk")]
    answer = _settle_doubt(_send(post, delivery, files, started), delivery)
    now = clock()
    state, next_at = _after(answer, attempt, now)
    with acting(Scope.all()):
        Delivery.objects.filter(**mine).update(
            state=state, next_at=next_at, response=answer.text[:500], sent_at=now if state == "sent" else None
        )
    return state


def _send(post: Post, delivery: Delivery, files: list[tuple[str, bytes, str]], at: datetime) -> Answer:
    try:
        body = body_of(delivery.message)
    except KeysMissing as missing:
        # The others in the batch are no worse for it, and the key may come back.
        return Answer("deferred", str(missing))
    message = post.compose(
        to=delivery.address,
        subject=delivery.message.subject,
        body=body,
        header_id=delivery.header_id,
        at=at,
        attachments=files,
    )
    return post.send(message)


@contextmanager
def _talking(delivery_id: int) -> Iterator[bool]:
    """Hold the delivery's lock for as long as this session talks about it; False when another session does."""
    key = [TALKING, delivery_id % 2147483647]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        (free,) = cursor.fetchone()
    try:
        yield free
    finally:
        if free:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _settle_doubt(answer: Answer, delivery: Delivery) -> Answer:
    """A bill in doubt goes again with the same Message-ID; anything else is shown as unclear."""
    if answer.state == "unclear" and delivery.message.kind == "bill":
        return Answer("deferred", answer.text)
    return answer


def _after(answer: Answer, attempts: int, now: datetime) -> tuple[str, datetime | None]:
    if answer.state != "deferred":
        return answer.state, None
    if attempts > len(BACKOFF):
        return "failed", None
    return "deferred", now + BACKOFF[attempts - 1]
