"""`docs/mutants.md`: what a full run found, room by room, and why each surviving mistake may survive.

A run writes the page and keeps the reasons, which people write below each survivor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"
PROMISED = 95
"""Of a hundred mistakes that the type checker lets pass, the tests must notice so many, in each room."""

ROOMS = {
    "engine": ("engine/",),
    "numbering": ("bills/numbering.py", "provider/actions/numbering.py"),
    "scoping": ("shared/", "accounts/"),
}

_FILE = re.compile(r"^### \[.*\]\(\.\./src/quarterday/(?P<file>.+)\)$")
_ROW = re.compile(r"^\| `?(?P<file>[\w/.]+)`? \| (?P<refused>\d+) \| (?P<killed>\d+) \| (?P<survived>\d+) \|")
_SURVIVOR = re.compile(r"^- `(?P<function>[^`]+)`: ``(?P<before>.*)`` became ``(?P<after>.*)``$")


class Survivor(NamedTuple):
    """A mistake that no test notices: the lines of a function before and after it."""

    file: str
    function: str
    before: str
    after: str


@dataclass(slots=True)
class Found:
    """What became of the mistakes made in one file."""

    refused: int = 0
    killed: int = 0
    survived: int = 0

    @property
    def percent(self) -> float:
        """Of the mistakes that the type checker let pass, those that the tests noticed."""
        tried = self.killed + self.survived
        return 100 * self.killed / tried if tried else 100.0

    def __add__(self, other: Found) -> Found:
        return Found(self.refused + other.refused, self.killed + other.killed, self.survived + other.survived)


@dataclass(slots=True)
class Page:
    """What the page says: numbers by file, and survivors with the reason that somebody gave, or ""."""

    found: dict[str, Found]
    reasons: dict[Survivor, str]

    def with_files_of(self, newer: Page) -> Page:
        """This page, but what the newer one says of its files."""
        older = {one: reason for one, reason in self.reasons.items() if one.file not in newer.found}
        return Page(dict(sorted({**self.found, **newer.found}.items())), {**older, **newer.reasons})

    def complaints(self) -> list[str]:
        """Why the promise is not kept, in words; nothing when it is."""
        said = [
            f"{room}: {whole.percent:.1f} % were noticed, {PROMISED} % are promised"
            for room, whole in by_room(self.found).items()
            if whole.percent < PROMISED
        ]
        said += [
            f"{one.file}, {one.function}: {one.before} became {one.after}, which no test notices and no reason excuses"
            for one, reason in self.reasons.items()
            if not reason
        ]
        return said


def by_room(found: Mapping[str, Found]) -> dict[str, Found]:
    """The sums of the rooms that were looked at."""
    rooms: dict[str, Found] = {}
    for file, figures in found.items():
        room = next(name for name, starts in ROOMS.items() if file.startswith(starts))
        rooms[room] = rooms.get(room, Found()) + figures
    return rooms


def read(text: str) -> Page:
    """The page as it was written."""
    found: dict[str, Found] = {}
    reasons: dict[Survivor, str] = {}
    file, last = "", None
    for line in text.splitlines():
        if row := _ROW.match(line):
            if "/" in row["file"]:
                found[row["file"]] = Found(int(row["refused"]), int(row["killed"]), int(row["survived"]))
        elif heading := _FILE.match(line):
            file, last = heading["file"], None
        elif survivor := _SURVIVOR.match(line):
            last = Survivor(file, survivor["function"], survivor["before"], survivor["after"])
            reasons[last] = ""
        elif last and line.startswith("  "):
            reasons[last] = f"{reasons[last]} {line.strip()}".strip()
    return Page(found, reasons)


def write(page: Page, *, introduction: str) -> str:
    """The page's text: the table, then each file's survivors with their reasons."""
    lines = [
        introduction.rstrip(),
        "",
        "| file | refused by the type checker | noticed by the tests | survived | noticed of those let pass |",
        "|---|---|---|---|---|",
    ]
    for room, whole in by_room(page.found).items():
        lines += [_row(f"`{file}`", figures) for file, figures in page.found.items() if file.startswith(ROOMS[room])]
        lines.append(_row(f"**{room}**", whole))
    lines += ["", "## What survived"]
    for file in page.found:
        of_file = {one: reason for one, reason in page.reasons.items() if one.file == file}
        if of_file:
            lines += ["", f"### [{file}](../src/quarterday/{file})", ""]
        for one, reason in of_file.items():
            lines += [f"- `{one.function}`: ``{one.before}`` became ``{one.after}``", *_folded(reason)]
    return "\n".join(lines) + "\n"


def _row(name: str, figures: Found) -> str:
    return f"| {name} | {figures.refused} | {figures.killed} | {figures.survived} | {figures.percent:.1f} % |"


def _folded(reason: str, width: int = 116) -> Sequence[str]:
    lines: list[str] = []
    for word in reason.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}")
    return lines
