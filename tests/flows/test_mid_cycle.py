"""Changes in the middle of a cycle, done as people do them, cost what the engine's own scenario says.

Each verb is done on the first, the last and some other days of April, for a customer of its own, in arrears and in
advance. In advance April is billed before anybody knows, so the bills reach the same sum by true-ups and credits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.engine.periods import Cycle
from quarterday.engine.scenario import run_scenario
from quarterday.plans.models import Plan
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import associate, disassociate, restart
from quarterday.subscriptions.models import Subscription
from tests.bills.desk import bill_on, moment
from tests.bills.ledger import present
from tests.engine.story import story
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

MARCH, APRIL, JUNE = date(2026, 3, 1), date(2026, 4, 1), date(2026, 6, 1)
DAYS = [date(2026, 4, number) for number in (1, 2, 15, 29, 30)]
PRICES = {"computer": {"unit_price": "30.00"}}
FEES = {"gold": "60.00", "dear": "150.00"}
WEEK: dict[str, Any] = {"cycle": {"every": 1, "unit": "week"}}


@dataclass(frozen=True)
class Change:
    """A verb: what a person does on a day (or learns some days later), and how a scenario tells the same."""

    act: Callable[[Subscription, date], None]
    told: Callable[[date], list[dict[str, Any]]]
    learned_after: int = 0


def subscription(plan: str = "gold", /, **told: Any) -> dict[str, Any]:
    return {"plan": plan, **{name: str(day) if isinstance(day, date) else day for name, day in told.items()}}


def end(of: Subscription, day: date) -> None:
    disassociate([of], last_day=day, by=BY, now=moment(day, 12))


def end_and_come_back(of: Subscription, day: date) -> None:
    end(of, day)
    again = day + timedelta(days=3)
    associate(
        of.plan, [of.customer], starts_on=again, billed_from=again, review_first_bill=False, by=BY, now=moment(day)
    )


def move(of: Subscription, day: date) -> None:
    dear = Plan.objects.get(name=of.plan.name.replace("gold", "dear"))
    restart(of, on=day, plan=dear, by=BY, now=moment(day, 12))


def bill_weekly(of: Subscription, day: date) -> None:
    restart(of, on=day, cycle=Cycle(1, "week"), by=BY, now=moment(day, 12))


def next_day(day: date) -> date:
    return day + timedelta(days=1)


CHANGES = {
    "ended": Change(end, lambda day: [subscription(starts_on=MARCH, ends_on=next_day(day))]),
    "ended, as we learn later": Change(
        end, lambda day: [subscription(starts_on=MARCH, ends_on=next_day(day))], learned_after=10
    ),
    "associated anew": Change(
        end_and_come_back,
        lambda day: [
            subscription(starts_on=MARCH, ends_on=next_day(day)),
            subscription(starts_on=day + timedelta(days=3)),
        ],
    ),
    "moved to another plan": Change(
        move, lambda day: [subscription(starts_on=MARCH, ends_on=day), subscription("dear", starts_on=day)]
    ),
    "billed by the week": Change(
        bill_weekly, lambda day: [subscription(starts_on=MARCH, ends_on=day), subscription(starts_on=day, **WEEK)]
    ),
}


@pytest.fixture(autouse=True)
def shop(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


def a_served_customer(name: str, timing: str) -> Subscription:
    """Since March, with one computer."""
    plan = Plan.objects.filter(name=f"gold {timing}").first()
    if plan is None:
        for grade, fee in FEES.items():
            fields = {"prices": PRICES, "flat_fee": fee, "counting": "prorated", "timing": timing}
            plan = a_plan(f"{grade} {timing}", **fields)
        plan = Plan.objects.get(name=f"gold {timing}")
    customer = a_customer(name)
    present(customer, "PC-1 #>", start=MARCH, learned_at=moment(MARCH, 1))
    return a_subscription(customer, plan, starts_on=MARCH, billed_from=MARCH, review_first_bill=False)


def by_the_engine(timing: str, told: list[dict[str, Any]]) -> Decimal:
    plans = {
        name: {
            "versions": [{"effective_on": "2026-01-01", "flat_fee": fee, "prices": PRICES}],
            "counting": "prorated",
            "timing": timing,
        }
        for name, fee in FEES.items()
    }
    scenario = story(devices="PC-1 #>", start=str(MARCH), plans=plans, subscriptions=told, until=str(JUNE))
    return sum((Decimal(bill["net"]) for bill in run_scenario(scenario)["bills"]), Decimal(0))


@pytest.mark.sweep
def test_every_change_on_every_kind_of_day_costs_what_the_engine_says() -> None:
    plot: dict[date, list[tuple[Change, Subscription, date]]] = defaultdict(list)
    expected: dict[str, Decimal] = {}
    for timing in ("arrears", "advance"):
        for verb, change in CHANGES.items():
            for day in DAYS:
                name = f"{verb} on {day}, {timing}"
                served = a_served_customer(name, timing)
                expected[name] = by_the_engine(timing, change.told(day))
                plot[day + timedelta(days=change.learned_after)].append((change, served, day))

    today = MARCH
    while today <= JUNE:
        bill_on(today, confirmed=True)
        for change, served, day in plot.pop(today, ()):
            change.act(Subscription.objects.select_related("plan", "customer").get(pk=served.pk), day)
        # The days between tell nothing: nothing is due, and nobody does anything.
        today += timedelta(days=1 if today >= APRIL else 31)

    assert charged() == expected
    assert not plot


def charged() -> dict[str, Decimal]:
    """Customer -> all that its bills and drafts charge, less what its credit notes give back."""
    found: dict[str, Decimal] = dict.fromkeys(Customer.objects.values_list("name", flat=True), Decimal(0))
    for bill in Bill.objects.select_related("customer"):
        found[bill.customer.name] += bill.net if bill.kind == "invoice" else -bill.net
    return found
