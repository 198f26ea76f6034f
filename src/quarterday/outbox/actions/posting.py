"""Post messages, and make them ready once their text and files exist."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from quarterday.outbox.models import Attachment, Delivery, Message
from quarterday.outbox.secrets import encrypt


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What to post. Without subject and body it waits until `make_ready` brings them."""

    key: str
    kind: str
    customer_id: int | None
    recipients: Sequence[str]
    not_before: datetime
    subject: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a message."""

    filename: str
    content: bytes
    content_type: str = "application/pdf"


@dataclass(frozen=True, slots=True)
class Ready:
    """A waiting message's text and files, now that they exist."""

    message_id: int
    subject: str
    body: str
    enclosures: Sequence[Enclosure] = field(default_factory=tuple)
    is_secret: bool = False
    """Whether the body lets its reader in, and is kept sealed."""


def post_messages(messages: Sequence[NewMessage], *, now: datetime) -> dict[str, int]:
    """Write messages and their deliveries, waiting; answers key -> id. A key that was posted before is left alone.

    One statement for any number: a billing run posts thousands.
    """
    if not messages:
        return {}
    told = json.dumps(
        [
            {
                "key": message.key,
                "kind": message.kind,
                "customer_id": message.customer_id,
                "recipients": list(message.recipients),
                "subject": message.subject,
                "body": message.body,
                "not_before": message.not_before.isoformat(),
            }
            for message in messages
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(_POST, {"told": told, "now": now})
        found = dict(cursor.fetchall())
        if missing := [message.key for message in messages if message.key not in found]:
            # Somebody else posted them while the statement waited for them; the next statement sees what they wrote.
            cursor.execute("SELECT key, id FROM outbox_message WHERE key = ANY (%s)", [missing])
            found.update(cursor.fetchall())
        return found


# The last part answers for keys that were posted before: it does not see the rows that the first part writes.
_POST = """
    WITH told AS (
        SELECT * FROM jsonb_to_recordset(%(told)s::jsonb) AS m (
            key text, kind text, customer_id bigint, recipients text[], subject text, body text, not_before timestamptz
        )
    ), posted AS (
        INSERT INTO outbox_message (key, kind, customer_id, recipients, subject, body, created_at, not_before)
        SELECT key, kind, customer_id, recipients, subject, body, %(now)s, not_before FROM told
        ON CONFLICT (key) DO NOTHING RETURNING id, key, customer_id, recipients
    ), delivered AS (
        INSERT INTO outbox_delivery (customer_id, message_id, address, state, header_id, attempts, response)
        SELECT p.customer_id, p.id, r.address, 'waiting',
               format('<%%s@%%s>', gen_random_uuid(), coalesce(ours.domain, 'quarterday.invalid')), 0, ''
        FROM posted p
        CROSS JOIN LATERAL (SELECT DISTINCT unnest(p.recipients) AS address) r
        LEFT JOIN (SELECT split_part(sender_address, '@', 2) AS domain FROM outbox_mailserver) ours ON true
    )
    SELECT key, id FROM posted
    UNION ALL
    SELECT m.key, m.id FROM outbox_message m JOIN told USING (key)
    """


def make_ready(messages: Iterable[Ready], *, now: datetime) -> None:
    """Give waiting messages their text and files, and queue their deliveries. Repeating it changes nothing."""
    texts = {message.message_id: message for message in messages}
    rows = list(
        Message.objects.select_for_update().filter(pk__in=list(texts), ready_at=None, cancelled_at=None).order_by("pk")
    )
    for row in rows:
        text = texts[row.pk]
        row.subject, row.ready_at, row.is_sealed = text.subject[:300], now, text.is_secret
        row.body = encrypt(text.body).decode() if text.is_secret else text.body
    Message.objects.bulk_update(rows, ["subject", "body", "is_sealed", "ready_at"])
    Attachment.objects.bulk_create(
        Attachment(
            customer_id=row.customer_id,
            message=row,
            filename=enclosure.filename,
            content_type=enclosure.content_type,
            content=enclosure.content,
            sha256=hashlib.sha256(enclosure.content).hexdigest(),
        )
        for row in rows
        for enclosure in texts[row.pk].enclosures
    )
    for row in rows:
        Delivery.objects.filter(message=row, state="waiting").update(state="queued", next_at=row.not_before)
