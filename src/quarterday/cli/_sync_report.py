"""How the command line tells what a sync did, and what is wrong with a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import typer

from quarterday.cli._shared import cell, print_json, show

if TYPE_CHECKING:
    from quarterday.connectors.shape import SourceRefused
    from quarterday.inventory.actions import SyncResult

NEEDS_A_PERSON = 1
WRONG_FILE = 2

LISTED = 40
"""So many changes are listed for people; JSON has more, and the counts are of all."""

KINDS = {
    "new": "new",
    "back": "back again",
    "moved": "moved",
    "reclassified": "of another class",
    "renamed": "renamed",
    "serial": "with another serial number",
    "gone": "gone",
    "retired": "retired, but still reported",
}
"""The kinds of change in words."""

_BECAUSE = {"serial": "serial number", "name": "name", "person": "place"}


def refuse_file(refused: SourceRefused, *, as_json: bool) -> NoReturn:
    """Say all that is wrong with a file, and end with exit code 2."""
    if as_json:
        faults = [{"line": fault.line, "column": fault.column, "reason": fault.reason} for fault in refused.faults]
        print_json({"state": "wrong file", "faults": faults, "more_faults": refused.unnamed_count})
    else:
        typer.echo("Nothing was imported, because the file is wrong:", err=True)
        for problem in refused.problems:
            typer.echo(f"  {problem}", err=True)
    raise typer.Exit(WRONG_FILE)


def report(result: SyncResult, *, as_json: bool) -> None:
    """Say what a sync changed; end with exit code 1 when it waits for a person."""
    if as_json:
        print_json(_as_json(result))
    else:
        _print(result)
    if result.state in ("held", "superseded"):
        raise typer.Exit(NEEDS_A_PERSON)


def _as_json(result: SyncResult) -> dict[str, Any]:
    return {
        "state": result.state,
        "sync": result.run_id,
        "source": result.source,
        "devices": result.device_count,
        "counts": dict(result.counts),
        "changes": [change._asdict() for change in result.changes],
        "replacements": [pair._asdict() for pair in result.replacements],
        "unknown_customers": [{"name": unknown.name, "devices": unknown.device_count} for unknown in result.unknown],
        "recognised_customers": dict(result.matched),
        "drops": [drop._asdict() for drop in result.drops],
        "newer_known": list(result.newer_known),
    }


def _print(result: SyncResult) -> None:
    changes = [
        {
            "kind": KINDS[change.kind],
            "name": change.name
            if change.name == (change.old_name or change.name)
            else f"{change.old_name} → {change.name}",
            "device_ref": change.device_ref,
            "customer": _arrow(change.from_customer, change.to_customer),
            "device_class": _arrow(change.from_class, change.to_class),
            "on": change.on,
        }
        for change in result.changes[:LISTED]
    ]
    if changes:
        columns = {
            "kind": "Is",
            "name": "Device",
            "device_ref": "Id",
            "customer": "Customer",
            "device_class": "Class",
            "on": "From",
        }
        show(changes, columns)
    total = sum(result.counts.values())
    if total > len(changes):
        typer.echo(f"and {total - len(changes)} more.\n")
    for pair in result.replacements[:LISTED]:
        how = "replaces" if pair.state == "confirmed" else "may replace"
        typer.echo(
            f"{cell(pair.new_name)} {how} {cell(pair.old_name)} at {pair.customer} (same {_BECAUSE[pair.because]})."
        )
    for ref, name in result.matched.items():
        typer.echo(f"“{cell(ref)}” was recognised as our customer {name}.")
    for unknown in result.unknown:
        typer.echo(
            f"Unknown customer “{cell(unknown.name)}” with {unknown.device_count} devices: map it with"
            f' quarterday inventory map "{cell(unknown.name)}" NUMBER'
        )
    for drop in result.drops:
        typer.echo(f"{drop.customer} loses {drop.leaving} of {drop.before} devices.")
    typer.echo(_summary(result))


def _summary(result: SyncResult) -> str:
    counted = ", ".join(f"{count} {KINDS[kind]}" for kind, count in result.counts.items()) or "no changes"
    if result.state == "preview":
        held = " It would be held because of the large drop." if result.drops else ""
        return f"{result.device_count} devices: {counted}. Nothing was changed, this was a dry run.{held}"
    if result.state == "held":
        return (
            f"Held as sync {result.run_id}, nothing was changed. If this is right:"
            f" quarterday inventory confirm {result.run_id}; if not: quarterday inventory reject {result.run_id}."
        )
    if result.state == "superseded":
        names = ", ".join(result.newer_known)
        return (
            f"Nothing was changed: something newer is known already of {names}. What was different on an earlier day"
            " is corrected device by device with quarterday devices correct."
        )
    return f"Sync {result.run_id}: {result.device_count} devices, {counted}."


def _arrow(before: str | None, after: str | None) -> str:
    if before and after and before != after:
        return f"{before} → {after}"
    return after or before or ""
