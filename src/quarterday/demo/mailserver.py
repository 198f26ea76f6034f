"""A real SMTP server on loopback that writes every message it takes as an .eml file: the demo's post office."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class MailFolder:
    """Takes every message and writes it to `folder` as 0001-recipient-subject.eml."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.count = len(list(folder.glob("*.eml")))

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        content = envelope.content
        subject = str(message_from_bytes(content, policy=policy.default)["Subject"] or "no subject")
        self.count += 1
        words = re.sub(r"[^\w@.]+", "-", f"{envelope.rcpt_tos[0]}-{subject}").strip("-")[:90]
        (self.folder / f"{self.count:04}-{words}.eml").write_bytes(content)
        return f"250 Kept as message {self.count}"


@contextmanager
def mail_server(handler: Any, *, port: int = 0) -> Iterator[int]:
    """Serve on 127.0.0.1 while the block runs; answers the port."""
    controller = Controller(handler, hostname="127.0.0.1", port=port or _free_port(), ready_timeout=15)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
