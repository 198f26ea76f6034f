from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.outbox.post import ScriptedPost, scripted_post

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def post() -> Iterator[ScriptedPost]:
    with scripted_post() as server:
        yield server


@pytest.fixture
def two_customers(database: None) -> tuple[int, int]:
    """The ids of two customers who must not see each other."""
    from quarterday.customers.models import Customer

    with acting(Scope.all()):
        rows = [
            Customer.objects.create(
                number=name, name=name, country="DE", time_zone="Europe/Berlin", currency="EUR", created_at=NOON
            )
            for name in ("North", "South")
        ]
    return rows[0].pk, rows[1].pk
