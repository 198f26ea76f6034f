"""The layer list of pyproject.toml, for the rules that imports cannot show."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "quarterday"

ROOMS = (
    "provider",
    "customers",
    "outbox",
    "plans",
    "inventory",
    "subscriptions",
    "bills",
    "payments",
    "accounts",
    "upkeep",
)
"""The rooms that have tables of their own."""

# Django's own tables and procrastinate's lie below every room; users are django.contrib.auth's idea.
BELOW_EVERYTHING = frozenset({"auth", "contenttypes", "sessions", "procrastinate"})


@cache
def layers() -> tuple[frozenset[str], ...]:
    """The layers from top to bottom, each the set of its rooms; `config.start` counts as `config`."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (flow,) = [contract for contract in contracts if contract.get("containers") == ["quarterday"]]
    lines = [line.replace("|", " ").replace(":", " ").split() for line in flow["layers"]]
    return tuple(frozenset(name.split(".")[0] for name in line) for line in lines)


def may_look_at(room: str, other: str) -> bool:
    """Whether `room` may know of `other`: itself, a room below it, or what lies below every room."""
    if other == room or other in BELOW_EVERYTHING:
        return True
    return _height(other) < _height(room)


def _height(room: str) -> int:
    for number, names in enumerate(reversed(layers())):
        if room in names:
            return number
    raise LookupError(f"{room} is in no layer of pyproject.toml: add it where it belongs.")


def python_files(*folders: str) -> list[Path]:
    """Our own modules below these rooms (all of them when none is named), without migrations."""
    roots = [SOURCE / folder for folder in folders] or [SOURCE]
    return sorted(path for root in roots for path in root.rglob("*.py") if "migrations" not in path.parts)
