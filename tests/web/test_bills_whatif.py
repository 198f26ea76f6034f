"""The time machine's pages: the past counted again, a price tried out, and nothing written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from quarterday.plans.queries import get_plan
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.web.paging import one_page
from tests.shop import a_plan
from tests.web.bills_desk import billed, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import counting_queries, text_of


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-05-02T09:00:00+00:00", tick=False)
    open_the_shop()


def gold() -> int:
    with acting(Scope.all()):
        return get_plan("Gold").pk


def test_a_month_is_counted_again_by_another_rule(sign_in: SignIn) -> None:
    bill = billed("North Dental")[0]
    client = sign_in("auditor")
    assert (
        f"/billing/customers/{bill.customer_id}/recount/" in client.get(f"/billing/bills/{bill.pk}/").content.decode()
    )

    asked = "since=2026-04-01&until=2026-04-30&counting=prorated&known_on=2026-05-01"
    shown = page(client, f"/billing/customers/{bill.customer_id}/recount/?{asked}")

    assert "1–30 Apr 2026 Gold" in shown
    assert "Computers: 60 × 30.00 = EUR 60.00 PC-1 (30), PC-2 (30)" in shown
    assert "EUR 150.00 EUR 150.00 EUR 0.00" in shown


def test_without_a_choice_the_last_year_is_counted_again(sign_in: SignIn) -> None:
    bill = billed("North Dental")[0]

    shown = page(sign_in("auditor"), f"/billing/customers/{bill.customer_id}/recount/")

    assert "EUR 150.00 EUR 150.00 EUR 0.00" in shown


def test_days_in_the_wrong_order_are_named(sign_in: SignIn) -> None:
    bill = billed("North Dental")[0]

    asked = f"/billing/customers/{bill.customer_id}/recount/?since=2026-04-30&until=2026-04-01"
    assert "exchange them" in page(sign_in("auditor"), asked)


def test_a_price_is_tried_out_on_real_months(sign_in: SignIn) -> None:
    billed("North Dental", "South Dental")
    client = sign_in("auditor")
    first = client.get(f"/billing/plans/{gold()}/").content.decode()
    assert f"/billing/plans/{gold()}/replay/" in first

    shown = page(client, f"/billing/plans/{gold()}/replay/?price.computer=35&price.server=&months=12")

    assert "North Dental 1 EUR 150.00 EUR 160.00 EUR 10.00" in shown
    assert "Together EUR 300.00 EUR 320.00 EUR 20.00" in shown


def test_another_plan_is_tried_out_and_one_without_prices_is_refused(sign_in: SignIn) -> None:
    billed("North Dental")
    with acting(Scope.all()):
        silver = a_plan("Silver", prices={"computer": {"unit_price": "20.00"}}).pk
        later = a_plan("Later", effective_on=date(2027, 1, 1)).pk
        a_plan("Swiss", currency="CHF")
    address = f"/billing/plans/{gold()}/replay/?months=12&instead="
    client = sign_in("auditor")

    assert "North Dental 1 EUR 150.00 EUR 40.00 EUR −110.00" in page(client, f"{address}{silver}")
    assert "has no prices yet" in page(client, f"{address}{later}")
    assert "Swiss" not in page(client, address)


def test_a_price_is_tried_out_on_chosen_customers_and_on_all_of_any_number(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_page, "__kwdefaults__", {"size": 2})
    monkeypatch.setattr("quarterday.bills.whatif.replaying.CHUNK", 2)
    bills = billed("A", "B", "C", "=D")
    client, asked = sign_in("auditor"), "price.computer=35&months=12"
    address = f"/billing/plans/{gold()}/replay/?{asked}"

    first, second = page(client, address), page(client, f"{address}&page=2")
    chosen = page(client, f"{address}&only={bills[1].customer_id}&only={bills[2].customer_id}")
    answer = client.get(f"/billing/plans/{gold()}/replay.csv?{asked}")
    sums = f"/billing/plans/{gold()}/replay/sum/?{asked}"
    all_of_them = "Together, of all 4 customers Before EUR 600.00 After EUR 640.00 Difference EUR 40.00"

    assert sums.replace("&", "&amp;") in client.get(address).content.decode()
    assert all_of_them in page(client, sums)
    part = text_of(client.get(sums, headers={"HX-Request": "true"}))
    assert part == all_of_them
    assert "Say what is to be tried out" in text_of(
        client.get(f"/billing/plans/{gold()}/replay/sum/?months=12", follow=True)
    )
    assert "Together on this page EUR 300.00 EUR 320.00 EUR 20.00" in first
    assert "B 1 EUR" not in first
    assert "B 1 EUR 150.00 EUR 160.00 EUR 10.00" in second
    assert "Together EUR 300.00 EUR 320.00 EUR 20.00" in chosen
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 5
    assert [line.split(",")[1] for line in lines[1:]] == ["'=D", "A", "B", "C"]
    assert lines[1].endswith(",1,150.00,160.00,10.00,EUR")


def test_the_file_of_a_change_of_nothing_leads_back_to_the_page_that_says_so(sign_in: SignIn) -> None:
    billed("North Dental")

    answer = sign_in("auditor").get(f"/billing/plans/{gold()}/replay.csv?months=12")

    assert answer.headers["Location"] == f"/billing/plans/{gold()}/replay/?months=12"


def test_a_change_of_nothing_says_so(sign_in: SignIn) -> None:
    billed("North Dental")

    assert "Say what is to be tried out" in page(sign_in("auditor"), f"/billing/plans/{gold()}/replay/?months=12")


def test_a_foreign_customer_is_neither_recounted_nor_replayed(sign_in: SignIn) -> None:
    mine, foreign = billed("Mine", "Foreign")
    client = sign_in("customer_admin", customers=[mine.customer_id])

    assert client.get(f"/billing/customers/{foreign.customer_id}/recount/").status_code == 404
    shown = client.get(f"/billing/plans/{gold()}/replay/?price.computer=35&months=12").content.decode()
    assert "Foreign" not in shown


@pytest.mark.parametrize("names", [("A",), ("A", "B", "C")])
def test_the_pages_ask_the_same_questions_at_any_size(sign_in: SignIn, names: tuple[str, ...]) -> None:
    customer = billed(*names)[0].customer_id
    client = sign_in("clerk")
    for address in (
        f"/billing/customers/{customer}/recount/?since=2026-04-01&until=2026-04-30",
        f"/billing/plans/{gold()}/replay/?price.computer=35&months=12",
    ):
        with counting_queries() as queries:
            assert client.get(address).status_code == 200
        assert len(queries) == 9, queries
