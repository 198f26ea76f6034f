"""A database that was filled from a backup is a copy, until a person says that it is the real one now."""

from __future__ import annotations

from datetime import datetime

from quarterday.provider.models import Restoration
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record


def resume_work(*, by: Actor, now: datetime) -> Restoration:
    """Let the worker bill, mail and remind here again. Refused when nothing was stopped."""
    copy = Restoration.objects.select_for_update().filter(resumed_at=None).order_by("-pk").first()
    if copy is None:
        raise Refused("", "Nothing is stopped: this is no restored copy, and the worker bills and mails here.")
    Restoration.objects.filter(resumed_at=None).update(resumed_at=now, resumed_by=by.name)
    record(by, "resumed work after", copy, at=now)
    return copy
