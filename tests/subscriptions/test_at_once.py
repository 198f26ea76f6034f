"""Two people at once: nobody gets a plan twice, no number is given twice, and the later one is told in words."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

from django.db import connections

from quarterday.customers.queries import customer_list, get_customer
from quarterday.plans.actions import modify_plan
from quarterday.plans.queries import get_plan, versions_of
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import archive_customer, associate, disassociate
from quarterday.subscriptions.models import Subscription
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

APRIL = date(2026, 4, 1)


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Run the acts at the same moment, each in its own transaction; "done" or the refusal of each, sorted."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        try:
            ready.wait()
            with acting(Scope.all()):
                act()
        except Refused as refused:
            return str(refused)
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts), key=lambda answer: (answer != "done", answer))


def set_up() -> None:
    with acting(Scope.all()):
        open_shop()
        a_customer()
        a_plan()


def test_a_plan_associated_by_eight_at_once_is_there_once(fresh_database: Any) -> None:
    set_up()

    def act() -> None:
        associate(get_plan("Gold"), [get_customer("C-0001")], starts_on=APRIL, by=BY, now=NOW)

    first, *others = at_once(*[act] * 8)

    assert first == "done"
    assert {"customer C-0001: North Dental has Gold already" in answer for answer in others} == {True}
    with acting(Scope.all()):
        assert Subscription.objects.count() == 1


def test_a_customer_is_archived_or_associated_and_never_both(fresh_database: Any) -> None:
    set_up()

    answers = at_once(
        lambda: associate(get_plan("Gold"), [get_customer("C-0001")], starts_on=APRIL, by=BY, now=NOW),
        lambda: archive_customer(get_customer("C-0001"), on=APRIL, by=BY, now=NOW),
    )

    assert answers[0] == "done"
    assert "is archived: restore it first" in answers[1] or "still has a plan on 2026-04-01" in answers[1]


def test_customers_added_at_once_get_numbers_of_their_own(fresh_database: Any) -> None:
    assert at_once(*[lambda: a_customer()] * 6) == ["done"] * 6

    with acting(Scope.all()):
        assert sorted(customer.number for customer in customer_list()) == [f"C-000{n}" for n in range(1, 7)]


def test_an_end_set_by_two_at_once_is_the_first_ones(fresh_database: Any) -> None:
    set_up()
    with acting(Scope.all()):
        subscription = a_subscription(get_customer("C-0001"), get_plan("Gold"))

    answers = at_once(
        *(lambda day=day: disassociate([subscription], last_day=date(2026, 4, day), by=BY, now=NOW) for day in (20, 21))
    )

    assert answers[0] == "done"
    assert "has ended on 2026-04-2" in answers[1]


def test_a_plan_modified_by_two_at_once_for_one_day_has_one_version(fresh_database: Any) -> None:
    set_up()

    def act() -> None:
        prices = {"computer": {"unit_price": "31"}}
        modify_plan(get_plan("Gold"), effective_on=date(2026, 5, 1), prices=prices, settled_until=None, by=BY, now=NOW)

    first, second = at_once(act, act)

    assert (first, "has a version already" in second) == ("done", True)
    with acting(Scope.all()):
        (versions,) = versions_of([get_plan("Gold")]).values()
    assert len(versions) == 2
