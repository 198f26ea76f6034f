"""Take a backup while everybody works: one snapshot of all tables, read by the application's own role."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import datetime
from typing import IO

from django.db import connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder

from quarterday.bills.queries.proving import heads_of_series
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.upkeep.backup.manifest import KEYS, MANIFEST, Manifest, SavedTable
from quarterday.upkeep.backup.tables import Table, spell_alike, tables_of, text_of

QUICK = 3
"""Printed bills are packed already; a higher level takes long and gains little."""


def write_backup(file: IO[bytes], *, now: datetime, version: str, keys: bytes | None = None) -> Manifest:
    """Write a backup of the database as it is at this moment; `keys` are put in only when they are given.

    Nobody is kept from working meanwhile. Opens its own transaction: call it outside `acting`.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as backup:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # Every table is read as it was at one and the same instant.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            with acting(Scope.all()):
                spell_alike(connection)
                tables = tables_of(connection)
                saved = [_save(backup, table) for table in tables if table.is_saved]
                heads = heads_of_series()
                migrations = _migrations()
        if keys is not None:
            backup.writestr(KEYS, keys)
        manifest = Manifest(
            version=version,
            taken_at=now,
            postgresql=connection.pg_version // 10_000,  # type: ignore[attr-defined]  # PostgreSQL's has it
            migrations=migrations,
            tables=saved,
            # Read last: a number that was given meanwhile is skipped rather than given again.
            sequences=_sequences({table.name for table in saved}),
            heads=heads,
            left_out=[table.name for table in tables if not table.is_saved],
            has_keys=keys is not None,
        )
        backup.writestr(MANIFEST, manifest.content())
    return manifest


def _save(backup: zipfile.ZipFile, table: Table) -> SavedTable:
    digest, rows = hashlib.sha256(), 0
    with backup.open(SavedTable(table.name, [], 0, "").member, "w", force_zip64=True) as member:
        for piece in text_of(connection, table.name, table.columns, table.key):
            digest.update(piece)
            rows += piece.count(b"\n")
            member.write(piece)
    return SavedTable(table.name, table.columns, rows, digest.hexdigest())


def _migrations() -> list[list[str]]:
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def _sequences(tables: set[str]) -> dict[str, int]:
    """The last number that each table's own sequence gave, asked as the tables' owner."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            """
            SELECT s.relname, t.relname, p.last_value FROM pg_class s
            JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.classid = 'pg_class'::regclass
            JOIN pg_class t ON t.oid = d.refobjid
            JOIN pg_sequences p ON p.schemaname = 'public' AND p.sequencename = s.relname
            WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace AND p.last_value IS NOT NULL
            """
        )
        return {sequence: last for sequence, table, last in cursor.fetchall() if table in tables}
