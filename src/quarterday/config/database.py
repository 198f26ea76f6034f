"""Bring the database up to date: `migrate()` runs as the owner, then lets the application's roles in."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connections

from quarterday.shared.protection import grant_framework_tables


def migrate(*, verbosity: int = 1) -> None:
    """Apply every migration that is missing, as the tables' owner. Doing it again changes nothing."""
    call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
    grant_framework_tables(connections["owner"])
    connections["owner"].close()
