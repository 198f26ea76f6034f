"""The one shape of every source: it yields a `Snapshot`, or says in words what is wrong with what it was given.

The values themselves live with the ledger that reads them (`inventory.snapshot`); a connector's folder knows one
vendor's spelling and nothing of the other connectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from quarterday.inventory.snapshot import (
    SeenCustomer,
    SeenDevice,
    Snapshot,
    clean_name,
    clean_serial,
    has_control_characters,
)
from quarterday.shared.refusal import Problem, Refused

__all__ = [
    "Fault",
    "SeenCustomer",
    "SeenDevice",
    "Snapshot",
    "SourceRefused",
    "clean_name",
    "clean_serial",
    "has_control_characters",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where: `line` counts the file's lines from 1 and is 0 for the whole file."""

    line: int
    column: str
    reason: str

    @property
    def where(self) -> str:
        """The place in words: "line 4, Class"."""
        return ", ".join(filter(None, [f"line {self.line}" if self.line else "", self.column]))

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}" if self.where else self.reason


class SourceRefused(Refused):
    """Nothing of this source's answer is taken over, because parts of it are wrong. Each part is named.

    `unnamed_count` says how many more faults there are than `faults` names, for the file in which every one of a
    million lines is wrong.
    """

    def __init__(self, faults: Sequence[Fault], *, unnamed_count: int = 0) -> None:
        self.faults = tuple(faults)
        self.unnamed_count = unnamed_count
        problems = [Problem(fault.where, fault.reason) for fault in faults]
        if unnamed_count:
            problems.append(Problem("", f"and {unnamed_count} more of this kind"))
        super().__init__(problems=problems)
