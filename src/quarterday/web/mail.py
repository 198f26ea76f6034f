"""Mail that the framework writes (a forgotten password) goes out over the provider's server, through the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from quarterday.outbox.actions import NewMessage, Ready, make_ready, post_messages
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope


class OutboxBackend(BaseEmailBackend):
    """Django's mail backend that posts into the outbox; the worker sends."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        now = datetime.now(UTC)
        with acting(Scope.all()):
            for mail in email_messages:
                key = f"notice/{uuid.uuid4().hex}"
                message = NewMessage(key, "notice", None, mail.recipients(), not_before=now)
                number = post_messages([message], now=now)[key]
                make_ready([Ready(number, str(mail.subject), str(mail.body), is_secret=True)], now=now)
        return len(email_messages)
