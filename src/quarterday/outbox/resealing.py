"""After a new encryption key was put first: seal anew what the outbox keeps sealed, so that the old key can go."""

from __future__ import annotations

from datetime import datetime

from quarterday.outbox.models import Delivery, MailServer, Message
from quarterday.outbox.secrets import sealed_anew
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record


def reseal_password(*, now: datetime, by: Actor) -> int:
    """Seal the mail server's password with the newest key; how many secrets that were."""
    server = MailServer.objects.select_for_update().filter(pk=1).exclude(password_encrypted=None).first()
    if server is None or server.password_encrypted is None:
        return 0
    server.password_encrypted = sealed_anew(bytes(server.password_encrypted))
    server.save(update_fields=["password_encrypted"])
    record(by, "sealed anew the password of", server, at=now)
    return 1


def reseal_mail(*, now: datetime, by: Actor) -> int:
    """Seal the mails that may still leave, and let their reader in, with the newest key; how many that were."""
    open_states = ("waiting", "queued", "sending", "deferred", "failed", "unclear")
    rows = Message.objects.select_for_update(of=("self",)).filter(is_sealed=True)
    rows = rows.filter(pk__in=Delivery.objects.filter(state__in=open_states).values("message"))
    for message in rows:
        message.body = sealed_anew(message.body.encode()).decode()
        message.save(update_fields=["body"])
        record(by, "sealed anew", message, at=now)
    return len(rows)
