"""One message to one address over the provider's server, and what the server answered.

Django's SMTP backend does the talking; this file only keeps the server's words and knows how far the talk had come,
since a connection that breaks after DATA leaves in doubt whether the message was taken.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass
from email.utils import format_datetime, formataddr
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Server:
    """Where to send, and as whom. `security` is none, starttls or tls."""

    host: str
    port: int
    security: str
    username: str
    password: str
    sender_name: str
    sender_address: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How it ended: `sent` (the server said 250), `deferred`, `failed` for good, or `unclear`."""

    state: str
    text: str


class Post:
    """A connection to the server, used for several messages and opened again when it broke."""

    def __init__(self, server: Server, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self.server = server
        self._backend = _Backend(
            host=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            use_tls=server.security == "starttls",
            use_ssl=server.security == "tls",
            timeout=timeout,
            fail_silently=False,
        )

    def __enter__(self) -> Post:
        return self

    def __exit__(self, *_: object) -> None:
        self._backend.close()

    def send(self, message: EmailMessage) -> Answer:
        """Send to the message's one recipient; never raises for what a server or a network can do."""
        talk = self._backend.talk = _Talk()
        try:
            self._backend.open()
            self._backend.send_messages([message])
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self._backend.drop()
            return _explain(error, talk)
        return Answer("sent", talk.answer or "250")

    def obstacle(self) -> str:
        """What keeps the server from taking mail now, in words; empty when it answers and lets us in. Sends nothing."""
        try:
            self._backend.open()
        except (OSError, smtplib.SMTPException) as error:
            self._backend.drop()
            return _explain(error, _Talk()).text
        return ""

    def compose(
        self, *, to: str, subject: str, body: str, header_id: str, at: Any, attachments: list[tuple[str, bytes, str]]
    ) -> EmailMessage:
        """The mail as it goes out; `header_id` is its Message-ID, the same at every attempt."""
        server = self.server
        message = EmailMessage(
            subject=" ".join(subject.split()),
            body=body,
            from_email=formataddr((server.sender_name, server.sender_address)),
            to=[to],
            reply_to=[server.reply_to] if server.reply_to else None,
            headers={"Message-ID": header_id, "Date": format_datetime(at), "Auto-Submitted": "auto-generated"},
        )
        for filename, content, content_type in attachments:
            message.attach(filename, content, content_type)
        return message


@dataclass(slots=True)
class _Talk:
    data_begun: bool = False
    answer: str = ""


class _Backend(EmailBackend):
    """Django's backend with a connection that tells how far it came."""

    talk = _Talk()

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        backend = self

        class Recording(smtplib.SMTP_SSL if self.use_ssl else smtplib.SMTP):  # type: ignore[misc]  # chosen at run time
            def data(self, msg: Any) -> tuple[int, bytes]:
                backend.talk.data_begun = True
                code, text = super().data(msg)
                backend.talk.answer = _words(code, text)
                return code, text

        return Recording

    def drop(self) -> None:
        """Forget a connection that broke, so that the next message opens a new one."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


def _explain(error: Exception, talk: _Talk) -> Answer:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return Answer(_by_code(code), _words(code, text))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # Wrong credentials are the provider's to mend; the message itself is fine and waits.
        return Answer("deferred", f"The server refused the user name or password: {_reply(error)}")
    if isinstance(error, smtplib.SMTPResponseException):
        return Answer(_by_code(error.smtp_code), _reply(error))
    if talk.data_begun and not talk.answer:
        return Answer("unclear", f"The connection broke after the message was handed over ({_name(error)}).")
    if isinstance(error, ssl.SSLError):
        return Answer("deferred", f"The secure connection failed: {error}. Check the security setting and the port.")
    if isinstance(error, ValueError):
        return Answer("failed", f"The address or a header cannot be sent: {error}")
    if isinstance(error, socket.gaierror):
        return Answer("deferred", f"No server has this name: check how it is written ({_name(error)}).")
    if isinstance(error, ConnectionRefusedError):
        return Answer("deferred", f"Nothing answers at this port of the server: check both ({_name(error)}).")
    return Answer("deferred", f"The server could not be reached: {_name(error)}")


def _by_code(code: int) -> str:
    return "failed" if 500 <= code < 600 else "deferred"


def _reply(error: smtplib.SMTPResponseException) -> str:
    return _words(error.smtp_code, error.smtp_error)


def _words(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"[:500]


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
