"""Fill an empty database from a backup, and prove that it holds the same rows: table by table, byte by byte."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from quarterday.bills.queries.proving import heads_of_series
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from quarterday.upkeep.backup.manifest import BackupUnusable, Manifest, SavedTable
from quarterday.upkeep.backup.tables import Table, fill, spell_alike, tables_of, text_of

_PIECE = 2**20

TELL_OF_USE = ("accounts_user", "provider_provider", "customers_customer", "bills_bill", "shared_auditentry")
"""Tables that have rows as soon as anybody has worked here."""


class NotEmpty(Refused):
    """The database holds somebody's work: a backup is restored into an empty one only."""


def check_backup(path: Path, manifest: Manifest) -> None:
    """Read the whole file and compare every table with its digest; BackupUnusable names the first that differs."""
    with zipfile.ZipFile(path) as backup:
        for table in manifest.tables:
            digest = hashlib.sha256()
            try:
                for piece in _pieces(backup, table):
                    digest.update(piece)
            except (zipfile.BadZipFile, KeyError, EOFError, OSError) as error:
                raise _damaged(table.name) from error
            if digest.hexdigest() != table.sha256:
                raise _damaged(table.name)


def check_version(manifest: Manifest) -> None:
    """A backup of a newer version has steps that we do not know; BackupUnusable says which."""
    known = set(MigrationLoader(None).disk_migrations or {})
    unknown = [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known]
    if unknown:
        raise BackupUnusable(
            "file",
            f"This backup was taken by version {manifest.version}, which knows {', '.join(unknown[:3])}: "
            "restore it with that version.",
        )


def check_empty() -> None:
    """Raise NotEmpty when somebody has worked in the database; tables without their work are no obstacle."""
    with acting(Scope.all()), connection.cursor() as cursor:
        for table in TELL_OF_USE:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{table}"])
            if not cursor.fetchone()[0]:
                continue
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table)))
            if cursor.fetchone()[0]:
                raise NotEmpty(
                    "database",
                    f"The database {connection.settings_dict['NAME']} is in use: {table} has rows. A backup is restored"
                    " into an empty database only. Make one (createdb), name it in DATABASE_URL, and restore there.",
                )


def load_backup(path: Path, manifest: Manifest, *, now: datetime, by: str) -> None:
    """Fill the tables, which must be those of the backup's version, in one transaction; what fails leaves nothing.

    The rows are read back and must give the digests that were noted when the backup was taken. From the first moment
    the database knows that it is a copy, so no worker bills or mails from it.
    """
    owner = connections["owner"]
    with zipfile.ZipFile(path) as backup, transaction.atomic(using="owner"):
        there = {table.name: table for table in tables_of(owner)}
        _compare_tables(there, manifest)
        _compare_sequences(owner, manifest)
        spell_alike(owner)
        with _as_they_were_written(owner, there):
            _throw_away_seeds(owner, [there[table.name] for table in manifest.tables])
            for table in manifest.tables:
                fill(owner, table.name, table.columns, _pieces(backup, table))
            for table in manifest.tables:
                _read_back(owner, table, there[table.name])
            _compare_steps(owner, manifest)
            with owner.cursor() as cursor:
                for sequence, last in manifest.sequences.items():
                    cursor.execute("SELECT setval(%s::regclass, %s)", [f"public.{sequence}", last])
                cursor.execute(
                    "INSERT INTO provider_restoration (taken_at, restored_at, restored_by, digest, resumed_by)"
                    " VALUES (%s, %s, %s, %s, '')",
                    [manifest.taken_at, now, by, manifest.digest],
                )
    with owner.cursor() as cursor:
        cursor.execute("ANALYZE")
    owner.close()


def differences(manifest: Manifest) -> list[str]:
    """What a restored database has otherwise than the backup says, in words; nothing when it is the same."""
    with acting(Scope.all()):
        heads = heads_of_series()
    return [
        f"series {name}: the backup ends with {manifest.heads.get(name, 'nothing')}, the database with"
        f" {heads.get(name, 'nothing')}"
        for name in sorted({*heads, *manifest.heads})
        if heads.get(name) != manifest.heads.get(name)
    ]


