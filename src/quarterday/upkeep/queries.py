"""What the caretaker knows: the last proven restore. All inside `acting(Scope.all())`."""

from __future__ import annotations

from quarterday.upkeep.models import Drill

__all__ = ["last_drill", "last_proven_restore"]


def last_drill() -> Drill | None:
    """The last drill, whatever came out."""
    return Drill.objects.order_by("-drilled_at", "-pk").first()


def last_proven_restore() -> Drill | None:
    """The last drill in which a backup came back whole."""
    return Drill.objects.filter(problems=[]).order_by("-drilled_at", "-pk").first()
