"""A disputed bill, or a line of it, is left out of the reminders from the bill's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.web.bills_desk import billed, fill, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import text_of


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-05-02T09:00:00+00:00", tick=False)
    open_the_shop()


@pytest.fixture
def clerk(sign_in: SignIn) -> Client:
    return sign_in("clerk")


def test_a_line_is_paused_to_a_day_and_all_is_resumed(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    address = f"/billing/bills/{bill.pk}/pause/"

    assert "What is disputed" in page(clerk, address)
    missing = fill(clerk, address, line="1")
    assert "This field is required." in text_of(missing)
    over = fill(clerk, address, line="1", until="2026-05-01", reason="not theirs")
    assert "2026-05-01 is over: choose a day to come, or none." in text_of(over)
    fill(clerk, address, line="1", until="2026-05-31", reason="not theirs")
    fill(clerk, address, line="", reason="all of it")

    shown = page(clerk, address)
    assert "Line 1 to the end of 31 May 2026: not theirs (Clerk)" in shown
    assert "The whole bill: all of it (Clerk)" in shown
    resumed = text_of(clerk.post(address, {"resume": "yes"}, follow=True))
    assert "What is open of INV-2026-00001 is reminded of again." in resumed
    assert "Reminders paused · Clerk" in resumed
    assert "Its reminders are not paused." in text_of(clerk.post(address, {"resume": "yes"}, follow=True))


@pytest.mark.parametrize("role", ["auditor", "customer_admin"])
def test_who_only_reads_cannot_pause(sign_in: SignIn, role: str) -> None:
    (bill,) = billed("North Dental")

    assert sign_in(role, customers=[bill.customer_id]).get(f"/billing/bills/{bill.pk}/pause/").status_code == 403
