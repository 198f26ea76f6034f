"""Where the device-days went, and what was learned late: what the pages say, and what they ask at any size."""

from __future__ import annotations

import pytest

from quarterday.bills.actions import look_back
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import moment
from tests.bills.ledger import present
from tests.web.bills_desk import APRIL, MAY, billed, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.test_bills_pages import asked

CONSERVATION = "/billing/conservation/?month=2026-04"


@pytest.fixture(autouse=True)
def shop(database: None, time_machine: object) -> None:
    time_machine.move_to(moment(MAY, 12))  # type: ignore[attr-defined]
    open_the_shop()


def test_a_month_adds_up_and_tells_the_money_lost(sign_in: SignIn) -> None:
    [bill] = billed("North Dental")
    with acting(Scope.all()):
        present(bill.customer, "PHONE mobile #>", start=APRIL)

    shown = page(sign_in("auditor"), CONSERVATION)

    assert "Where the device-days of April 2026 went" in shown
    assert "Billed 90" in shown
    assert "Unbilled 30" in shown
    assert "Device-days in the ledger 120 They add up" in shown
    assert "North Dental 90 0 0 0 0 0 30 0 120 –" in shown


@pytest.mark.parametrize("address", ["/billing/conservation/", "/billing/conservation/?month=nonsense&q=x&page=zero"])
def test_a_month_that_cannot_be_read_is_the_present_one(sign_in: SignIn, address: str) -> None:
    assert "of May 2026 went" in page(sign_in("clerk"), address)


def test_a_contact_sees_the_days_of_their_own_customer_only(sign_in: SignIn) -> None:
    north, _south = billed("North Dental", "South Law")

    shown = page(sign_in("customer_admin", customers=[north.customer_id]), CONSERVATION)

    assert "Device-days in the ledger 90 They add up" in shown
    assert "South" not in shown


def test_a_large_month_is_counted_when_it_is_asked_for_and_says_since_when(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quarterday.web.bills.accounting.LARGE", 2)
    billed("North Dental")
    clerk = sign_in("clerk")

    waits, counted, kept = (page(clerk, f"{CONSERVATION}{rest}") for rest in ("", "&count=now", ""))

    assert "Count them" in waits
    assert "Device-days in the ledger" not in waits
    assert "Device-days in the ledger 90 They add up" in counted
    assert "what happened since" not in counted
    assert "Device-days in the ledger 90 They add up" in kept
    assert "; what happened since is not in it. Count again" in kept


def test_a_link_that_leads_on_from_a_counted_month_counts_nothing_again(sign_in: SignIn) -> None:
    billed("North Dental")

    counted = sign_in("clerk").get(f"{CONSERVATION}&q=north&count=now").content.decode()

    assert 'rel="prev" href="?month=2026-03&amp;q=north"' in counted
    assert "count=now" not in counted


@pytest.mark.parametrize("names", [("A",), ("A", "B", "C")])
def test_the_days_are_accounted_for_with_the_same_questions_at_any_size(
    sign_in: SignIn, names: tuple[str, ...]
) -> None:
    billed(*names)

    status, queries = asked(sign_in("clerk"), CONSERVATION)

    assert status == 200
    assert len(queries) == 12, "\n".join(queries)


@pytest.mark.parametrize("names", [("A",), ("A", "B", "C")])
def test_the_queue_of_late_truths_asks_the_same_questions_at_any_size(sign_in: SignIn, names: tuple[str, ...]) -> None:
    bills = billed(*names)
    with acting(Scope.all()):
        for bill in bills:
            present(bill.customer, "PC-9 #>", start=APRIL, learned_at=moment(MAY, 12))
    assert look_back(now=moment(MAY, 13)) == len(names)

    status, queries = asked(sign_in("clerk"), "/billing/bills/late/")

    assert status == 200
    assert len(queries) == 6, queries
