"""Read the audit trail: who did what, from where, and what was before and after; by filters, and as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from io import StringIO
from typing import Any

from django.db.models import Q, QuerySet

from quarterday.bills.export import defused
from quarterday.customers.queries import customers_by_id
from quarterday.shared.models import AuditEntry

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: each field that is given leaves others out. `since` and `until` are instants, the end excluded.

    `who` is part of a name or of the place that an act came from; `what` part of the act, or of the thing's kind or
    name, or a request's whole id.
    """

    who: str = ""
    what: str = ""
    customer_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One detail of an act: what it was before (None where the act tells no before) and after."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Act:
    """An entry as people read it. `kind` is the door: person, command or system; names change, a `user_id` does not."""

    id: int
    at: datetime
    kind: str
    who: str
    user_id: int | None
    address: str
    request_id: str
    act: str
    subject_kind: str
    subject_id: int | None
    subject: str
    customer_id: int | None
    customer: str
    details: dict[str, Any]

    @property
    def changes(self) -> list[Change]:
        """The details one by one; a pair is a before and an after."""
        return [
            Change(field, *value) if isinstance(value, list) and len(value) == 2 else Change(field, None, value)
            for field, value in self.details.items()
        ]


COLUMNS = tuple(field.name for field in fields(Act))


def trail_acts(wanted: Wanted, *, start: int = 0, limit: int = 50) -> list[Act]:
    """Some entries, newest first, as far as the scope may read them; two queries."""
    return _with_customers(list(_entries(wanted)[start : start + limit]))


def csv_of_trail(wanted: Wanted) -> Iterator[str]:
    """The entries as a file in pieces, oldest first: the names of the columns, then a row an entry."""
    yield _as_text([COLUMNS])
    after = 0
    while some := list(_entries(wanted).filter(pk__gt=after).order_by("pk")[:CHUNK]):
        after = some[-1].pk
        yield _as_text(_row(act) for act in _with_customers(some))


def _entries(wanted: Wanted) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.order_by("-pk")
    for word in _words(wanted.who):
        entries = entries.filter(Q(actor_name__icontains=word) | Q(address__icontains=word))
    for word in _words(wanted.what):
        entries = entries.filter(
            Q(verb__icontains=word)
            | Q(subject_kind__icontains=word)
            | Q(subject_name__icontains=word)
            | Q(request_id=word)
        )
    if wanted.customer_id is not None:
        entries = entries.filter(customer_id=wanted.customer_id)
    if wanted.since is not None:
        entries = entries.filter(at__gte=wanted.since)
    if wanted.until is not None:
        entries = entries.filter(at__lt=wanted.until)
    return entries


def _words(text: str) -> list[str]:
    return text.replace("\0", "").split()


def _with_customers(entries: Sequence[AuditEntry]) -> list[Act]:
    names = customers_by_id({entry.customer_id for entry in entries if entry.customer_id is not None})
    return [
        Act(
            id=entry.pk,
            at=entry.at,
            kind=entry.actor_kind,
            who=entry.actor_name,
            user_id=entry.user_id,
            address=entry.address,
            request_id=entry.request_id,
            act=entry.verb,
            subject_kind=entry.subject_kind.rpartition(".")[2],
            subject_id=entry.subject_id,
            subject=entry.subject_name,
            customer_id=entry.customer_id,
            customer=names[entry.customer_id].name if entry.customer_id in names else "",
            details=entry.details,
        )
        for entry in entries
    ]


def _row(act: Act) -> list[str]:
    values = [getattr(act, column) for column in COLUMNS]
    return [_cell(value) for value in values]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value) if isinstance(value, int) else defused(str(value))


def _as_text(rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
