"""How a room says no: `Refused`, in words that name the field and the cure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong: the field it is about ("" when it is about none) and what to do, as a sentence."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class Refused(Exception):
    """An act that a room will not do, with everything that is wrong at once; nothing was changed.

    Doors show the problems beside their fields. `Refused("emails", "...")` is the short form for one problem.
    """

    def __init__(self, field: str = "", message: str = "", *, problems: Iterable[Problem] = ()) -> None:
        self.problems = [Problem(field, message)] if message else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NotFound(Refused):
    """What was asked for is not in the scope; it makes no difference whether it exists elsewhere."""


def refuse_if(problems: Iterable[Problem]) -> None:
    """Raise Refused with all the problems; do nothing when there are none."""
    found = list(problems)
    if found:
        raise Refused(problems=found)
