"""Live through a scenario as an installation does: day by day, with files, runs and a clock that is an argument.

    bills, run_days = live(scenario(4711), random.Random(4711))

The plans, the association, the charges and the end are entered before the first day, as scenario.md has it. After that
each day on which something happens begins with an inventory of the devices that are there, and ends with a billing
run, which sometimes breaks off and is started again, and sometimes is started twice. Where no charge depends on the
day of issue, nobody bills on some days, and the next run catches up. What comes out is read from the tables and told as
scenario.md tells it, so that it can be held against `oracle.answer`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from quarterday.bills.actions import recount_bill, release_bill
from quarterday.bills.models import Bill, BillLine
from quarterday.bills.queries import drafts_to_review
from quarterday.bills.run import run_billing
from quarterday.customers.models import Customer
from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import Cycle
from quarterday.inventory.actions import apply_snapshot
from quarterday.inventory.models import Device
from quarterday.inventory.snapshot import SeenCustomer, SeenDevice, Snapshot
from quarterday.plans.actions import create_plan, modify_plan
from quarterday.plans.models import Plan
from quarterday.provider.actions import add_device_class
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from quarterday.subscriptions.actions import add_adjustment, associate, disassociate
from quarterday.subscriptions.models import Subscription
from tests.engine.oracle.days import boundary
from tests.shop import BY, a_customer, open_shop

INVENTORY_AT = time(4)
BILLED_AT = time(7)
OUTAGES = 0.3
TWO_PERSONS = (BY, Actor("person", "Otto Owner", 2))
BREAKS = ("collected", "calculated", "written", "numbered")


class Broken(Exception):
    """A process that ends in the middle of a run."""


def live(scenario: dict[str, Any], rng: random.Random) -> tuple[list[dict[str, Any]], list[date]]:
    """The bills of a scenario's customer, in the form of scenario.md but for texts, taxes and periods; the run days."""
    days = list(_days_of(scenario))
    with acting(Scope.all()):
        customer, subscriptions = _agreed(scenario, days[0])
    run_days = []
    for day in days:
        with acting(Scope.all()):
            _take_inventory(scenario, customer, day)
        if scenario["adjustments"] or day == days[-1] or rng.random() > OUTAGES:
            _bill(customer, day, rng)
            run_days.append(day)
    with acting(Scope.all()):
        bills = Bill.objects.filter(customer=customer, discard=None).order_by("pk")
        return [_told(bill, subscriptions) for bill in bills], run_days


def _days_of(scenario: dict[str, Any]) -> Iterator[date]:
    """The days on which a device comes or goes, a period starts or ends, up to the last that is billed."""
    last = date.fromisoformat(scenario["bill_until"])
    first = min(date.fromisoformat(each["starts_on"]) for each in scenario["subscriptions"])
    days = {first}
    for device in scenario["devices"]:
        days.update(date.fromisoformat(day) for stay in device["present"] for day in stay if day)
    for each in scenario["subscriptions"]:
        with_defaults = {"cycle": {"every": 1, "unit": "month"}, "billing_day": None, **each}
        number = 0
        while (day := boundary(with_defaults, number)) <= last:
            days.add(day)
            number += 1
        days.update(date.fromisoformat(each[name]) for name in ("starts_on", "ends_on") if each.get(name))
    return iter(sorted(day for day in days if first <= day <= max(first, last)))


def _agreed(scenario: dict[str, Any], first: date) -> tuple[Customer, dict[int, int]]:
    """The customer, and subscription id -> its place in the scenario."""
    told = scenario["customer"]
    now = _at(first, time(1), told["timezone"])
    open_shop()
    add_device_class(key="printer", name="Printer", by=BY, now=now)
    # The guards have tests of their own; here nothing may wait for a person, unless it is beyond all likelihood.
    Provider.objects.update(
        count_change_percent=30_000, count_change_devices=30_000, total_change_percent=30_000, quiet_days_limit=30_000
    )
    customer = a_customer(time_zone=told["timezone"], currency=told["currency"])
    subscriptions = []
    for place, each in enumerate(scenario["subscriptions"]):
        plan = _plan(f"{each['plan']} {place}", scenario["plans"][each["plan"]], told["currency"], now)
        cycle = each.get("cycle", {"every": 1, "unit": "month"})
        starts_on = date.fromisoformat(each["starts_on"])
        [subscription] = associate(
            plan,
            [customer],
            starts_on=starts_on,
            billed_from=starts_on,
            cycle=Cycle(cycle["every"], cycle["unit"]),
            billing_day=each.get("billing_day"),
            due_days=each.get("due_days", 14),
            review_first_bill=False,
            by=BY,
            now=now,
        )
        if each.get("ends_on"):
            last_day = date.fromisoformat(each["ends_on"]) - timedelta(days=1)
            final = each.get("final_period", "prorated")
            disassociate([subscription], last_day=last_day, final_period=final, by=BY, now=now)
        subscriptions.append(subscription)
    for adjustment in scenario["adjustments"]:
        _adjust(customer, subscriptions, adjustment, now)
    return customer, {subscription.pk: place for place, subscription in enumerate(subscriptions)}


