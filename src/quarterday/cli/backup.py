"""`quarterday backup`: everything that cannot be made again, in one file."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from quarterday.cli._files import whole_file
from quarterday.cli._shared import alone, clock, set_up

app = alone()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, such as quarterday-2026-05-01.zip.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put the signing and encryption keys in, too: then guard the file so.")
    ] = False,
) -> None:
    """Write a backup of everything: customers, devices, bills with their PDFs, payments, mails, users, settings.

    Nobody has to stop working, and no superuser is needed. The keys are left out unless you ask for them: keep them
    elsewhere, because without the encryption keys the mail password in the backup opens to nobody.

    \b
    quarterday backup /backups/quarterday-$(date +%F).zip
    quarterday drill /backups/quarterday-2026-05-01.zip      prove that it can be restored
    """
    set_up()
    from quarterday.upkeep.backup.writing import write_backup

    with whole_file(file, private=True) as written:
        manifest = write_backup(
            written, now=clock(), version=version("quarterday"), keys=keys_of_this_place() if with_keys else None
        )
    typer.echo(f"{manifest.row_count:,} rows of {len(manifest.tables)} tables are in {file}.")
    for series, head in sorted(manifest.heads.items()):
        typer.echo(f"  {series} ends with {head}")
    if not with_keys:
        typer.echo("The encryption keys are not in it: keep them elsewhere, or say --with-keys.")


def keys_of_this_place() -> bytes:
    """The keys that this installation works with, as keys.json has them."""
    from django.conf import settings

    known = settings.QUARTERDAY
    kept = {
        name: [key.get_secret_value() for key in getattr(known, name)] for name in ("secret_keys", "encryption_keys")
    }
    return json.dumps(kept).encode()
