from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from quarterday.accounts.models import User
from tests.web.visitor import signed_in

SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What a process remembers (slow figures, who asked how often) outlives a test."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def sign_in(database: None) -> SignIn:
    """A browser without a screen, signed in as a new user of a role, with the customers assigned to it."""
    from datetime import UTC, datetime

    from quarterday.accounts.models import Assignment
    from quarterday.shared.database import acting
    from quarterday.shared.scope import Scope

    def sign_in(role: str = "admin", *, customers: list[int] | None = None) -> Client:
        user = User.objects.create_user(f"{role}@msp.example", "a long password", role=role, name=role.title())
        with acting(Scope.all()):
            for customer_id in customers or []:
                Assignment.objects.create(
                    user=user, customer_id=customer_id, assigned_at=datetime(2026, 1, 1, tzinfo=UTC), assigned_by="test"
                )
        return signed_in(user)

    return sign_in
