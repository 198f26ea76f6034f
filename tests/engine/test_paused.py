"""Paused days: what a subscription does not charge of a device that was not heard of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quarterday.engine.calculate import calculate_bill
from quarterday.engine.facts import BillingFacts, DeviceException, PeriodDue
from quarterday.engine.periods import Period
from quarterday.engine.stored_facts import facts_from_bytes, facts_to_bytes
from tests.engine.draw import draw
from tests.engine.facts_of import APRIL, billed_by, facts_of, sentences, unit

PCS = draw("PC-1 #>\nPC-2 #>", start=APRIL.start)


def paused(facts: BillingFacts, device: str, days: Period) -> BillingFacts:
    [subscription] = facts.subscriptions
    return replace(facts, subscriptions=(replace(subscription, paused=(DeviceException(device, days),)),))


def april(counting: str, days: Period) -> BillingFacts:
    return paused(facts_of(PCS, prices={"computer": unit("30.00")}, subscription={"counting": counting}), "PC-2", days)


@pytest.mark.parametrize(
    ("counting", "net"),
    [("prorated", "45.00"), ("at_end", "30.00"), ("at_start", "60.00"), ("any_day", "60.00"), ("peak", "60.00")],
)
def test_paused_days_are_not_there_whatever_the_rule(counting: str, net: str) -> None:
    assert calculate_bill(april(counting, Period.since(date(2026, 4, 16)))).net == Decimal(net)


def test_a_device_that_is_heard_again_counts_again_from_that_day() -> None:
    assert calculate_bill(april("prorated", Period(date(2026, 4, 16), date(2026, 4, 21)))).net == Decimal("55.00")


def test_another_subscription_of_the_customer_charges_the_device_all_the_same() -> None:
    facts = april("at_end", Period.since(date(2026, 4, 16)))
    other = replace(facts.subscriptions[0], id="other", paused=())

    assert calculate_bill(replace(facts, subscriptions=(*facts.subscriptions, other))).net == Decimal("90.00")


def test_a_pause_that_begins_after_a_bill_in_advance_is_trued_up() -> None:
    told: dict[str, Any] = {
        "prices": {"computer": unit("30.00")},
        "subscription": {"counting": "prorated", "timing": "advance"},
    }
    billed = billed_by(calculate_bill(facts_of(PCS, **told)))
    settled = facts_of(PCS, periods=(PeriodDue(APRIL, APRIL, "settlement", billed),), **told)

    draft = calculate_bill(paused(settled, "PC-2", Period.since(date(2026, 4, 16))))

    assert sentences(draft) == ["true_up computer: -15 x 30.00 / 30 = -15.00"]


def test_paused_days_are_stored_with_the_facts() -> None:
    facts = april("prorated", Period(date(2026, 4, 16), date(2026, 6, 1)))

    assert facts_from_bytes(facts_to_bytes(facts)).subscriptions[0].paused == facts.subscriptions[0].paused
    assert b"paused" not in facts_to_bytes(facts_of(PCS))
