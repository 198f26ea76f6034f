"""A real SMTP server that answers as a test tells it to, and keeps what it took."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from quarterday.demo.mailserver import mail_server


class ScriptedPost:
    """`answers` maps an address, or "*", to the reply after DATA: "250 ...", "4xx ...", "5xx ...", "drop" or "hang"."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.taken: list[tuple[str, EmailMessage]] = []
        self.port = 0

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        address = envelope.rcpt_tos[0]
        answer = self.answers.get(address, self.answers.get("*", "250 Taken"))
        if answer == "hang":
            await asyncio.sleep(30)
        if answer == "drop":
            server.transport.abort()
            return "250 Never heard"
        if answer.startswith("250"):
            self.taken.append((address, message_from_bytes(envelope.content, policy=policy.default)))
        return answer


@contextmanager
def scripted_post() -> Iterator[ScriptedPost]:
    post = ScriptedPost()
    with mail_server(post) as port:
        post.port = port
        yield post
