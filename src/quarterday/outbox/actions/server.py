"""The provider's mail server: set it up, try it. Only what a test mail has proven opens the post room."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from quarterday.outbox.models import MailServer
from quarterday.outbox.secrets import decrypt, encrypt
from quarterday.outbox.smtp import Answer, Post, Server
from quarterday.provider.words import words_given
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor, Scope
from quarterday.shared.trail import record

SECURITIES = ("none", "starttls", "tls")


class MailNotReady(Refused):
    """The mail server is not set up, or no test mail has gone out with its present settings."""


class MailSettingsWrong(Refused):
    """A mail setting cannot be used."""


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

    Raises MailSettingsWrong, naming the setting. A kept password is sent to the server that it was told for and in no
    weaker a way: whoever may change these settings may not read it, and would by naming a server of their own.
    """
    if not host.strip() or any(c.isspace() for c in host.strip()):
        raise MailSettingsWrong("host", "enter the server's name, for example smtp.example.com")
    if not 1 <= port <= 65535:
        raise MailSettingsWrong("port", f"{port} is no port: 587 is usual with starttls, 465 with tls")
    if security not in SECURITIES:
        raise MailSettingsWrong("security", f"{security!r} is none of {', '.join(SECURITIES)}")
    check_address("sender_address", sender_address)
    if reply_to:
        check_address("reply_to", reply_to)
    before = MailServer.objects.select_for_update().filter(pk=1).first()
    if password is None and before is not None and before.password_encrypted:
        if host.strip().lower() != before.host.lower():
            raise MailSettingsWrong("password", f"was entered for {before.host}: enter the one of {host.strip()}")
        if security == "none" != before.security:
            raise MailSettingsWrong("password", "was entered for a secure connection: enter it again to send it openly")
    sealed = (
        encrypt(password) if password else (None if password == "" or before is None else before.password_encrypted)
    )
    values = {
        "host": words_given("host", host, longest=255),
        "port": port,
        "security": security,
        "username": words_given("username", username, longest=255),
        "password_encrypted": sealed,
        "sender_name": words_given("sender_name", " ".join(sender_name.split()), longest=200),
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
    check_address("to", to)
    with acting(Scope.all()):
        server, changed_at = load_server(), MailServer.objects.get(pk=1).changed_at
    header_id = _new_header_id(server.sender_address)
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


def _new_header_id(sender_address: str) -> str:
    """A Message-ID; kept with the delivery, so that a second attempt is recognisable as the same mail."""
    return f"<{uuid.uuid4().hex}@{sender_address.rpartition('@')[2]}>"


def check_address(field: str, address: str) -> None:
    """Raise MailSettingsWrong for what is no e-mail address."""
    try:
        validate_email(address.strip())
    except ValidationError:
        raise MailSettingsWrong(field, f"{address!r} is not an e-mail address") from None
