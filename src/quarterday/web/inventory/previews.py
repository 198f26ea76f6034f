"""What an upload would change, kept beside the file: shown again at once, compared with when it is applied.

A preview costs the database a comparison of the whole file. It is made when somebody asks for it, never by a reload.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from quarterday.connectors.shape import SourceRefused
from quarterday.inventory.actions import SyncResult
from quarterday.web.inventory.words import KINDS

FAULTS_SHOWN = 200
CHANGES_SHOWN = 200
"""Of each kind."""


def faults_as_kept(refused: SourceRefused) -> dict[str, Any]:
    """What is wrong with a file."""
    return {
        "faults": [
            {"line": fault.line, "column": fault.column, "reason": fault.reason}
            for fault in refused.faults[:FAULTS_SHOWN]
        ],
        "unshown_count": max(len(refused.faults) - FAULTS_SHOWN, 0) + refused.unnamed_count,
    }


def result_as_kept(result: SyncResult) -> dict[str, Any]:
    """What a snapshot would change; of each kind of change only those that are shown."""
    return {
        "result": {
            "state": result.state,
            "device_count": result.device_count,
            "digest": result.digest,
            "kinds": [
                {"kind": kind, "count": result.counts[kind], "changes": _rows(result.changes, kind)}
                for kind in KINDS
                if result.counts.get(kind)
            ],
            "replaced_count": len(result.replacements),
            "replacements": [_row(pair) for pair in result.replacements[:CHANGES_SHOWN]],
            "unknown_count": len(result.unknown),
            "unknown": [
                {"name": unknown.name, "device_count": unknown.device_count}
                for unknown in result.unknown[:CHANGES_SHOWN]
            ],
            "matched": dict(result.matched),
            "drops": [drop._asdict() for drop in result.drops],
            "newer_known": list(result.newer_known),
        }
    }


def as_shown(kept: dict[str, Any]) -> dict[str, Any]:
    """What was kept, with days as days and kinds in words."""
    result = kept.get("result")
    if result is None:
        return kept
    kinds = [
        {**each, "word": KINDS[each["kind"]], "changes": [_with_day(change) for change in each["changes"]]}
        for each in result["kinds"]
    ]
    return {"result": {**result, "kinds": kinds}}


def _rows(changes: Iterable[Any], kind: str) -> list[dict[str, Any]]:
    return [_row(change) for change in [each for each in changes if each.kind == kind][:CHANGES_SHOWN]]


def _row(row: Any) -> dict[str, Any]:
    told = row._asdict()
    return {**told, "on": told["on"].isoformat() if told["on"] else None}


def _with_day(change: dict[str, Any]) -> dict[str, Any]:
    return {**change, "on": date.fromisoformat(change["on"]) if change["on"] else None}