def _pieces(backup: zipfile.ZipFile, table: SavedTable) -> Iterator[bytes]:
    with backup.open(table.member) as member:
        while piece := member.read(_PIECE):
            yield piece


def _damaged(name: str) -> BackupUnusable:
    return BackupUnusable("file", f"The backup is damaged: {name} is not what was written. Take another one.")


def _compare_tables(there: dict[str, Table], manifest: Manifest) -> None:
    """Each table that a backup has, and no other: what is remembered of moments is code to whoever reads it back."""
    named = [table.name for table in manifest.tables]
    if strange := {name for name in named if named.count(name) > 1 or name not in there or not there[name].is_saved}:
        raise BackupUnusable("file", f"This is no backup of ours: it would fill {sorted(strange)[0]}.")
    if missing := {table.name for table in there.values() if table.is_saved} - set(named):
        raise BackupUnusable("file", f"This is no whole backup: {sorted(missing)[0]} is not in it.")
    for table in manifest.tables:
        if sorted(there[table.name].columns) != sorted(table.columns):
            raise BackupUnusable("file", f"The backup's {table.name} has other columns than this version's.")


def _compare_steps(owner: BaseDatabaseWrapper, manifest: Manifest) -> None:
    """The tables were made by the manifest's steps: rows that say more would keep the missing ones away for ever."""
    if set(MigrationRecorder(owner).applied_migrations()) != {(app, name) for app, name in manifest.migrations}:
        raise BackupUnusable("file", "This is no backup of ours: its tables were made by other steps than it says.")


def _compare_sequences(owner: BaseDatabaseWrapper, manifest: Manifest) -> None:
    with owner.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
        strange = set(manifest.sequences) - {name for (name,) in cursor.fetchall()}
    if strange:
        raise BackupUnusable("file", f"This is no backup of ours: there is no sequence {sorted(strange)[0]}.")


class _as_they_were_written:  # noqa: N801  # used as a verb
    """Let the tables' owner write all rows, without what the tables do by themselves, for as long as the block lasts.

    A bill that is written makes its postings; one that is put back has them already. Keys are checked at the end.
    """

    def __init__(self, owner: BaseDatabaseWrapper, tables: dict[str, Table]) -> None:
        self._owner = owner
        self._tables = list(tables.values())

    def __enter__(self) -> None:
        self._say("NO FORCE", "DISABLE")
        with self._owner.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            return  # the transaction is rolled back, and takes this with it
        with self._owner.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self._say("FORCE", "ENABLE")

    def _say(self, security: str, triggers: str) -> None:
        with self._owner.cursor() as cursor:
            for table in self._tables:
                name = sql.Identifier(table.name)
                cursor.execute(sql.SQL(f"ALTER TABLE {{}} {triggers} TRIGGER USER").format(name))
                if table.is_forced:
                    cursor.execute(sql.SQL(f"ALTER TABLE {{}} {security} ROW LEVEL SECURITY").format(name))


def _throw_away_seeds(owner: BaseDatabaseWrapper, tables: list[Table]) -> None:
    """Migrations leave rows of their own (the list of tables, say); the backup has them, too."""
    with owner.cursor() as cursor:
        for table in tables:
            name = sql.Identifier(table.name)
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(name))
            if cursor.fetchone()[0]:
                cursor.execute(sql.SQL("DELETE FROM {}").format(name))


def _read_back(owner: BaseDatabaseWrapper, saved: SavedTable, table: Table) -> None:
    digest = hashlib.sha256()
    for piece in text_of(owner, saved.name, saved.columns, table.key):
        digest.update(piece)
    if digest.hexdigest() != saved.sha256:
        raise BackupUnusable("file", f"{saved.name} does not read back as it was written; nothing was restored.")
