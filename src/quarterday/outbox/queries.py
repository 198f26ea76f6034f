"""What waits, what went, and whether mail can go at all. All inside `acting(scope)`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from quarterday.outbox.models import Delivery, MailServer
from quarterday.shared.asking import Asking, question

__all__ = [
    "mail_is_ready",
    "mail_server",
    "next_due",
    "next_mail",
    "outbox_states",
    "recent_deliveries",
]


def mail_server() -> MailServer | None:
    """The provider's SMTP settings, if there are any. Only staff may ask."""
    return MailServer.objects.filter(pk=1).first()


@question
def mail_is_ready() -> Asking[bool]:
    """True once a test mail has been taken by the server as it is set now."""
    tested = yield MailServer.objects.filter(pk=1, tested_at__isnull=False).values_list("pk")
    return bool(tested)


def outbox_states() -> dict[str, int]:
    """How many deliveries are in each state."""
    return {row["state"]: row["n"] for row in Delivery.objects.values("state").annotate(n=Count("id")).order_by()}


def next_due(now: datetime) -> int:
    """How many deliveries could go now."""
    return Delivery.objects.filter(
        state__in=["queued", "deferred"], next_at__lte=now, message__cancelled_at=None
    ).count()


def next_mail(now: datetime) -> tuple[int, datetime | None]:
    """How many deliveries wait, and when the first one's hour comes; those that wait for a print have none yet."""
    later = Delivery.objects.filter(state__in=["waiting", "queued", "deferred"], message__cancelled_at=None)
    found = later.filter(Q(next_at__gt=now) | Q(next_at=None)).aggregate(count=Count("id"), first=Min("next_at"))
    return found["count"], found["first"]


def recent_deliveries(
    *, state: str = "", states: Collection[str] = (), start: int = 0, limit: int = 50
) -> list[dict[str, Any]]:
    """Deliveries with what they carry, newest first, from the one after `start` others; in one state, or in some."""
    rows = Delivery.objects.select_related("message", "customer").defer("message__body").order_by("-pk")
    if wanted := [*states, *([state] if state else [])]:
        rows = rows.filter(state__in=wanted)
    return [
        {
            "id": row.pk,
            "customer": row.customer.name if row.customer else "",
            "customer_id": row.customer_id,
            "kind": row.message.kind,
            "address": row.address,
            "subject": row.message.subject,
            "state": row.state,
            "attempts": row.attempts,
            "next_at": row.next_at,
            "sent_at": row.sent_at,
            "response": row.response,
        }
        for row in rows[start : start + limit]
    ]
