"""`quarterday restore`: fill an empty database from a backup; let a restored copy work."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from quarterday.cli._shared import alone, at_desk, clock, command_line

app = alone()


@app.command()
def restore(
    file: Annotated[Path | None, typer.Argument(help="A file that `quarterday backup` wrote.")] = None,
    live: Annotated[
        bool, typer.Option("--live", help="This is the real installation now: let it bill, mail and remind again.")
    ] = False,
) -> None:
    """Restore a backup into an empty database. What comes out is a copy: it bills, mails and reminds nobody.

    Every digest is checked before and after; a damaged file changes nothing. When the old installation is gone for
    good, say --live, here or later.

    \b
    createdb quarterday_new, then with DATABASE_URL naming it:
    quarterday restore /backups/quarterday-2026-05-01.zip
    quarterday audit
    quarterday restore --live
    """
    if file is None and not live:
        raise typer.BadParameter("name the backup, or say --live to let a restored copy work.")
    if file is not None:
        _restore(file)
    if live:
        with at_desk() as desk:
            from quarterday.provider.actions import resume_work

            resume_work(by=desk.by, now=desk.now)
        typer.echo("This is the real installation now: the worker bills, mails and reminds.")
    else:
        typer.echo(
            "This is a copy: it bills, mails and reminds nobody. `quarterday restore --live` makes it the real one."
        )


def _restore(file: Path) -> None:
    from django.apps import apps

    if not apps.ready:
        from quarterday.config.start import prepare

        prepare(set_up_database=True)
    from quarterday.config.database import make_tables, migrate
    from quarterday.upkeep.backup import restoring
    from quarterday.upkeep.backup.manifest import read_manifest

    manifest = read_manifest(file)
    restoring.check_version(manifest)
    restoring.check_empty()
    restoring.check_backup(file, manifest)
    make_tables((app, name) for app, name in manifest.migrations)
    restoring.load_backup(file, manifest, now=clock(), by=command_line().name)
    migrate(verbosity=0)
    typer.echo(f"{manifest.row_count:,} rows of {manifest.taken_at:%Y-%m-%d %H:%M} UTC are back, and read as written.")
    if differences := restoring.differences(manifest):
        typer.echo("\n".join(differences), err=True)
        raise typer.Exit(1)
    if manifest.has_keys:
        _put_keys_back(file)


def _put_keys_back(file: Path) -> None:
    """Keys that are here already stay: what they opened must go on opening."""
    from django.conf import settings

    from quarterday.upkeep.backup.manifest import KEYS

    place: Path = settings.QUARTERDAY.keys_file
    if place.exists() or os.environ.get("QUARTERDAY_ENCRYPTION_KEYS"):
        typer.echo(f"This place has keys of its own. Those of the backup are in it as {KEYS}: add what is missing.")
        return
    with zipfile.ZipFile(file) as backup:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as written:
            written.write(backup.read(KEYS))
    typer.echo(f"The keys are back in {place}.")
