"""The bill desk's tests work in a shop that is open, inside one transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import open_shop


@pytest.fixture
def shop(database: None) -> Iterator[None]:
    """A provider with its defaults; everything in one transaction."""
    with acting(Scope.all()):
        open_shop()
        yield
