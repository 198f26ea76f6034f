"""`quarterday migrate`."""

from __future__ import annotations

from typing import Annotated

import typer

from quarterday.cli._shared import alone

app = alone()


@app.command()
def migrate(
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    make_keys: Annotated[
        bool, typer.Option("--make-keys", help="Make keys and keep them in the data folder, unless there are some.")
    ] = False,
) -> None:
    """Bring the database up to date, as the owner of its tables; running it again changes nothing.

    Where DATABASE_URL is a superuser's, the database and its roles are made first.

    \b
    quarterday migrate
    DATABASE_URL=postgresql://quarterday_login:...@db:5432/quarterday quarterday migrate
    """
    from quarterday.config.start import prepare

    prepare(set_up_database=True, make_keys=make_keys)
    from quarterday.config.database import migrate as bring_up_to_date

    bring_up_to_date(verbosity=0 if quiet else 1)
