"""One world a process: made once, and what a test changes in it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import time_machine as clock

if TYPE_CHECKING:
    from tests.databases import Server
    from tests.isolation.world import World


@pytest.fixture(scope="session")
def made_world(database_server: Server, django_db_blocker: Any) -> Iterator[World]:
    """A database with the world in it; Django points elsewhere again."""
    from tests.databases import pointing_django_at
    from tests.isolation.world import TODAY, make_world

    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy), clock.travel(TODAY, tick=False):
            world = make_world(copy)
        yield world
        database_server.drop(copy)


@pytest.fixture(scope="module")
def standing_world(made_world: World, django_db_blocker: Any) -> Iterator[World]:
    """The world, for the tests of one file."""
    from tests.databases import pointing_django_at
    from tests.isolation.world import TODAY

    with django_db_blocker.unblock(), pointing_django_at(made_world.database), clock.travel(TODAY, tick=False):
        yield made_world


@pytest.fixture
def world(standing_world: World) -> Iterator[World]:
    """The world as it was made."""
    from django.core.cache import cache
    from django.db import transaction

    cache.clear()
    with transaction.atomic():
        yield standing_world
        transaction.set_rollback(True)
