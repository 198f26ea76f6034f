"""`quarterday scenario`: the engine alone, no Django and no database."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from quarterday.cli._shared import alone

WRONG_SCENARIO = 2

app = alone()


@app.command()
def scenario(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE|-]...", help="Scenarios, one a line; - reads standard input.")
    ] = None,
) -> None:
    """Calculate the bills that scenarios lead to: a JSON object a line in, a JSON object a line out.

    Exit code 2 when a scenario was wrong; the others are answered all the same.

    \b
    quarterday scenario shop.jsonl
    echo '{"id": "try", ...}' | quarterday scenario -
    """
    from quarterday.engine.scenario import run_lines

    failed = False
    for file in files or [Path("-")]:
        with ExitStack() as opened:
            lines = sys.stdin if str(file) == "-" else opened.enter_context(file.open(encoding="utf-8"))
            for answer, is_error in run_lines(lines):
                typer.echo(answer)
                failed = failed or is_error
    if failed:
        raise typer.Exit(WRONG_SCENARIO)
