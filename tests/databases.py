"""Databases for tests: one server for every test process, one migrated template, and cheap copies of it.

The server starts when the first test asks for a database and stops when the last process that used it ends. Its data
stays, in memory where there is room and else in var/tests, so that the next run finds the template, which is named by
the digest of the migrations.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.db import connections
from psycopg import sql

from quarterday.config import cluster, roles
from quarterday.config.database import migrate
from quarterday.config.environment import with_user
from quarterday.config.postgres import PostgresUnavailable
from quarterday.config.settings import database as django_entry
from quarterday.shared.database import LOGIN, OWNER

TEMPLATES_KEPT = 4


@dataclass(frozen=True, slots=True)
class Database:
    """One database: its addresses as the application, as the tables' owner, and as the superuser."""

    name: str
    login: str
    owner: str
    superuser: str

    def environment(self, data_folder: Path) -> dict[str, str]:
        """What another process needs to work on this database: `subprocess.run(..., env=...)`."""
        return {
            **os.environ,
            "DATABASE_URL": self.login,
            "QUARTERDAY_OWNER_DATABASE_URL": self.owner,
            "QUARTERDAY_DATA_FOLDER": str(data_folder),
            "DJANGO_SETTINGS_MODULE": "quarterday.config.settings",
            "PYTHONPATH": "src",
        }


class Server:
    """The PostgreSQL of all test processes of this checkout."""

    def __init__(self, folder: Path, *, given: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._given = given
        self._numbers = count(1)
        # Held until this process ends, however it ends: who then gets it alone was the last, and stops the server.
        self._in_use = (folder / "in-use").open("w")
        fcntl.flock(self._in_use, fcntl.LOCK_SH)
        self._superuser = given or self._started()
        roles.check_server(self._maintenance)
        if not given:
            self._drop_leftovers()

    @property
    def superuser(self) -> str:
        """The address of the server as its superuser."""
        return self._superuser

    def close(self) -> None:
        """Let go of the server, and stop it when nobody else uses it."""
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pass
        else:
            if not self._given:
                cluster.stop_cluster(self._folder / "postgres")
        self._in_use.close()

    def clone(self) -> Database:
        """A new database of its own, as `quarterday migrate` leaves it: 0.1 seconds."""
        template = self._template()
        name = f"quarterday_test_{os.getpid()}_{next(self._numbers)}"
        self._drop(name)
        roles.create_database(self._superuser, name, template=template)
        return self._database(name)

    def unmade(self, name: str) -> Database:
        """The addresses of a database that does not exist, for what makes databases."""
        self._drop(name)
        return self._database(name)

    def drop(self, database: Database) -> None:
        """Delete a copy, and end whatever is still connected to it."""
        self._drop(database.name)

    def _started(self) -> str:
        folder = self._folder / "postgres"
        try:
            return cluster.ensure_cluster(folder, fsync=False, in_memory=True).superuser
        except PostgresUnavailable:
            # Without fsync a machine that stopped may leave damaged data behind; that of tests is made anew.
            cluster.remove_cluster(folder)
            return cluster.ensure_cluster(folder, fsync=False, in_memory=True).superuser

    def _template(self) -> str:
        """The migrated database that copies are made of; made by the first process that needs it."""
        name = f"quarterday_template_{_digest_of_migrations()}"
        with (self._folder / "template.lock").open("w") as lock, roles.connect(self._maintenance) as connection:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return name
            unfinished = self._database("quarterday_template_unfinished")
            self._drop(unfinished.name)
            roles.create_database(self._superuser, unfinished.name)
            roles.make_roles(self._superuser, unfinished.name, password=_password(self._superuser))
            with pointing_django_at(unfinished):
                migrate(verbosity=0)
            for statement in ("ALTER DATABASE {} ALLOW_CONNECTIONS false", f"ALTER DATABASE {{}} RENAME TO {name}"):
                connection.execute(sql.SQL(statement).format(sql.Identifier(unfinished.name)))
            old = connection.execute(
                "SELECT datname FROM pg_database WHERE datname ~ '^quarterday_template_[0-9a-f]+$' ORDER BY oid DESC"
            ).fetchall()
            for (older,) in old[TEMPLATES_KEPT:]:
                self._drop(older)
        return name

    def _drop_leftovers(self) -> None:
        """Delete the copies of test processes that were killed."""
        with roles.connect(self._maintenance) as connection:
            rows = connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^quarterday_test_[0-9]+_'")
            names = [name for (name,) in rows]
        with (self._folder / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two processes that clean up at once would trip over each other
            for name in names:
                if not _is_alive(int(name.split("_")[2])):
                    self._drop(name)

    def _drop(self, name: str) -> None:
        with roles.connect(self._maintenance) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _database(self, name: str) -> Database:
        superuser = roles.with_database(self._superuser, name)
        return Database(name, with_user(superuser, LOGIN), with_user(superuser, OWNER), superuser)

    @property
    def _maintenance(self) -> str:
        return roles.with_database(self._superuser, "postgres")


@contextmanager
def pointing_django_at(database: Database) -> Iterator[None]:
    """Let Django's connections of this process lead to `database`, and afterwards to where they led before."""
    before = {alias: dict(connections.settings[alias]) for alias in ("default", "owner")}
    connections.close_all()
    connections.settings["default"].update(django_entry(database.login))
    connections.settings["owner"].update(django_entry(database.owner))
    try:
        yield
    finally:
        connections.close_all()
        for alias, entry in before.items():
            connections.settings[alias].update(entry)


def _digest_of_migrations() -> str:
    digest = hashlib.sha256()
    source = Path(apps.get_app_config("shared").path).parent
    for path in sorted([*source.glob("*/migrations/*.py"), *source.glob("shared/*.py"), source / "config/roles.sql"]):
        digest.update(path.name.encode() + path.read_bytes())
    for package in ("django", "procrastinate", *_other_apps()):
        digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()[:16]


def _other_apps() -> list[str]:
    known = {"allauth": "django-allauth", "axes": "django-axes"}
    return sorted({known[name] for config in apps.get_app_configs() if (name := config.name.split(".")[0]) in known})


def _password(url: str) -> str | None:
    password = urlsplit(url).password
    return unquote(password) if password else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
