"""The table behind the rules leads to code and to tests that are there: a rule that moved takes its row along."""

from __future__ import annotations

import re
from pathlib import Path

from tests.structure.house import ROOT

RULES = ROOT / "docs/rules.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| \[([^\]]+)\]\(\.\./(tests/[^)]+)\) \|$", re.MULTILINE)
RULE = re.compile(r"^(\d+)\. ", re.MULTILINE)


def dead_ends(text: str) -> list[str]:
    """What a text's table of rules names and nobody would find: rules, files, names in them, tests."""
    rows = {int(number): row for number, *row in ROW.findall(text)}
    found = [f"rule {number}" for number in map(int, RULE.findall(text)) if number not in rows]
    for number, (code, told, test) in rows.items():
        file = ""
        for name in re.findall(r"`([^`]+)`", code):
            if name.endswith(".py"):
                file = _read(ROOT / "src/quarterday" / name)
                found += [] if file else [f"{number}: {name}"]
            elif not re.search(rf"^(?:def|class) {name}\b|^{name}\b.* = ", file, re.MULTILINE):
                found.append(f"{number}: {name}")
        if f"def test_{told.replace(' ', '_')}(" not in _read(ROOT / test):
            found.append(f"{number}: {told}")
    return found


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_every_rule_is_where_the_table_says_and_has_the_test_that_it_names() -> None:
    assert dead_ends(RULES.read_text(encoding="utf-8")) == []


def test_planted_dead_ends_are_found() -> None:
    text = (
        "1. A period.\n2. A boundary.\n3. A stub.\n\n"
        "| 1 | `engine/periods.py` `Period`, `nobody` | [periods partition time](../tests/engine/test_periods.py) |\n"
        "| 2 | `engine/gone.py` `boundary` | [nothing drifts](../tests/engine/test_periods.py) |\n"
    )

    assert dead_ends(text) == ["rule 3", "1: nobody", "2: engine/gone.py", "2: boundary", "2: nothing drifts"]
