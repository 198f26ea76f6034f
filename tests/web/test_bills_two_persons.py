"""Above the provider's amount two persons release a bill: the page says who has, and that another one has to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from quarterday.provider.actions import change_provider
from quarterday.provider.queries import get_provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import BY
from tests.web.bills_desk import billed, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import text_of

NOW = datetime(2026, 5, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    open_the_shop()


def test_the_first_ones_word_is_kept_and_the_second_one_issues_it(sign_in: SignIn) -> None:
    with acting(Scope.all()):
        change_provider(get_provider(), two_persons_above=178, by=BY, now=NOW)
    (draft,) = billed("North Dental")
    address = f"/billing/bills/{draft.pk}/"
    clerk, admin = sign_in("clerk"), sign_in("admin")

    assert "The total is above 178 EUR: two persons have to release it." in page(clerk, address)
    assert "has released it" not in page(clerk, address)
    clerk.post(f"{address}release/", follow=True)
    assert "Clerk has released it; another person has to, too." in page(admin, address)
    again = text_of(clerk.post(f"{address}release/", follow=True))
    assert "You have agreed already." in again
    admin.post(f"{address}release/", follow=True)

    issued = page(admin, address)
    assert "has released it; another" not in issued
    assert "Approved · Clerk" in issued
    assert "Approved · Admin" in issued
    assert "Released as it was reviewed · Admin" in issued


def test_up_to_the_amount_one_person_does(sign_in: SignIn) -> None:
    with acting(Scope.all()):
        change_provider(get_provider(), two_persons_above=179, by=BY, now=NOW)
    (bill,) = billed("North Dental")
    assert bill.issue.number == "INV-2026-00001"
