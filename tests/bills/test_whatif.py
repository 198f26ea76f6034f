"""The time machine: past periods counted again, as known on a day, by another rule, at another price."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from quarterday.bills.whatif import Change, recount, replay
from quarterday.customers.models import Customer
from quarterday.engine.facts import ClassPrice
from quarterday.engine.periods import Period
from quarterday.inventory.actions import except_device
from quarterday.plans.models import Plan
from quarterday.plans.queries import get_plan
from quarterday.shared.refusal import Refused
from tests.bills.desk import bill_on, eur, moment
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))
IN_APRIL = Period(APRIL, MAY)
DEARER = Change(prices={"computer": ClassPrice(Decimal(35))})

# Three computers at the most, on the tenth; one on the last day.
FLEET = """
    PC-1  #>
    PC-2  ..........##########..........
    PC-3  .........#####................
"""


def on_gold(name: str = "North Dental", picture: str = FLEET, **fields: Any) -> Customer:
    customer = a_customer(name)
    plan = Plan.objects.filter(name="Gold").first() or a_plan()
    a_subscription(customer, plan, review_first_bill=False, **fields)
    present(customer, picture, start=APRIL)
    return customer


@pytest.mark.parametrize(
    ("counting", "net"),
    [(None, "30.00"), ("at_start", "30.00"), ("peak", "90.00"), ("any_day", "90.00"), ("prorated", "45.00")],
)
def test_a_billed_month_is_counted_by_any_rule(counting: Any, net: str) -> None:
    customer = on_gold()
    bill_on(MAY)

    [april] = recount(customer, IN_APRIL, counting=counting)

    assert (april.net, april.billed) == (eur(net), eur("30.00"))
    assert april.difference == eur(net) - 30
    assert (april.plan_counting, april.counting) == ("at_end", counting or "at_end")


def test_a_month_is_counted_as_it_was_known_and_as_it_is_known_now() -> None:
    customer = on_gold(picture="PC-1 #>")
    bill_on(MAY)
    late = present(customer, "PC-2 #>", start=APRIL, learned_at=moment(date(2026, 5, 10)))
    days = Period(APRIL, date(2026, 8, 1))
    now = moment(date(2026, 5, 20))
    except_device(late["PC-2"], days=days, reason="spare", agreed_by="Clara", now=now, by=BY)

    def known(on: date | None) -> Decimal:
        [april] = recount(customer, IN_APRIL, known_at=None if on is None else moment(on))
        return april.net

    assert [known(MAY), known(date(2026, 5, 15)), known(date(2026, 5, 25)), known(None)] == [30, 60, 30, 30]


def test_a_month_in_advance_is_counted_by_its_rule_at_its_end() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(timing="advance", counting="peak"), review_first_bill=False)
    present(customer, FLEET, start=APRIL)
    bill_on(APRIL)
    bill_on(MAY)

    [april] = recount(customer, IN_APRIL)

    # One computer on the first of April, and a true-up of two more.
    assert (april.net, april.billed) == (eur("90.00"), eur("90.00"))


def test_a_month_that_is_not_billed_yet_or_not_over_says_so() -> None:
    customer = on_gold()

    [april] = recount(customer, IN_APRIL)
    assert (april.net, april.billed, april.difference) == (eur("30.00"), None, None)
    assert recount(customer, Period(APRIL, date(2026, 4, 20))) == []


def test_a_new_price_is_replayed_on_the_last_months_of_each_customer() -> None:
    north, south = on_gold(), on_gold("South Dental", "PC-1 #>\nPC-2 #>\nSRV server #>")

    answer = replay(get_plan("Gold"), [north, south], DEARER, today=date(2026, 6, 15))

    assert [(each.customer.name, each.period_count, each.before, each.after) for each in answer] == [
        ("North Dental", 2, eur("60.00"), eur("70.00")),
        ("South Dental", 2, eur("300.00"), eur("320.00")),
    ]
    assert [each.difference for each in answer] == [eur("10.00"), eur("20.00")]


def test_prices_agreed_with_a_customer_stand_above_a_new_price_and_do_not_follow_to_another_plan() -> None:
    north = on_gold(picture="PC-1 #>", prices={"computer": {"unit_price": "20.00"}})
    a_plan("Silver", prices={"computer": {"unit_price": "25.00"}}, counting="any_day")

    [dearer] = replay(get_plan("Gold"), [north], DEARER, today=MAY)
    [silver] = replay(get_plan("Gold"), [north], Change(instead=get_plan("Silver")), today=MAY)

    assert (dearer.before, dearer.after) == (eur("20.00"), eur("20.00"))
    assert (silver.before, silver.after) == (eur("20.00"), eur("25.00"))


def test_another_counting_rule_is_replayed() -> None:
    customer = on_gold()

    [north] = replay(get_plan("Gold"), [customer], Change(counting="peak"), today=MAY)

    assert (north.before, north.after) == (eur("30.00"), eur("90.00"))


@pytest.mark.parametrize(
    ("change", "months", "says"),
    [(Change(), 12, "say what is to be tried"), (DEARER, 0, "say 1 to 60"), (DEARER, 61, "say 1 to 60")],
)
def test_a_replay_of_nothing_is_refused(change: Change, months: int, says: str) -> None:
    with pytest.raises(Refused, match=says):
        replay(a_plan(), [], change, today=MAY, months=months)


def test_a_plan_in_another_currency_is_no_alternative() -> None:
    with pytest.raises(Refused, match="take a plan in EUR"):
        replay(a_plan(), [], Change(instead=a_plan("Swiss", currency="CHF")), today=MAY)


def test_nothing_changes_by_looking() -> None:
    customer = on_gold()
    bill_on(MAY)
    written = _written()

    recount(customer, IN_APRIL, counting="peak", known_at=moment(MAY))
    replay(get_plan("Gold"), [customer], DEARER, today=JUNE)

    assert _written() == written
    # The measure can fail: one more device is seen by it.
    present(customer, "PC-9 #>", start=MAY)
    assert _written() != written


def _written() -> list[Any]:
    """How many rows this transaction has inserted, updated or deleted, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables ORDER BY 1")
        return cursor.fetchall()
