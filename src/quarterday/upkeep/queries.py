"""What the caretaker knows: what came out of the last drill. All inside `acting(Scope.all())`."""

from __future__ import annotations

from quarterday.upkeep.models import Drill

__all__ = ["last_drill"]


def last_drill() -> Drill | None:
    """The last drill, whatever came out."""
    return Drill.objects.order_by("-drilled_at", "-pk").first()