def _plan(name: str, told: dict[str, Any], currency: str, now: datetime) -> Plan:
    first, *later = sorted(told["versions"], key=lambda version: version["effective_on"])
    plan = create_plan(
        name=name,
        currency=currency,
        effective_on=date.fromisoformat(first["effective_on"]),
        prices=first["prices"],
        flat_fee=first.get("flat_fee", "0"),
        timing=told.get("timing", "arrears"),
        counting=told.get("counting", ""),
        late_policy="forgive",
        by=BY,
        now=now,
    )
    for version in later:
        modify_plan(
            plan,
            effective_on=date.fromisoformat(version["effective_on"]),
            prices=version["prices"],
            flat_fee=version.get("flat_fee", "0"),
            applies=version.get("applies", "on_day"),
            settled_until=None,
            by=BY,
            now=now,
        )
    return plan


def _adjust(customer: Customer, subscriptions: list[Subscription], told: dict[str, Any], now: datetime) -> None:
    figures: dict[str, Any] = {
        name: Decimal(told[name]) for name in ("amount", "percent", "quantity", "unit_price") if name in told
    }
    if "unit_price" in figures:
        figures.setdefault("quantity", Decimal(1))
    add_adjustment(
        customer,
        text=told["text"],
        starts_on=date.fromisoformat(told["on"]),
        until=date.fromisoformat(told["until"]) if told.get("until") else None,
        times=told.get("times", 1),
        subscription=subscriptions[told["subscription"]] if "subscription" in told else None,
        by=BY,
        now=now,
        **figures,
    )


def _take_inventory(scenario: dict[str, Any], customer: Customer, day: date) -> None:
    """The devices of a day, as a source lists them that night."""
    there = tuple(
        SeenDevice(customer.number, device["id"], device["id"], device["class"], "", {})
        for device in scenario["devices"]
        if any(start <= day.isoformat() and (end is None or day.isoformat() < end) for start, end in device["present"])
    )
    taken_at = _at(day, INVENTORY_AT, customer.time_zone)
    seen = Snapshot(
        source="rmm",
        complete=True,
        taken_at=taken_at,
        as_of=day,
        customers=(SeenCustomer(customer.number, customer.number),),
        devices=there,
    )
    result = apply_snapshot(seen, now=taken_at, by=BY, confirm_drop=True)
    assert result.state == "applied", result


def _bill(customer: Customer, day: date, rng: random.Random) -> None:
    """A morning's run: of four one breaks off somewhere and is started again, one is started twice, one is reviewed."""
    at = _at(day, BILLED_AT, customer.time_zone)
    hour = rng.random()
    is_reviewed = 0.25 <= hour < 0.5
    with acting(Scope.all()):
        Customer.objects.filter(pk=customer.pk).update(review_bills=is_reviewed)
    if hour < 0.25:
        breaks = rng.choice(BREAKS)

        def reached(point: str) -> None:
            if point == breaks:
                raise Broken

        with suppress(Broken):
            run_billing(at=at, by=BY, confirmed=True, conserve=False, reached=reached)
    runs = [run_billing(at=at, by=BY, confirmed=True) for _ in range(2 if hour > 0.75 else 1)]
    for report in runs:
        assert not report.parked, report.parked
        assert not report.waiting, report.waiting
        assert not report.faults, report.faults
    assert not runs[1:] or not runs[1].bills, "the second run of a morning billed something"
    with acting(Scope.all()):
        drafts = list(drafts_to_review())
        if is_reviewed and len(drafts) == 1:
            drafts = [_counted_anew(drafts[0], at)]
        for draft in drafts:
            assert {hold.code for hold in draft.holds.all()} <= {"out_of_bounds", "total_changed", "review"}, draft
            first, second = TWO_PERSONS
            assert release_bill(draft, now=at, by=first) or release_bill(draft, now=at, by=second)


def _counted_anew(draft: Bill, at: datetime) -> Bill:
    """The draft recounted at once: nothing was learned meanwhile, so it says the same."""
    again = recount_bill(draft, now=at, by=BY)
    assert again is not None, draft
    assert bytes(again.content_digest) == bytes(draft.content_digest), (draft, again)
    return again


def _at(day: date, hour: time, zone: str) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(zone))


def _told(bill: Bill, places: dict[int, int]) -> dict[str, Any]:
    names = dict(Device.objects.filter(customer=bill.customer).values_list("pk", "external_id"))
    digits = digits_of(bill.currency)
    # On paper a credit note's amounts are positive.
    sign = -1 if bill.kind == "credit_note" else 1
    told: dict[str, Any] = {
        "issued_on": str(bill.issue.issued_on),
        "due_on": str(bill.issue.due_on),
        "currency": bill.currency,
        "lines": [_line(line, places, names, sign, digits) for line in BillLine.objects.filter(bill=bill)],
        "net": str(round_half_up(sign * bill.net, digits)),
    }
    return told | {"type": "credit_note"} if sign < 0 else told


def _line(line: BillLine, places: dict[int, int], names: dict[int, str], sign: int, digits: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": line.kind,
        "quantity": _plain(sign * line.quantity),
        "per": str(line.per),
        "fraction": str(Fraction(line.fraction)),
        "net": str(round_half_up(sign * line.net, digits)),
    }
    if line.subscription_id is not None:
        told["subscription"] = places[line.subscription_id]
    if line.device_class:
        told["class"] = line.device_class
    if line.unit:
        told["unit"] = line.unit
    if line.unit_price is not None:
        told["unit_price"] = _plain(line.unit_price)
    if line.start_on and line.end_on:
        told |= {"start": str(line.start_on), "end": str(line.end_on)}
    if line.device_ids is not None:
        told["devices"] = [{"id": names[device], "days": days} for device, days in line.evidence]
    return told


def _plain(figure: Decimal) -> str:
    return f"{figure.normalize() + 0:f}"
