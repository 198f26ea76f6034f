"""Is everything in place? Each check gives a finding: what was looked at, whether it is well, and the cure."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import errors

from quarterday.documents.fonts import font_set, has_cjk
from quarterday.documents.printers import printers
from quarterday.outbox.actions.server import load_server
from quarterday.outbox.queries import mail_is_ready, mail_server
from quarterday.outbox.smtp import Post
from quarterday.provider.queries import find_provider
from quarterday.shared.database import LOGIN, OWNER, SCOPED, STAFF, acting
from quarterday.shared.scope import Scope

OLDEST_POSTGRESQL = 15
LITTLE_SPACE = 500 * 2**20
MAIL_PATIENCE_SECONDS = 5

# Tables with a path to a customer that are not protected by a forced policy for both acting roles.
_UNPROTECTED = """
    SELECT c.relname FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND (c.relname = 'customers_customer' OR EXISTS (
          SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'customer_id' AND NOT a.attisdropped))
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND (
          SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname IN ('staff', 'scoped')) = 2)
    ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; what is not well has a cure."""

    what: str
    is_well: bool
    words: str
    cure: str = ""


def findings(*, data_folder: Path, font_folder: Path | None = None) -> Iterator[Finding]:
    """Look at the database, its roles and rights, the provider, mail, fonts, printing and disk; one after the other.

    A check that fails by itself is a finding, too, and the others go on.
    """
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("PostgreSQL", _server),
        ("Roles", _roles),
        ("Migrations", _migrations),
        ("Row-level security", _row_security),
        ("Provider", _provider),
        ("Mail", _mail),
        ("Fonts", lambda: _fonts(font_folder)),
        ("Printing", _printing),
        ("Disk", lambda: _disk(data_folder)),
    )
    for what, check in checks:
        try:
            yield check()
        except Exception as error:  # whatever is broken is what a doctor looks for
            yield Finding(
                what, False, f"cannot be checked: {_reason(error)}", "Cure what is named above, and run it again."
            )


def _reason(error: Exception) -> str:
    """The first line of an error; a table that is not there yet, in words for a person who has never seen one."""
    if isinstance(error.__cause__, errors.UndefinedTable):
        return "its table is not made yet"
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def _server() -> Finding:
    ((version,),) = _rows("SELECT current_setting('server_version_num')::int / 10000")
    return Finding(
        "PostgreSQL",
        version >= OLDEST_POSTGRESQL,
        f"version {version}",
        f"Use version {OLDEST_POSTGRESQL} or newer.",
    )


def _roles() -> Finding:
    rows = _rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname = ANY (%s)",
        [[OWNER, LOGIN, STAFF, SCOPED]],
    )
    found = {name: (superuser, bypasses, inherits) for name, superuser, bypasses, inherits in rows}
    ((user,),) = _rows("SELECT session_user")
    wrong = [f"{name} is missing" for name in (OWNER, LOGIN, STAFF, SCOPED) if name not in found]
    wrong += [f"{name} is a superuser" for name, (superuser, _, _) in found.items() if superuser]
    wrong += [f"{name} may bypass row-level security" for name, (_, bypasses, _) in found.items() if bypasses]
    if found.get(LOGIN, (False, False, False))[2]:
        wrong.append(f"{LOGIN} inherits the rights of other roles")
    if user != LOGIN:
        wrong.append(f"the application logs in as {user} instead of {LOGIN}")
    return Finding(
        "Roles",
        not wrong,
        "; ".join(wrong) or f"the application logs in as {LOGIN}, which sees no row without saying whose",
        "Let a superuser run src/quarterday/config/roles.sql inside the database; it can be run again at any time.",
    )


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = [str(step) for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    words = f"{len(missing)} not applied: {', '.join(missing[:5])}" if missing else "all applied"
    return Finding("Migrations", not missing, words, "Run `quarterday migrate`.")


def _row_security() -> Finding:
    unprotected = [name for (name,) in _rows(_UNPROTECTED)]
    words = f"off for {', '.join(unprotected)}" if unprotected else "on and forced for every table of customers' rows"
    return Finding(
        "Row-level security",
        not unprotected,
        words,
        "Somebody changed the tables by hand: restore the policies from the migrations before anybody signs in.",
    )


def _provider() -> Finding:
    with acting(Scope.all()):
        provider = find_provider()
    if provider is None:
        cure = "Run `quarterday provider set-up --name ... --country ...`."
        return Finding("Provider", False, "not set up", cure)
    named = {
        "street": provider.street,
        "city": provider.city,
        "vat_id or tax_number": provider.vat_id or provider.tax_number,
    }
    missing = [field for field, value in named.items() if not value]
    words = f"{provider.name}, whose bills would lack {', '.join(missing)}" if missing else provider.name
    return Finding("Provider", not missing, words, "Run `quarterday provider change --set street=... --set city=...`.")


def _mail() -> Finding:
    with acting(Scope.all()):
        server, is_ready = (load_server() if mail_server() else None), mail_is_ready()
    if server is None:
        return Finding("Mail", False, "no mail server", "Run `quarterday mail configure`, then `quarterday mail test`.")
    at = f"{server.host}:{server.port}"
    with Post(server, timeout=MAIL_PATIENCE_SECONDS) as post:
        if obstacle := post.obstacle():
            return Finding("Mail", False, f"{at}: {obstacle}", "Cure what it says, or run `quarterday mail configure`.")
    words = at if is_ready else f"{at}, no test mail has gone out"
    return Finding("Mail", is_ready, words, "Run `quarterday mail test --to you@example.com`.")


def _fonts(own_folder: Path | None) -> Finding:
    fonts = font_set(own_folder)
    missing = [] if has_cjk(fonts) else ["Chinese, Japanese and Korean"]
    if not {ord(letter) for letter in "سلام"} <= fonts.covered:
        missing.append("Arabic")
    return Finding(
        "Fonts",
        not missing,
        f"none for {' and '.join(missing)}" if missing else "also for Arabic, Chinese, Japanese and Korean names",
        "Put fonts that have them into a folder, and name it in QUARTERDAY_FONT_FOLDER.",
    )


def _printing() -> Finding:
    return Finding(
        "Printing",
        not printers.has_network,
        "in a process of its own, with limits, "
        + ("which could reach the network" if printers.has_network else "without network"),
        "This system knows no way for a process to give its network up: run workers where they have none but the"
        " database (docs/operations.md, Printing).",
    )


def _disk(folder: Path) -> Finding:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    return Finding("Disk", free >= LITTLE_SPACE, f"{free / 2**30:.1f} GiB free at {there}", "Free some space there.")


def _rows(query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
