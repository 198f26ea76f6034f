"""Five months of one customer: each bill says why it differs from the one before, and the reasons add up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from quarterday.bills.models import Bill
from quarterday.bills.queries import bridge_to
from quarterday.bills.whatif import recount
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import retire_device, set_class
from quarterday.inventory.models import Device
from quarterday.plans.actions import modify_plan
from quarterday.plans.queries import get_plan
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment, restart
from quarterday.subscriptions.models import Subscription
from tests.bills.desk import bill_on, eur, moment
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

APRIL, MAY, JUNE, JULY, AUGUST, SEPTEMBER = (date(2026, month, 1) for month in range(4, 10))


@pytest.fixture(autouse=True)
def shop(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        # Every change of this story would be held for a person otherwise.
        open_shop(count_change_percent=100, total_change_percent=200)
        yield


def why(day: date) -> list[tuple[str, Decimal]]:
    """Bill a month, and say why it differs: kinds and amounts, whose sum is the difference of the totals."""
    before = Bill.objects.order_by("-pk").first()
    bill_on(day)
    bill = Bill.objects.select_related("issue").order_by("-pk")[0]
    told = bridge_to(bill)
    if told is None:
        return []
    assert before is not None
    assert sum(reason.amount for reason in told.bridge.reasons) == bill.total - before.total
    return [(reason.kind, reason.amount) for reason in told.bridge.reasons]


def test_a_customer_whose_every_month_is_different() -> None:
    customer: Customer = a_customer()
    gold = a_plan(late_policy="catch_up")
    subscription: Subscription = a_subscription(customer, gold, review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 #>\nSRV server #>", start=APRIL)

    assert why(MAY) == []

    # May: a computer comes, and a visit is charged once.
    present(customer, "PC-3 #>", start=MAY, learned_at=moment(MAY))
    add_adjustment(customer, text="Visit", amount=Decimal(50), starts_on=MAY, by=BY, now=moment(MAY))
    assert why(JUNE) == [("came", eur("30.00")), ("adjustment", eur("50.00")), ("tax", eur("15.20"))]

    # June: the price of a computer rises by two; the visit is over.
    prices = {"computer": {"unit_price": "32.00"}, "server": {"unit_price": "90.00"}}
    modify_plan(gold, effective_on=JUNE, prices=prices, settled_until=JUNE, by=BY, now=moment(JUNE, 9))
    assert why(JULY) == [("price", eur("6.00")), ("adjustment", eur("-50.00")), ("tax", eur("-8.36"))]

    # July: a computer becomes a server, another goes, and one is learned that was there in June.
    set_class(Device.objects.get(name="PC-1"), device_class="server", on=JULY, by=BY, now=moment(JULY, 9))
    retire_device(Device.objects.get(name="PC-2"), on=date(2026, 7, 20), by=BY, now=moment(date(2026, 7, 20)))
    present(customer, "PC-0 ##############################", start=JUNE, learned_at=moment(date(2026, 7, 21)))
    assert why(AUGUST) == [
        ("went", eur("-32.00")),
        ("changed_class", eur("58.00")),
        ("catch_up", eur("32.00")),
        ("tax", eur("11.02")),
    ]

    # August: the customer moves to Silver, where a computer costs 20 and a server 95.
    a_plan("Silver", prices={"computer": {"unit_price": "20.00"}, "server": {"unit_price": "95.00"}})
    restart(subscription, on=AUGUST, plan=get_plan("Silver"), by=BY, now=moment(AUGUST, 9))
    assert why(SEPTEMBER) == [("plan", eur("-2.00")), ("catch_up", eur("-32.00")), ("tax", eur("-6.46"))]

    # What would peak have cost in July? PC-2 was there until the twentieth: two computers, two servers.
    [july] = recount(customer, Period(JULY, AUGUST), counting="peak")
    assert (july.net, july.billed) == (eur("244.00"), eur("212.00"))
    [as_known_then] = recount(customer, Period(JUNE, JULY), known_at=moment(JULY))
    assert (as_known_then.net, as_known_then.billed) == (eur("186.00"), eur("218.00"))
