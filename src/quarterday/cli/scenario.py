"""`quarterday scenario`: the engine alone, no Django and no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from quarterday.cli._shared import alone

WRONG_SCENARIO = 2

app = alone()


@app.command()
def scenario(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE|-]...", help="Scenarios, one a line; - reads standard input.")
    ] = None,
) -> None:
    """Calculate the bills that scenarios lead to: a JSON object a line in, a JSON object a line out.

    Exit code 2 when a scenario was wrong; the others are answered all the same.

    \b
    quarterday scenario shop.jsonl
    quarterday scenario - < shop.jsonl
    """
    from quarterday.engine.scenario import run_lines

    one_is_wrong = False
    for answer in run_lines(chain.from_iterable(_lines(name) for name in files or ["-"])):
        print(json.dumps(answer, ensure_ascii=False))
        one_is_wrong = one_is_wrong or "error" in answer
    if one_is_wrong:
        raise typer.Exit(WRONG_SCENARIO)


def _lines(name: str) -> Iterator[str]:
    if name == "-":
        yield from _text(sys.stdin.buffer)
    else:
        with Path(name).open("rb") as file:
            yield from _text(file)


def _text(lines: Iterable[bytes]) -> Iterator[str]:
    # A byte that is no UTF-8 makes its own line wrong, not the whole file.
    return (line.decode("utf-8", errors="replace") for line in lines)
