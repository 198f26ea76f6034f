"""Acts that cost money: their consequence is shown first, and only what was shown can be done.

    form = VersionForm(request.POST or None, ...)
    if request.method == "POST" and form.is_valid():
        if form.is_agreed:
            if form.attempt(lambda: modify_plan(...)):
                return redirect(...)
        else:
            effect = form.look(lambda: effect_of(...))

The consequence carries the form's fingerprint (parts/agree.html), so that a field that was changed after looking is
looked at again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from quarterday.web.forms import Form

T = TypeVar("T")


class Considered(Form):
    """A form that is agreed to after its consequence was shown."""

    # Fields that the consequence does not depend on.
    without_consequence: frozenset[str] = frozenset()

    @property
    def is_agreed(self) -> bool:
        """Whether the person pressed the button below the consequence of just these fields."""
        return "agree" in self.data and self.data.get("shown") == self.fingerprint

    @property
    def has_changed_since_shown(self) -> bool:
        """Whether the button was pressed below the consequence of other fields."""
        return "agree" in self.data and self.data.get("shown") != self.fingerprint

    @property
    def fingerprint(self) -> str:
        """A digest of what the form says."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in self.without_consequence}
        return hashlib.sha256(json.dumps([said, *self.also_said()], sort_keys=True, default=str).encode()).hexdigest()

    def also_said(self) -> list[Any]:
        """What belongs to the act and stands in no field."""
        return []

    def look(self, consequence: Callable[[], T]) -> T | None:
        """What the act would do; None when a room refuses it, with the problems shown in the form."""
        found: list[T] = []
        return found[0] if self.try_out(lambda: found.append(consequence())) else None
