"""A database for measuring: fresh, with fsync on, on DATABASE_URL's server or an embedded PostgreSQL below var/bench."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from quarterday.config import cluster, roles

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "bench"


@dataclass(frozen=True, slots=True)
class BenchDatabase:
    """Its address as a superuser, and what another process needs in its environment to work on it."""

    superuser: str
    environment: dict[str, str]


@contextmanager
def bench_database(name: str = "quarterday_bench") -> Iterator[BenchDatabase]:
    """Make the database anew, migrate it, and set Django of this process up on it. Call it once a process."""
    given = os.environ.get("DATABASE_URL", "")
    server = given or cluster.ensure_cluster(FOLDER / "postgres").superuser
    url = roles.with_database(server, name)
    with roles.connect(roles.with_database(server, "postgres")) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]
    environment = {
        "DATABASE_URL": url,
        "QUARTERDAY_DATA_FOLDER": str(FOLDER / "data"),
        "DJANGO_SETTINGS_MODULE": "quarterday.config.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    os.environ.update(environment)
    from quarterday.config.start import prepare

    prepare(set_up_database=True, make_keys=True)
    from quarterday.config.database import migrate

    migrate(verbosity=0)
    yield BenchDatabase(url, {**os.environ, **environment})
    from django.db import connections

    connections.close_all()
    with roles.connect(roles.with_database(server, "postgres")) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]
    if not given:
        cluster.stop_cluster(FOLDER / "postgres")
