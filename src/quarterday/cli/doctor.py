"""`quarterday doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from quarterday.cli._shared import Json, alone, cell, print_json, set_up

app = alone()


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check settings, database, roles, rights, mail, fonts and disk, and say the cure for what is wrong.

    Exit code 1 when something needs a person.

    \b
    quarterday doctor
    quarterday doctor --json
    """
    found = _findings()
    if as_json:
        print_json(found)
    else:
        for each in found:
            typer.echo(f"{'ok   ' if each['is_well'] else 'LOOK '} {each['what']}: {cell(each['words'], longest=1000)}")
            if not each["is_well"]:
                typer.echo(f"      {each['cure']}")
    if not all(each["is_well"] for each in found):
        raise typer.Exit(1)


def _findings() -> list[dict[str, Any]]:
    from quarterday.config.environment import SettingsError, load
    from quarterday.config.postgres import PostgresUnavailable
    from quarterday.config.roles import check_server

    try:
        settings = load()
        set_up()
        if (url := settings.login_url()) is not None:
            check_server(url)
    except SettingsError as error:
        return [_wrong("Settings", problem, "Correct the variable, or unset it.") for problem in error.errors]
    except PostgresUnavailable as error:
        return [_well("Settings"), _wrong("PostgreSQL", str(error), "Nothing else can be checked without a database.")]
    from quarterday.upkeep.health import findings

    looked_at = findings(data_folder=settings.data_folder, font_folder=settings.font_folder)
    return [_well("Settings"), *(asdict(finding) for finding in looked_at)]


def _well(what: str) -> dict[str, Any]:
    return {"what": what, "is_well": True, "words": "readable", "cure": ""}


def _wrong(what: str, words: str, cure: str) -> dict[str, Any]:
    return {"what": what, "is_well": False, "words": words, "cure": cure}
