"""Saving an edit so that two people who edit the same thing do not undo each other's work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model

from quarterday.shared.refusal import Refused


class ChangedMeanwhile(Refused):
    """Somebody else changed the row after it was read; nothing was saved."""

    def __init__(self, row: Model) -> None:
        super().__init__(
            "", f"{row} was changed by somebody else in the meantime: look at it again, then make your change."
        )


def save_changes(row: Any, changes: Mapping[str, Any], *, seen: int | None = None) -> dict[str, Any]:
    """Save checked changes to a row that has a `revision`; the answer is field -> [before, after], for the trail.

    `seen` is the revision that the person looked at (a form carries it); without it, that of `row` as it was read.
    ChangedMeanwhile if the table has another one by now. A change to what already is changes nothing.
    """
    current: Any = type(row)._default_manager.select_for_update().get(pk=row.pk)
    if current.revision != (row.revision if seen is None else seen):
        raise ChangedMeanwhile(row)
    changed = {field: value for field, value in changes.items() if _value(current, field) != value}
    told = {field: [_told(_value(current, field)), _told(value)] for field, value in changed.items()}
    if changed:
        for field, value in changed.items():
            setattr(row, field, value)
        row.revision = current.revision + 1
        row.save(update_fields=[*changed, "revision"])
    return told


def _value(row: Any, field: str) -> Any:
    value = getattr(row, field)
    return bytes(value) if isinstance(value, memoryview) else value


def _told(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return str(value) if isinstance(value, date | Decimal) else value
