"""Which tables a backup holds, and how a table becomes text: the same text for the same rows on every server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

OF_THE_MOMENT = ("procrastinate_", "axes_", "django_session", "django_cache", "accounts_upload")
"""Tables (by the beginning of their names) of which nothing is kept: jobs find their work in the other tables, people
sign in again, and a file that waited on somebody's desk is laid there again."""

_TABLES = """
    SELECT c.relname,
           array_agg(a.attname::text ORDER BY a.attnum),
           coalesce((SELECT array_agg(k.attname::text ORDER BY k.attnum) FROM pg_index i
                     JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)
                     WHERE i.indrelid = c.oid AND i.indisprimary), '{}'),
           c.relforcerowsecurity
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    GROUP BY c.oid, c.relname, c.relforcerowsecurity
    ORDER BY c.relname
    """

_ONE_SPELLING = """
    SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL TimeZone = 'UTC';
    SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1
    """


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the database, as far as a backup needs to know it."""

    name: str
    columns: list[str]
    key: list[str]
    is_forced: bool
    """Whether row-level security binds the table's owner, too."""

    @property
    def is_saved(self) -> bool:
        """Whether its rows are in a backup."""
        return not self.name.startswith(OF_THE_MOMENT)


def tables_of(connection: BaseDatabaseWrapper) -> list[Table]:
    """Every table of the database, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return [Table(*row) for row in cursor.fetchall()]


def spell_alike(connection: BaseDatabaseWrapper) -> None:
    """Until the transaction ends, dates, numbers and bytes are spelled the same whatever the server's settings are."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_SPELLING)


def text_of(connection: BaseDatabaseWrapper, name: str, columns: list[str], key: list[str]) -> Iterator[bytes]:
    """A table's rows as PostgreSQL's COPY writes them, in the order of the key; in pieces, never all at once."""
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _names(columns), sql.Identifier(name), _names(key or columns)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        for piece in rows:
            yield bytes(piece)


def fill(connection: BaseDatabaseWrapper, name: str, columns: list[str], pieces: Iterator[bytes]) -> int:
    """Write rows from their text; answers how many."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), _names(columns))
    with connection.cursor() as cursor:
        with cursor.copy(statement) as rows:
            for piece in pieces:
                rows.write(piece)
        return int(cursor.rowcount)


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)
