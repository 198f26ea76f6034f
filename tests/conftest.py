"""What tests can ask for. A test that asks for no database starts none.

    def test_a(database): ...          the application's own connection; everything is rolled back afterwards
    def test_b(fresh_database): ...    a database of its own: real commits, threads, other processes

`@pytest.mark.database` is the same as asking for `database`. Both log in as the application does, so a test reads
and writes rows inside `acting(scope)`, like all code.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.settings import ROOT

if TYPE_CHECKING:
    from tests.databases import Database, Server


PLACES = {"browser": 0, "worker": 0, "engine": 2}
"""Which folders' tests come first, and which last."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", type=Path, metavar="FOLDER", help="keep browser tests' pictures in this folder")


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> Path | None:
    """Where `make screenshots` wants pictures to be kept; None in an ordinary run."""
    folder: Path | None = request.config.getoption("--screenshots")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test that is marked its database, and a test that asks for a database its mark.

    Those that wait for browsers and workers come first and the quick ones last, so that no core is idle at the end.
    """
    items.sort(key=lambda item: PLACES.get(item.path.relative_to(ROOT).parts[1], 1))
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.get_closest_marker("database") and "fresh_database" not in fixtures:
            item.add_marker(pytest.mark.django_db)
        elif {"database", "fresh_database", "db"} & set(fixtures):
            item.add_marker(pytest.mark.database)


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among what stays anyway: a tenth of the time that tests take."""
    gc.freeze()
    gc.set_threshold(500_000, 50, 100)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: one of them waits for a browser, a mail server or the database."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def _templates_as_in_an_installation(django_test_environment: None) -> None:
    """Django's test client would keep a copy of what each template was given, which no test asks for."""
    from django.template import Template
    from django.test.utils import _TestState

    Template._render = _TestState.saved_data.template_render


@pytest.fixture(scope="session")
def database_server(django_db_blocker: Any) -> Iterator[Server]:
    """The PostgreSQL server that all test processes share."""
    from tests.databases import Server

    with django_db_blocker.unblock():
        server = Server(ROOT / "var" / "tests", given=os.environ["QUARTERDAY_TEST_SERVER"])
        yield server
        server.close()


@pytest.fixture(scope="session")
def django_db_setup(database_server: Server, django_db_blocker: Any) -> Iterator[None]:
    """Instead of pytest-django's own: this process's copy of the template, and Django pointed at it."""
    from tests.databases import pointing_django_at

    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy):
            yield
        database_server.drop(copy)


@pytest.fixture
def database(db: None) -> None:
    """A database whose changes are rolled back when the test ends."""


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, database_server: Server, django_db_blocker: Any
) -> Iterator[Database]:
    """A database of the test's own, where it can commit and let other threads and processes in."""
    from tests.databases import pointing_django_at

    if {"database", "db"} & set(request.fixturenames):
        pytest.fail("A test asks for `database` or for `fresh_database`, not for both.")
    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy):
            yield copy
        database_server.drop(copy)
