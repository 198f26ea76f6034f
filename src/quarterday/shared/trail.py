"""Write down who did what: `record(by, "modified", plan, at=now, details={...})`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Actor

__all__ = ["entry", "record", "trail_of"]


def entry(
    by: Actor,
    verb: str,
    subject: Model,
    *,
    at: datetime,
    customer_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """An unsaved audit entry, for callers that write many at once."""
    meta = subject._meta
    own = subject.pk if meta.label == "customers.Customer" else getattr(subject, "customer_id", None)
    return AuditEntry(
        at=at,
        actor_kind=by.kind,
        actor_name=by.name[:200],
        user_id=by.user_id,
        address=by.address[:100],
        request_id=by.request_id[:36],
        verb=verb,
        subject_kind=meta.label,
        subject_id=subject.pk,
        subject_name=str(subject)[:300],
        customer_id=customer_id if customer_id is not None else own,
        details=_plain(details or {}),
    )


def record(
    by: Actor,
    verb: str,
    subject: Model,
    *,
    at: datetime,
    customer_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Save one audit entry in the transaction of the change it tells of."""
    entry(by, verb, subject, at=at, customer_id=customer_id, details=details).save()


def trail_of(subject: Model, *, limit: int = 50) -> list[AuditEntry]:
    """What was done to a thing, newest first, as far as the scope may read it."""
    told = AuditEntry.objects.filter(subject_kind=subject._meta.label, subject_id=subject.pk)
    return list(told.order_by("-at", "-pk")[:limit])


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    encoder = DjangoJSONEncoder()
    return {
        key: value if isinstance(value, str | int | bool | None | list | dict) else encoder.default(value)
        for key, value in details.items()
    }
