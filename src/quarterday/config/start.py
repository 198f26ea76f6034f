"""What every process does first: `prepare()`.

It reads the environment, sees to a database (the embedded PostgreSQL unless DATABASE_URL is set) and sets Django up.
"""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

import django

from quarterday.config import environment
from quarterday.config.cluster import ensure_cluster
from quarterday.config.environment import Settings, with_user
from quarterday.config.postgres import PostgresUnavailable
from quarterday.config.roles import check_server, create_database, is_superuser, make_roles, with_database
from quarterday.shared.database import LOGIN


def prepare(*, set_up_database: bool = False, make_keys: bool = False) -> Settings:
    """Set Django up, with its database there; raise SettingsError or PostgresUnavailable with the cure.

    `set_up_database` makes the roles and the database where DATABASE_URL is a superuser's (the embedded one always has
    them). `make_keys` makes keys and keeps them in the data folder when the environment has none; an installation on
    the embedded PostgreSQL does so by itself.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterday.config.settings")
    settings = environment.load(make_keys=make_keys or not os.environ.get("DATABASE_URL"))
    if settings.database_url is None:
        ensure_cluster(settings.cluster_folder)
    elif set_up_database:
        _set_up(settings.database_url.get_secret_value())
    django.setup()
    return settings


def _set_up(url: str) -> None:
    reachable, problem = _reachable(url)
    if is_superuser(reachable):
        parts = urlsplit(url)
        name = unquote(parts.path.lstrip("/"))
        create_database(url, name)
        make_roles(url, name, password=unquote(parts.password) if parts.password else None)
        check_server(with_user(url, LOGIN))
    elif problem is not None:
        raise problem


def _reachable(url: str) -> tuple[str, PostgresUnavailable | None]:
    """The address, or that of the server's own database when only ours is missing, with what was wrong with ours."""
    try:
        check_server(url)
    except PostgresUnavailable as problem:
        server = with_database(url, "postgres")
        try:
            check_server(server)
        except PostgresUnavailable:
            raise problem from None
        return server, problem
    return url, None
