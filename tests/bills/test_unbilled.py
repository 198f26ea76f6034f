"""What brings nothing in, and when the next bills come."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from quarterday.bills.due import SubscriptionCase, next_billing_date
from quarterday.bills.queries import exception_register, next_billing_dates, unbilled_devices
from quarterday.bills.run import run_billing
from quarterday.engine.periods import Cycle, Period
from quarterday.inventory.actions import except_device
from quarterday.inventory.models import Device
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.models import Subscription
from tests.inventory.ledger import days_later, sync
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

pytestmark = pytest.mark.database

FLEET = """
    North  1  FRONT   computer
    North  2  SRV     server
    North  3  PHONE   mobile
    North  4  TABLET  mobile
    South  5  DESK    computer
"""


@pytest.fixture(autouse=True)
def scope(database):
    with acting(Scope.all()):
        open_shop()
        north, _south = a_customer("North"), a_customer("South")
        sync(FLEET, days_later(0))
        a_subscription(north, a_plan())
        yield


def test_devices_that_no_plan_prices_are_counted_by_customer_and_class():
    rows = [
        (row.customer, row.device_class, row.device_count, row.plans) for row in unbilled_devices(on=date(2026, 4, 2))
    ]
    assert rows == [("North", "mobile", 2, ("Gold",)), ("South", "computer", 1, ())]


def test_a_customer_whose_plans_price_less_or_more_than_most_is_counted_by_their_own():
    west, east = a_customer("West"), a_customer("East")
    sync("West 6 SRV2 server\nWest 7 DESK2 computer\nEast 8 PAD mobile\nEast 9 SRV3 server", days_later(1))
    a_subscription(west, a_plan("Desks", prices={"computer": {"unit_price": "20.00"}}))
    a_subscription(east, a_plan("All", prices={name: {"unit_price": "5.00"} for name in ("mobile", "server")}))
    a_subscription(east, a_plan("Computers", prices={"computer": {"unit_price": "7.00"}}))
    rows = [(row.customer, row.device_class, row.device_count) for row in unbilled_devices(on=date(2026, 4, 3))]
    assert rows == [("North", "mobile", 2), ("South", "computer", 1), ("West", "server", 1)]


def test_without_any_plan_every_device_is_unbilled():
    rows = [(row.customer, row.device_class, row.device_count) for row in unbilled_devices(on=date(2026, 3, 31))]
    assert rows == []
    Subscription.objects.update(starts_on=date(2026, 6, 1), billed_from=date(2026, 6, 1))
    rows = [(row.customer, row.device_class, row.device_count) for row in unbilled_devices(on=date(2026, 4, 3))]
    assert rows == [("North", "mobile", 2), ("North", "computer", 1), ("North", "server", 1), ("South", "computer", 1)]


def test_an_excepted_device_is_not_unbilled_and_costs_what_the_bill_loses():
    phone, server = Device.objects.get(external_id="3"), Device.objects.get(external_id="2")
    for device in (phone, server):
        days = Period.since(date(2026, 4, 3))
        except_device(device, days=days, reason="a spare", agreed_by="Ada", now=days_later(2), by=BY)
    rows = [(row.customer, row.device_count) for row in unbilled_devices(on=date(2026, 4, 3))]
    assert rows == [("North", 1), ("South", 1)]
    register = exception_register(today=date(2026, 4, 3))
    told = [(row.device, row.cost, row.agreed_by, row.end, row.ends_in_days) for row in register]
    assert told == [("PHONE", None, "Ada", None, None), ("SRV", Decimal("90.00"), "Ada", None, None)]
    assert exception_register(today=date(2026, 4, 3), within_days=14) == []
    assert exception_register(today=date(2026, 4, 3), search="nobody") == []


def test_a_scope_sees_only_its_own_unbilled_devices():
    south = Device.objects.get(external_id="5").customer_id
    with acting(Scope.of(south)):
        assert [row.customer for row in unbilled_devices(on=date(2026, 4, 2))] == ["South"]


def test_the_next_bill_of_a_subscription_is_that_of_its_first_unclaimed_period():
    west = a_customer("West")
    in_advance = a_subscription(west, a_plan("Advance", timing="advance"), starts_on=date(2026, 4, 15))
    quarterly = a_subscription(west, a_plan("Silver"), starts_on=date(2026, 4, 1), cycle=Cycle(3, "month"))
    assert next_billing_dates([west.pk]) == {
        west.pk: {in_advance.pk: date(2026, 4, 15), quarterly.pk: date(2026, 7, 1)}
    }


def test_once_a_period_is_billed_the_next_bill_is_that_of_the_one_after_it():
    north = Subscription.objects.get().customer_id
    assert list(next_billing_dates([north])[north].values()) == [date(2026, 5, 1)]
    run_billing(at=datetime(2026, 5, 1, 7, tzinfo=UTC), by=BY, confirmed=True)
    assert list(next_billing_dates([north])[north].values()) == [date(2026, 6, 1)]


def billed_until(*ends: date, ends_on: date | None = None) -> SubscriptionCase:
    """A monthly subscription since 1 April, of which the periods up to these ends are claimed."""
    starts = [date(2026, 4, 1), *ends]
    periods = tuple(Period(start, end) for start, end in zip(starts, ends, strict=False))
    return SubscriptionCase(
        *(1, 1, 1, "Gold", "EUR", "arrears", "at_end", "ask", date(2026, 4, 1), date(2026, 4, 1), ends_on),
        *("prorated", 1, "month", None, 0, 14, [], False, False, ""),
        claimed={"period": periods} if periods else {},
    )


def test_what_is_billed_has_its_next_bill_later_and_what_is_over_none():
    may, june = date(2026, 5, 1), date(2026, 6, 1)
    assert next_billing_date(billed_until()) == may
    assert next_billing_date(billed_until(may)) == june
    assert next_billing_date(billed_until(may, ends_on=date(2026, 5, 16))) == date(2026, 5, 16)
    assert next_billing_date(billed_until(may, ends_on=may)) is None
