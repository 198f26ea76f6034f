"""One world a file: made once, and what a test changes in it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import time_machine as clock

if TYPE_CHECKING:
    from tests.databases import Server
    from tests.isolation.world import World


@pytest.fixture(scope="module")
def standing_world(database_server: Server, django_db_blocker: Any) -> Iterator[World]:
    """A database with the world in it, for the tests of one file."""
    from tests.databases import pointing_django_at
    from tests.isolation.world import TODAY, make_world

    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy), clock.travel(TODAY, tick=False):
            yield make_world(copy)
        database_server.drop(copy)


@pytest.fixture
def world(standing_world: World) -> Iterator[World]:
    """The world as it was made."""
    from django.core.cache import cache
    from django.db import transaction

    cache.clear()
    with transaction.atomic():
        yield standing_world
        transaction.set_rollback(True)
