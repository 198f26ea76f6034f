"""`quarterday drill`: prove that a backup comes back, by the very commands that a person would use in need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quarterday.cli._errors import NEEDS_A_PERSON
from quarterday.cli._shared import Json, alone, at_desk, clock, print_json, set_up

if TYPE_CHECKING:
    from quarterday.config.cluster import ClusterUrls

app = alone()

EMPTY = "from quarterday.config.start import prepare; prepare(); from quarterday.config.database import empty; empty()"


@app.command()
def drill(
    file: Annotated[Path | None, typer.Argument(help="A backup to prove; without one, a new one is taken.")] = None,
    scratch: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="An empty database to restore into, made with roles.sql; without it, a PostgreSQL is started for"
            " the drill in a temporary folder, and removed.",
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Restore a backup into a scratch database, audit it there, compare, and note the proof for the status page.

    The running installation is only read. Exit code 1 when the backup does not come back whole. Run it every week.

    \b
    quarterday drill
    quarterday drill /backups/quarterday-2026-05-01.zip
    """
    set_up()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="quarterday-drill-") as folder:
        if file is None:
            file = Path(folder) / "backup.zip"
            _take_backup(file)
        from quarterday.upkeep.backup.manifest import read_manifest

        manifest = read_manifest(file)
        with _scratch(Path(folder), scratch) as place:
            problems = _restored_and_audited(file, place, at=manifest.taken_at.isoformat())
    seconds = round(time.monotonic() - begun)
    with at_desk(at=clock()) as desk:
        from quarterday.upkeep.actions import note_drill

        note_drill(
            taken_at=manifest.taken_at,
            digest=manifest.digest,
            row_count=manifest.row_count,
            seconds=seconds,
            problems=problems,
            by=desk.by,
            now=desk.now,
        )
    if as_json:
        print_json({"proven": not problems, "rows": manifest.row_count, "seconds": seconds, "problems": problems})
    elif not problems:
        typer.echo(
            f"Proven: {manifest.row_count:,} rows came back as they were written, every series ends where it ended,"
            f" and the audit found nothing. {seconds} seconds."
        )
    else:
        typer.echo("\n".join(["This backup does not come back whole:", *problems]), err=True)
    if problems:
        raise typer.Exit(NEEDS_A_PERSON)


def _take_backup(file: Path) -> None:
    from importlib.metadata import version

    from quarterday.upkeep.backup.writing import write_backup

    with file.open("wb") as written:
        write_backup(written, now=clock(), version=version("quarterday"))


def _restored_and_audited(file: Path, place: dict[str, str], *, at: str) -> list[str]:
    """What a restore and an audit say of the file; nothing when it is whole."""
    code, _, told = _run(["restore", str(file)], place)
    if code != 0:
        return told.strip().splitlines()[-5:] or ["The restore failed."]
    # Asked as of the moment of the backup, because a copy stands still: later everything in it would be overdue.
    code, answer, told = _run(["audit", "--at", at, "--json"], place)
    if code not in (0, NEEDS_A_PERSON) or not answer.strip():
        return told.strip().splitlines()[-5:] or ["The audit failed."]
    return [
        f"{breach['promise']}: {breach['row']} {breach['words']}"
        for kept in json.loads(answer)
        for breach in kept["breaches"]
    ]


@contextmanager
def _scratch(folder: Path, given: str) -> Iterator[dict[str, str]]:
    """The environment of commands that work on a database of their own, which is thrown away afterwards."""
    from quarterday.config.cluster import ensure_cluster, remove_cluster
    from quarterday.config.environment import with_user
    from quarterday.config.postgres import PostgresUnavailable
    from quarterday.shared.database import LOGIN, OWNER

    if given:
        place = _environment(with_user(given, LOGIN), with_user(given, OWNER), folder)
        yield place
        _in_a_process(EMPTY, [], place)
        return
    cluster = folder / "postgres"
    try:
        try:
            urls: ClusterUrls = ensure_cluster(cluster, fsync=False)
        except PostgresUnavailable as missing:
            raise PostgresUnavailable(
                "A drill restores into a PostgreSQL of its own, and its programs are not on this machine: install them"
                " (Debian: apt-get install postgresql), or name an empty database with --scratch."
            ) from missing
        yield _environment(urls.login, urls.owner, folder)
    finally:
        remove_cluster(cluster)


def _environment(login: str, owner: str, folder: Path) -> dict[str, str]:
    from django.conf import settings

    known = settings.QUARTERDAY
    keys = {
        f"QUARTERDAY_{name.upper()}": ",".join(key.get_secret_value() for key in getattr(known, name))
        for name in ("secret_keys", "encryption_keys")
    }
    return {
        "DATABASE_URL": login,
        "QUARTERDAY_OWNER_DATABASE_URL": owner,
        "QUARTERDAY_DATA_FOLDER": str(folder),
        "DJANGO_SETTINGS_MODULE": "quarterday.config.settings",
        **keys,
    }


def _run(arguments: Sequence[str], place: dict[str, str]) -> tuple[int, str, str]:
    """A `quarterday` command in a process of its own; its exit code, what it printed, and what it complained of."""
    return _in_a_process("from quarterday.cli.main import main; main()", arguments, place)


def _in_a_process(program: str, arguments: Sequence[str], place: dict[str, str]) -> tuple[int, str, str]:
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, **place},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr
