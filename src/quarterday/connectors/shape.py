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

__all__ = [
    "Problem",
    "SeenCustomer",
    "SeenDevice",
    "Snapshot",
    "SourceRefused",
    "clean_name",
    "clean_serial",
    "has_control_characters",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: `line` counts the file's lines from 1 and is 0 for the whole file."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = ", ".join(filter(None, [f"line {self.line}" if self.line else "", self.column]))
        return f"{where}: {self.reason}" if where else self.reason


class SourceRefused(Exception):
    """Nothing of this source's answer is taken over, because parts of it are wrong. Each part is named.

    `unnamed_count` says how many more problems there are than `problems` names, for the file in which every
    one of a million lines is wrong.
    """

    def __init__(self, problems: Sequence[Problem], *, unnamed_count: int = 0) -> None:
        self.problems = tuple(problems)
        self.unnamed_count = unnamed_count
        super().__init__(self.text())

    def text(self) -> str:
        """All problems, a line each, in the order of the file."""
        lines = [str(problem) for problem in self.problems]
        if self.unnamed_count:
            lines.append(f"and {self.unnamed_count} more of this kind")
        return "\n".join(lines)
