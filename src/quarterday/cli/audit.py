"""`quarterday audit`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from quarterday.cli._errors import NEEDS_A_PERSON
from quarterday.cli._progress import drawn
from quarterday.cli._shared import Json, alone, cell, clock, instant, print_json, set_up

if TYPE_CHECKING:
    from quarterday.audit.queries import Kept, Progress

app = alone()

SHOWN = 20
"""Rows that are printed for each broken promise; --json prints up to a thousand."""


@app.command()
def audit(
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at", parser=instant, metavar="INSTANT", help="What is due is asked at this moment; now if left out."
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="PROMISE", help="Ask this promise only; may be said many times."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that every promise of the books holds, row by row, and name each row that breaks one. Changes nothing.

    Exit code 1 when something is found.

    \b
    quarterday audit
    quarterday audit --only chain --only contents --json
    """
    set_up()
    from quarterday.audit.queries import PROMISES
    from quarterday.audit.queries import audit as ask

    names = [promise.name for promise in PROMISES]
    if unknown := [name for name in only or () if name not in names]:
        raise typer.BadParameter(f"{unknown[0]!r} is no promise: choose from {', '.join(names)}.")
    with _progress(hidden=as_json) as progress:
        kept = ask(now=at or clock(), only=only or (), progress=progress)
    if as_json:
        print_json([{**asdict(each), "holds": each.holds} for each in kept])
    else:
        _tell(kept)
    if not all(each.holds for each in kept):
        raise typer.Exit(NEEDS_A_PERSON)


def _tell(kept: Sequence[Kept]) -> None:
    for each in kept:
        typer.echo(f"{'holds ' if each.holds else 'BROKEN'}  {each.promise:<12}  {each.sentence}")
        for breach in each.breaches[:SHOWN]:
            whose = f" ({cell(breach.customer, longest=60)})" if breach.customer else ""
            typer.echo(f"        {cell(breach.row)}{whose}: {cell(breach.words, longest=300)}")
        if len(each.breaches) > SHOWN:
            typer.echo(f"        and {len(each.breaches) - SHOWN} more: see quarterday audit --json")


@contextmanager
def _progress(*, hidden: bool) -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn

    with drawn(BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), hidden=hidden) as update:
        yield lambda sentence, done, of: update(description=sentence, completed=done, total=of)
