"""Set up the mail server; post messages, make them ready, cancel them, send them again."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection

from quarterday.outbox.models import Attachment, Delivery, MailServer, Message
from quarterday.outbox.secrets import body_of, decrypt, encrypt
from quarterday.outbox.smtp import Answer, Post, Server
from quarterday.shared.database import acting
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Actor, Scope
from quarterday.shared.trail import record

SECURITIES = ("none", "starttls", "tls")


class MailNotReady(Refused):
    """The mail server is not set up, or no test mail has gone out with its present settings."""


class DeliveryUnknown(NotFound):
    """There is no such delivery."""


class MailSettingsWrong(Refused):
    """A mail setting cannot be used."""


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


def configure_mail(
    *,
    host: str,
    port: int,
    security: str,
    sender_address: str,
    now: datetime,
    by: Actor,
    username: str = "",
    password: str | None = None,
    sender_name: str = "",
    reply_to: str = "",
) -> MailServer:
    """Save the provider's SMTP settings; `password` None keeps the one that is there. A test mail must follow.

    Raises MailSettingsWrong, naming the setting.
    """
    if not host.strip() or any(c.isspace() for c in host.strip()):
        raise MailSettingsWrong("host", "enter the server's name, for example smtp.example.com")
    if not 1 <= port <= 65535:
        raise MailSettingsWrong("port", f"{port} is no port: 587 is usual with starttls, 465 with tls")
    if security not in SECURITIES:
        raise MailSettingsWrong("security", f"{security!r} is none of {', '.join(SECURITIES)}")
    _check_address("sender_address", sender_address)
    if reply_to:
        _check_address("reply_to", reply_to)
    before = MailServer.objects.select_for_update().filter(pk=1).first()
    sealed = (
        encrypt(password) if password else (None if password == "" or before is None else before.password_encrypted)
    )
    values = {
        "host": host.strip(),
        "port": port,
        "security": security,
        "username": username.strip(),
        "password_encrypted": sealed,
        "sender_name": " ".join(sender_name.split()),
        "sender_address": sender_address.strip(),
        "reply_to": reply_to.strip(),
        "changed_at": now,
        "tested_at": None,
        "test_response": "",
    }
    server, _ = MailServer.objects.update_or_create(pk=1, defaults=values)
    record(by, "configured mail", server, at=now, details={"host": server.host, "port": port, "security": security})
    return server


def send_test_mail(*, to: str, now: datetime, by: Actor, timeout: float = 15) -> Answer:
    """Send a test mail with the settings as they are; only the server's 250 opens the post room.

    Talks to the server outside any transaction, so call it outside `acting`.
    """
    _check_address("to", to)
    with acting(Scope.all()):
        server, changed_at = load_server(), MailServer.objects.get(pk=1).changed_at
    header_id = new_header_id(server.sender_address)
    body = (
        "This is a test mail from Quarterday. Your mail server works: bills can now be mailed.\n\n"
        f"Server: {server.host}:{server.port} ({server.security})\nSender: {server.sender_address}\n"
    )
    with Post(server, timeout=timeout) as post:
        message = post.compose(
            to=to, subject="Quarterday: your mail server works", body=body, header_id=header_id, at=now, attachments=[]
        )
        answer = post.send(message)
    with acting(Scope.all()):
        # Only the settings that were tried are proven: someone may have changed them meanwhile.
        MailServer.objects.filter(pk=1, changed_at=changed_at).update(
            tested_at=now if answer.state == "sent" else None, test_response=answer.text[:500]
        )
        record(by, "tested mail", MailServer.objects.get(pk=1), at=now, details={"to": to, "answer": answer.text})
    return answer


def load_server() -> Server:
    """The settings with the password opened; MailNotReady when there are none."""
    row = MailServer.objects.filter(pk=1).first()
    if row is None:
        raise MailNotReady(
            "mail_server", "No mail server is set up: enter its settings first (quarterday mail configure)."
        )
    return Server(
        host=row.host,
        port=row.port,
        security=row.security,
        username=row.username,
        password=decrypt(bytes(row.password_encrypted)) if row.password_encrypted else "",
        sender_name=row.sender_name,
        sender_address=row.sender_address,
        reply_to=row.reply_to,
    )


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
        return dict(cursor.fetchall())


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


def cancel_messages(message_ids: Iterable[int], *, now: datetime) -> int:
    """Take back messages that have not left yet; answers how many deliveries were cancelled."""
    ids = list(message_ids)
    cancelled = Delivery.objects.filter(message_id__in=ids, state__in=["waiting", "queued", "deferred"]).update(
        state="cancelled", next_at=None
    )
    left = Delivery.objects.filter(message_id__in=ids).exclude(state="cancelled").values("message_id")
    Message.objects.filter(pk__in=ids).exclude(pk__in=left).update(cancelled_at=now)
    return cancelled


def send_again(message: Message, *, now: datetime, by: Actor, to: Sequence[str] | None = None) -> Message:
    """Post the same text and files once more, by hand: to everybody, or to the addresses in `to`.

    The first message and what became of it stay as they are. Raises MailNotReady while the first is still unprinted.
    """
    if message.ready_at is None:
        raise MailNotReady(
            "message", "This message is not ready: its bill is not printed yet. It will go out by itself."
        )
    addresses = list(to or message.recipients)
    for address in addresses:
        _check_address("to", address)
    stem = message.key.split("/again/")[0]
    # The key must be free even when two people press the button at once; the lock lets one wait for the other.
    Message.objects.select_for_update().get(pk=message.pk)
    times = Message.objects.filter(key__startswith=f"{stem}/again/").count()
    key = f"{stem}/again/{times + 1}"
    new_id = post_messages(
        [NewMessage(key=key, kind=message.kind, customer_id=message.customer_id, recipients=addresses, not_before=now)],
        now=now,
    )[key]
    files = [Enclosure(a.filename, bytes(a.content), a.content_type) for a in message.attachments.order_by("pk")]
    make_ready([Ready(new_id, message.subject, body_of(message), files, message.is_sealed)], now=now)
    copy = Message.objects.get(pk=new_id)
    record(
        by, "sent again", message, at=now, customer_id=message.customer_id, details={"to": addresses, "copy": new_id}
    )
    return copy


def retry_delivery(delivery: Delivery, *, now: datetime, by: Actor) -> None:
    """Queue a failed, deferred or unclear delivery once more, at once, with its own Message-ID."""
    changed = Delivery.objects.filter(pk=delivery.pk, state__in=["failed", "deferred", "unclear"]).update(
        state="queued", next_at=now, attempts=0
    )
    if changed:
        record(by, "retried mail", delivery, at=now, details={"address": delivery.address})


def resend(delivery_id: int, *, to: Sequence[str] | None, now: datetime, by: Actor) -> str:
    """Send a delivery's message once more, whatever became of it; answers in words what was done.

    Raises DeliveryUnknown for a number that is not there.
    """
    delivery = Delivery.objects.select_related("message").filter(pk=delivery_id).first()
    if delivery is None:
        raise DeliveryUnknown("delivery", f"There is no delivery {delivery_id}: see quarterday mail list.")
    if to is None and delivery.state in ("failed", "deferred", "unclear"):
        retry_delivery(delivery, now=now, by=by)
        return f"{delivery.address} is tried again."
    copy = send_again(delivery.message, now=now, by=by, to=to or [delivery.address])
    return f"A copy goes to {', '.join(copy.recipients)}."


def new_header_id(sender_address: str) -> str:
    """A Message-ID; kept with the delivery, so that a second attempt is recognisable as the same mail."""
    return f"<{uuid.uuid4().hex}@{sender_address.rpartition('@')[2]}>"


def _check_address(field: str, address: str) -> None:
    try:
        validate_email(address.strip())
    except ValidationError:
        raise MailSettingsWrong(field, f"{address!r} is not an e-mail address") from None
