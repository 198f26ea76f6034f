"""Make what a superuser makes once: the roles, the database, the extension; and look at what a server has."""

from __future__ import annotations

from importlib.resources import files
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import errors, sql

from quarterday.config.postgres import GET_POSTGRES, NEWEST, OLDEST, PostgresUnavailable
from quarterday.shared.database import LOGIN, OWNER

# Any number; the same in every process, so that two launchers make the roles one after the other.
_ONE_AT_A_TIME = 7_246_311


def make_roles(superuser_url: str, database: str, *, password: str | None = None) -> None:
    """Run roles.sql inside `database`. Roles made by this call get `password`; those already there keep theirs."""
    # Roles belong to the whole server, so the lock that orders their makers is taken in a database they share.
    gate = connect(with_database(superuser_url, "postgres"))
    inside = connect(with_database(superuser_url, database))
    with gate, inside:
        gate.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        known = {name for (name,) in gate.execute("SELECT rolname FROM pg_roles")}
        with inside.transaction():
            inside.execute(script())
            for role in {OWNER, LOGIN} - known if password else ():
                set_password = sql.SQL("ALTER ROLE {} PASSWORD {}")
                inside.execute(set_password.format(sql.Identifier(role), sql.Literal(password)))


def script() -> bytes:
    """roles.sql, as a superuser runs it by hand."""
    return files("quarterday.config").joinpath("roles.sql").read_bytes()


def create_database(superuser_url: str, name: str, *, template: str | None = None) -> None:
    """Create an empty UTF-8 database, or a copy of `template`, unless it exists."""
    with connect(with_database(superuser_url, "postgres")) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        source: sql.Composable = sql.SQL("TEMPLATE template0 ENCODING 'UTF8'")
        if template is not None:  # file by file, which takes a third of the time of writing each page to the log
            source = sql.SQL("TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        try:
            connection.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), source))
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            return  # another launcher was quicker


def check_server(url: str) -> int:
    """The server's major version; raise PostgresUnavailable, with the cure, where Quarterday cannot work with it."""
    with connect(url) as connection:
        version = connection.info.server_version // 10_000
    if not OLDEST <= version <= NEWEST:
        raise PostgresUnavailable(f"The database server is PostgreSQL {version}; 15 to 18 do. {GET_POSTGRES}")
    return version


def is_superuser(url: str) -> bool:
    """Whether the address logs in as a superuser, who may make roles and databases."""
    with connect(url) as connection:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def connect(url: str) -> psycopg.Connection:
    """An autocommit connection; PostgresUnavailable, without the password, when nobody answers."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        parts = urlsplit(url)
        place = parts.hostname or "a local socket"
        reason = str(error).strip().splitlines()[0]
        if parts.password:
            reason = reason.replace(unquote(parts.password), "***").replace(parts.password, "***")
        user = unquote(parts.username or "")
        raise PostgresUnavailable(
            f"The database {parts.path.lstrip('/')} at {place} cannot be reached as {user}: {reason}. Check that"
            f" PostgreSQL runs, and the address, name and password in DATABASE_URL.{_kept_password(user, reason)}"
        ) from None


def _kept_password(user: str, reason: str) -> str:
    if user not in (LOGIN, OWNER) or "password" not in reason:
        return ""
    return f" A role that was there before keeps its password: give it this one by psql -c '\\password {user}'."


def with_database(url: str, name: str) -> str:
    """The same server and user, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
