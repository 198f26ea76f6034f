"""A database for measuring: fresh, with fsync on, on DATABASE_URL's server or an embedded one below var/bench."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from quarterday.config import cluster, roles

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "bench"


@dataclass(frozen=True, slots=True)
class BenchDatabase:
    """Its address as a superuser, and what another process needs in its environment to work on it."""

    superuser: str
    environment: dict[str, str]


@contextmanager
def bench_database() -> Iterator[BenchDatabase]:
    """A migrated database of this process's own, with Django set up on it; dropped at the end. Call it once."""
    with _server() as server:
        name = f"quarterday_bench_{os.getpid()}"
        url = roles.with_database(server, name)
        environment = {
            "DATABASE_URL": url,
            "QUARTERDAY_DATA_FOLDER": str(FOLDER / "data"),
            "QUARTERDAY_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "quarterday.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        os.environ.update(environment)
        from quarterday.config.start import prepare

        prepare(set_up_database=True, make_keys=True)
        from quarterday.config.database import migrate

        try:
            migrate(verbosity=0)
            yield BenchDatabase(url, {**os.environ, **environment})
        finally:
            from django.db import connections

            connections.close_all()
            with roles.connect(roles.with_database(server, "postgres")) as connection:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _server() -> Iterator[str]:
    """The server: that of DATABASE_URL, or an embedded one that the last process to use it stops."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "in-use").open("w") as in_use:
        fcntl.flock(in_use, fcntl.LOCK_SH)
        yield cluster.ensure_cluster(FOLDER / "postgres").superuser
        try:
            fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        cluster.stop_cluster(FOLDER / "postgres")
