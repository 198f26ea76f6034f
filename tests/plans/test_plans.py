"""Plans and their dated versions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quarterday.engine.facts import ClassPrice, FlatFee, Tier, Tiers
from quarterday.plans.actions import (
    ChangedMeanwhile,
    archive_plan,
    change_plan,
    modify_plan,
    restore_plan,
    withdraw_version,
)
from quarterday.plans.models import Plan, PlanVersion
from quarterday.plans.queries import get_plan, get_version, plan_list, terms_of_plans, version_on, versions_of
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

MAY = date(2026, 5, 1)
COMPUTER = {"computer": {"unit_price": "30.00"}}


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


def test_a_plan_is_what_the_calculation_takes() -> None:
    plan = a_plan(
        flat_fee="49.90",
        prices={
            "server": {
                "tiers": {"mode": "graduated", "steps": [[10, "90.00"], [None, "80.00"]]},
                "minimum": 2,
                "included": 1,
            },
            "computer": {"unit_price": "30"},
        },
    )

    (terms,) = terms_of_plans([plan.pk])[plan.pk]

    assert terms.effective_on == date(2026, 1, 1)
    assert terms.flat_fee == FlatFee(Decimal("49.90"), "standard")
    # In the order of the provider's classes, which is the order of a bill's lines.
    assert list(terms.prices.items()) == [
        ("computer", ClassPrice(unit_price=Decimal(30), tax_code="standard")),
        (
            "server",
            ClassPrice(
                tiers=Tiers("graduated", (Tier(10, Decimal("90.00")), Tier(None, Decimal("80.00")))),
                minimum=2,
                included=1,
                tax_code="standard",
            ),
        ),
    ]


@pytest.mark.parametrize(("timing", "counting"), [("arrears", "at_end"), ("advance", "prorated")])
def test_the_counting_rule_follows_the_timing_unless_it_is_said(timing: str, counting: str) -> None:
    assert a_plan(timing=timing).counting == counting
    assert a_plan("Peak", timing=timing, counting="peak").counting == "peak"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"name": " "}, "name", "is missing"),
        ({"name": "Taken"}, "name", "is taken"),
        ({"currency": "EURO"}, "currency", "three capital letters"),
        ({"timing": "sometimes"}, "timing", "arrears, advance"),
        ({"counting": "guess"}, "counting", "at_end, at_start, peak, any_day, prorated"),
        ({"late_policy": "sue"}, "late_policy", "ask, catch_up, forgive"),
        ({"effective_on": date(1900, 1, 1)}, "effective_on", "between 1990 and 2199"),
        ({"prices": {}}, "prices", "charge nothing"),
        ({"prices": []}, "prices", "must be an object"),
        ({"prices": {"toaster": {"unit_price": "1"}}}, "prices.toaster", "is no device class"),
        ({"prices": {"computer": {}}}, "prices.computer", "exactly one of unit_price and tiers"),
        ({"prices": {"computer": {"unit_price": 30.5}}}, "prices.computer.unit_price", 'write "30.5" in quotes'),
        ({"prices": {"computer": {"unit_price": "-1"}}}, "prices.computer.unit_price", "must be 0 or more"),
        ({"prices": {"computer": {"unit_price": "1e9"}}}, "prices.computer.unit_price", "must be a decimal"),
        ({"prices": {"computer": {"unit_price": "0.1234567"}}}, "prices.computer.unit_price", "6 decimals"),
        ({"prices": {"computer": {"unit_price": "1", "tax_code": "books"}}}, "prices.computer.tax_code", "no tax code"),
        (
            {"prices": {"computer": {"tiers": {"mode": "volume", "steps": [[5, "1"], [5, "2"], [None, "3"]]}}}},
            "prices.computer.tiers.steps[1][0]",
            "must be 6 to",
        ),
        ({"flat_fee": "-1"}, "flat_fee", "is negative"),
        ({"flat_fee": "much"}, "flat_fee", "is not a number"),
        ({"flat_fee_tax_code": "books"}, "flat_fee_tax_code", "is no tax code"),
    ],
)
def test_a_wrong_plan_is_refused_in_words(fields: dict[str, Any], field: str, words: str) -> None:
    a_plan("Taken")

    with pytest.raises(Refused) as error:
        a_plan(**fields)

    assert [(problem.field, words in problem.message) for problem in error.value.problems] == [(field, True)], error
    assert [plan.name for plan in plan_list()] == ["Taken"]


def test_everything_wrong_with_the_terms_is_named_at_once() -> None:
    with pytest.raises(Refused) as error:
        a_plan(prices={"computer": {}, "server": {"unit_price": "x"}}, flat_fee="-1")

    assert [problem.field for problem in error.value.problems] == [
        "prices.computer",
        "prices.server.unit_price",
        "flat_fee",
    ]


def test_new_prices_begin_on_their_day_and_the_old_ones_stay_readable() -> None:
    plan = a_plan()
    modify_plan(plan, effective_on=MAY, prices=COMPUTER, settled_until=MAY, note="Spring", by=BY, now=NOW)

    versions = versions_of([plan])[plan.pk]
    april, may = version_on(versions, date(2026, 4, 30)), version_on(versions, MAY)
    assert april is not None
    assert may is not None
    assert (set(april.prices), set(may.prices)) == ({"computer", "server"}, {"computer"})
    assert version_on(versions, date(2025, 12, 31)) is None
    assert AuditEntry.objects.get(verb="modified").details == {
        "effective_on": "2026-05-01",
        "applies": "on_day",
        "prices": {"computer": {"unit_price": "30.00"}},
        "flat_fee": "0",
        "note": "Spring",
    }


def test_days_that_are_billed_keep_their_terms() -> None:
    with pytest.raises(Refused, match="effective_on: 2026-04-30 is billed already: choose 2026-05-01 or later"):
        modify_plan(a_plan(), effective_on=date(2026, 4, 30), prices=COMPUTER, settled_until=MAY, by=BY, now=NOW)


def test_a_day_has_one_version_until_it_is_withdrawn() -> None:
    plan = a_plan()
    modify_plan(plan, effective_on=MAY, prices=COMPUTER, settled_until=None, by=BY, now=NOW)
    with pytest.raises(Refused, match="has a version already"):
        modify_plan(plan, effective_on=MAY, prices=COMPUTER, settled_until=None, by=BY, now=NOW)

    withdraw_version(get_version(plan, MAY), is_used=False, by=BY, now=NOW)
    modify_plan(plan, effective_on=MAY, prices=COMPUTER, settled_until=None, by=BY, now=NOW)

    assert PlanVersion.objects.filter(plan=plan).count() == 3, "a withdrawn version is kept"


def test_a_version_that_charged_something_and_the_first_one_are_not_withdrawn() -> None:
    plan = a_plan()
    version = modify_plan(plan, effective_on=MAY, prices=COMPUTER, settled_until=None, by=BY, now=NOW)

    with pytest.raises(Refused, match="is on a bill already"):
        withdraw_version(version, is_used=True, by=BY, now=NOW)
    with pytest.raises(Refused, match="is the plan's first version"):
        withdraw_version(get_version(plan, date(2026, 1, 1)), is_used=False, by=BY, now=NOW)


def test_the_second_of_two_who_modify_is_told() -> None:
    plan = a_plan()
    seen = plan.revision
    modify_plan(plan, effective_on=MAY, prices=COMPUTER, settled_until=None, seen=seen, by=BY, now=NOW)

    with pytest.raises(ChangedMeanwhile, match="Gold was changed by somebody else"):
        modify_plan(
            Plan.objects.get(),
            effective_on=date(2026, 6, 1),
            prices=COMPUTER,
            settled_until=None,
            seen=seen,
            by=BY,
            now=NOW,
        )
    with pytest.raises(ChangedMeanwhile):
        change_plan(Plan.objects.get(), description="x", seen=seen, by=BY, now=NOW)


def test_how_a_plan_counts_never_changes() -> None:
    plan = a_plan()
    change_plan(plan, name="Gold 2026", description="Best", late_policy="forgive", by=BY, now=NOW)

    assert get_plan("Gold 2026").late_policy == "forgive"
    with pytest.raises(Refused, match="counting: of a plan never changes: make a new plan"):
        change_plan(plan, counting="peak", by=BY, now=NOW)


def test_an_archived_plan_is_not_offered_and_not_modified() -> None:
    plan = a_plan()
    archive_plan(plan, on=date(2026, 4, 10), by=BY, now=NOW)

    assert list(plan_list()) == []
    with pytest.raises(Refused, match="is archived since 2026-04-10: restore it first"):
        modify_plan(plan, effective_on=MAY, prices=COMPUTER, settled_until=None, by=BY, now=NOW)
    restore_plan(plan, by=BY, now=NOW)
    assert list(plan_list(search="gol")) == [plan]


def test_an_unknown_plan_names_those_there_are() -> None:
    a_plan()

    with pytest.raises(NotFound, match="plan: 'Silver' is not known: there are Gold"):
        get_plan("Silver")


def test_a_scope_reads_the_plans_of_its_customers_and_no_others() -> None:
    gold, silver = a_plan("Gold"), a_plan("Silver")
    subscription = a_subscription(a_customer(), gold)

    with acting(Scope.of(subscription.customer_id)):
        assert list(plan_list()) == [gold]
        assert set(terms_of_plans([gold.pk, silver.pk])) == {gold.pk}
    with acting(Scope.of()):
        assert list(plan_list()) == []


def test_any_number_of_plans_costs_one_query(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    plans = [a_plan(f"Plan {n}") for n in range(4)]

    with django_assert_num_queries(1):
        assert len(terms_of_plans([plan.pk for plan in plans])) == 4
