"""`quarterday worker`: bill, print, mail and remind in the background."""

from __future__ import annotations

from typing import Annotated

import typer

from quarterday.cli._shared import alone, set_up

app = alone()


@app.command()
def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=32, help="How many jobs at once.")] = 2,
    memory_limit: Annotated[int, typer.Option(min=0, help="Megabytes of memory at most; 0 for no limit.")] = 2048,
    until_idle: Annotated[
        bool,
        typer.Option(
            "--until-idle", help="Do what is due now, and stop. What a night brings takes a worker that stays."
        ),
    ] = False,
) -> None:
    """Work in the background: bill what is due, print, mail, remind, and take over from workers that died.

    Start as many as you want, on as many machines as you want; stop one with Ctrl-C, it finishes what it began.

    quarterday worker --concurrency 2
    """
    set_up()
    from django.conf import settings

    from quarterday.config.guard import refuse_unsafe

    refuse_unsafe(settings.QUARTERDAY)
    from quarterday.worker.service import work

    typer.echo("Working. Stop with Ctrl-C.", err=True)
    work(concurrency=concurrency, memory_limit_mb=memory_limit, until_idle=until_idle)
