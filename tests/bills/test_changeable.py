"""From which day prices and contracts may still be changed: what bills have settled and used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from quarterday.bills.changeable import (
    end_is_billed,
    own_terms_are_used,
    plan_settled_until,
    plan_version_is_used,
    settled_until,
)
from quarterday.bills.models import PeriodClaim
from quarterday.plans.actions import modify_plan
from quarterday.plans.queries import get_version
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import agree_terms, disassociate
from quarterday.subscriptions.models import Subscription
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
LATER = NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


def claim(subscription: Subscription, start: date, end: date, **fields: Any) -> PeriodClaim:
    days = (start, end)
    given = {"part": "period", "period": days, "full_period": days, "outcome": "empty", "claimed_at": LATER, **fields}
    return PeriodClaim.objects.create(subscription=subscription, customer_id=subscription.customer_id, **given)


def test_in_arrears_a_bill_settles_its_period() -> None:
    plan = a_plan()
    north, south = (a_subscription(a_customer(name), plan) for name in ("North", "South"))
    assert plan_settled_until(plan) is None

    claim(north, APRIL, MAY)

    assert settled_until([north.pk, south.pk]) == {north.pk: MAY, south.pk: None}
    assert plan_settled_until(plan) == MAY


def test_in_advance_only_the_true_up_settles_it() -> None:
    plan = a_plan(timing="advance")
    subscription = a_subscription(a_customer(), plan)
    claim(subscription, MAY, JUNE)
    assert plan_settled_until(plan) is None

    claim(subscription, APRIL, MAY, part="settlement")

    assert plan_settled_until(plan) == MAY


def test_a_released_claim_settles_nothing() -> None:
    subscription = a_subscription(a_customer(), a_plan())
    claim(subscription, APRIL, MAY, released_at=LATER)

    assert settled_until([subscription.pk]) == {subscription.pk: None}


def test_terms_are_used_by_a_bill_that_was_made_after_them_for_their_days() -> None:
    plan = a_plan()
    subscription = a_subscription(a_customer(), plan)
    prices = {"computer": {"unit_price": "31"}}
    version = modify_plan(plan, effective_on=date(2026, 5, 10), prices=prices, settled_until=None, by=BY, now=NOW)
    terms = agree_terms(subscription, effective_on=date(2026, 5, 10), prices=prices, settled_until=None, by=BY, now=NOW)
    claim(subscription, APRIL, MAY)
    assert plan_version_is_used(get_version(plan, date(2026, 1, 1)).pk)
    assert not plan_version_is_used(version.pk)
    assert not own_terms_are_used(terms)

    claim(subscription, MAY, JUNE, released_at=LATER)

    assert plan_version_is_used(version.pk), "a bill that was credited was a bill"
    assert own_terms_are_used(terms)


def test_an_end_is_billed_when_the_cut_period_is() -> None:
    subscription = a_subscription(a_customer(), a_plan())
    claim(subscription, APRIL, MAY)
    (ended,) = disassociate([subscription], last_day=date(2026, 5, 20), by=BY, now=NOW)
    assert not end_is_billed(ended)

    claim(subscription, MAY, date(2026, 5, 21), full_period=(MAY, JUNE))

    assert end_is_billed(ended)


def test_an_end_in_the_past_is_billed_when_its_days_are_credited() -> None:
    subscription = a_subscription(a_customer(), a_plan())
    claim(subscription, APRIL, MAY)
    (ended,) = disassociate([subscription], last_day=date(2026, 4, 20), by=BY, now=NOW)
    assert not end_is_billed(ended)

    claim(subscription, APRIL, MAY, part="ending")

    assert end_is_billed(ended)


def test_what_has_no_end_has_no_billed_one() -> None:
    assert not end_is_billed(a_subscription(a_customer(), a_plan()))


def test_a_scope_sees_what_is_settled_for_its_own_customers_only() -> None:
    plan = a_plan()
    mine, theirs = (a_subscription(a_customer(name), plan) for name in ("Mine", "Theirs"))
    claim(theirs, APRIL, MAY)

    with acting(Scope.of(mine.customer_id)):
        assert settled_until([mine.pk, theirs.pk]) == {mine.pk: None, theirs.pk: None}
        assert plan_settled_until(plan) is None
