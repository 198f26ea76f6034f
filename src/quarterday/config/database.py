"""Bring the database up to date: `migrate()` runs as the owner, then lets the application's roles in."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from quarterday.shared.protection import grant_framework_tables

# The schema and the extension belong to the superuser who made them, so they stay.
_EVERYTHING_OWNED = """
    SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      AND pg_get_userbyid(relowner) = current_user
    UNION ALL
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) = current_user
    UNION ALL
    SELECT format('DROP TYPE IF EXISTS %s CASCADE', oid::regtype)
    FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
      AND pg_get_userbyid(typowner) = current_user
    UNION ALL
    SELECT format('DROP TYPE IF EXISTS %s CASCADE', reltype::regtype)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'c'
      AND pg_get_userbyid(relowner) = current_user
"""


def migrate(*, verbosity: int = 1) -> None:
    """Apply every migration that is missing, as the tables' owner. Doing it again changes nothing."""
    call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
    grant_framework_tables(connections["owner"])
    connections["owner"].close()


def make_tables(steps: Iterable[tuple[str, str]]) -> None:
    """Make the tables as some version's migrations left them, each an (app, name); what is there is thrown away.

    For a database in which nobody has worked. Nothing happens where exactly these steps were applied already.
    """
    wanted = set(steps)
    owner = connections["owner"]
    if set(MigrationExecutor(owner).loader.applied_migrations) == wanted:
        return
    empty()
    executor = MigrationExecutor(owner)
    parents = {parent for step in wanted for parent in executor.loader.graph.node_map[step].parents}
    executor.migrate([step for step in sorted(wanted) if step not in {node.key for node in parents}])
    grant_framework_tables(owner)


def has_tables() -> bool:
    """Whether the tables are there that tell whose data this is; a migration that was killed leaves nobody's."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('public.customers_customer') IS NOT NULL"
            " AND to_regclass('public.provider_provider') IS NOT NULL"
        )
        return bool(cursor.fetchone()[0])


def empty() -> None:
    """Throw everything in the database away, tables included; the next `migrate` makes them anew. For demo data."""
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(_EVERYTHING_OWNED)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
    owner.close()
    # The application's own connections hold plans of tables that are gone.
    connections["default"].close()
