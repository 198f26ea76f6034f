"""`quarterday assets`: the pages' style, which comes from a registry."""

from __future__ import annotations

import typer

from quarterday.cli._shared import alone

app = alone()


@app.command()
def assets() -> None:
    """Fetch the pages' style by its lock file into the data folder; `quarterday serve` does so by itself.

    A machine without a network takes the folder `assets` of another one's data folder.

    quarterday assets
    """
    from quarterday.config.environment import load
    from quarterday.web.assets import fetch, is_fetched

    folder = load().data_folder / "assets"
    if is_fetched(folder):
        typer.echo(f"Everything is there: {folder}")
        return
    fetch(folder)
    typer.echo(f"Fetched into {folder}")
