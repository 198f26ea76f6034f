"""Other billing systems' figures, as facts in files, and the table of which of them we hold ourselves to.

README.md has the table; a case that it excludes does not run, every other one must.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One case of another system: what goes in, and what comes out there."""

    family: str
    id: str
    inputs: dict[str, Any]
    expected: dict[str, Any]


@dataclass(frozen=True)
class Exclusion:
    """Cases of a family that a rule of ours decides otherwise."""

    family: str
    pattern: str
    count: int
    rule: int
    words: str

    def covers(self, case: Case) -> bool:
        return case.family == self.family and fnmatchcase(case.id, self.pattern)


TAKEN: dict[str, set[str]] = {}
"""The ids of the cases that tests have taken, by family; filled while the test modules are imported."""


def holds(family: str, *patterns: str) -> pytest.MarkDecorator:
    """Run a test once for each case of the family that a pattern names and the table does not exclude."""
    chosen = [
        case
        for case in cases_of(family)
        if any(fnmatchcase(case.id, pattern) for pattern in patterns or ("*",)) and not is_excluded(case)
    ]
    assert chosen, f"no case of {family} is called {patterns}"
    TAKEN.setdefault(family, set()).update(case.id for case in chosen)
    return pytest.mark.parametrize("case", chosen, ids=[case.id for case in chosen])


def is_excluded(case: Case) -> bool:
    return any(exclusion.covers(case) for exclusion in exclusions())


def families() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.jsonl"))


@cache
def cases_of(family: str) -> tuple[Case, ...]:
    rows = map(json.loads, (HERE / f"{family}.jsonl").read_text().splitlines())
    return tuple(Case(family, row["id"], row["inputs"], row.get("expected", {})) for row in rows)


@cache
def exclusions() -> tuple[Exclusion, ...]:
    return tuple(
        Exclusion(family, pattern, int(count), int(rule), words)
        for family, pattern, count, _, rule, words in table_rows("Cases that do not run")
    )


def table_rows(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of README.md, without its head, each cell without its backticks."""
    section = (HERE / "README.md").read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]
