"""What a scenario says becomes facts: each field where it belongs, each default as the format has it, each bound."""

import copy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quarterday.engine.facts import (
    AdjustmentFacts,
    ClassPrice,
    FlatFee,
    PlanVersion,
    SubscriptionFacts,
    TaxRule,
    TaxTreatment,
    Tier,
    Tiers,
)
from quarterday.engine.json_values import JsonError
from quarterday.engine.periods import Cycle, Period
from quarterday.engine.presence import Stay
from quarterday.engine.scenario_input import Scenario, ScenarioSubscription, read_class_price, read_scenario

D = Decimal

SHORT: dict[str, Any] = {
    "id": 7,
    "customer": {"timezone": "Europe/Berlin", "currency": "EUR"},
    "plans": {"gold": {"versions": [{"effective_on": "2026-01-01"}]}},
    "subscriptions": [{"plan": "gold", "starts_on": "2026-01-01"}],
    "bill_until": "2026-02-01",
}

LONG: dict[str, Any] = {
    "id": "long",
    "customer": {
        "name": "North Dental",
        "timezone": "Asia/Tokyo",
        "currency": "JPY",
        "tax": {"category": "S", "rate": "10"},
    },
    "plans": {
        "basic": {"versions": [{"effective_on": "2026-01-01", "flat_fee": 900}]},
        "gold": {
            "counting": "peak",
            "timing": "advance",
            "versions": [
                {
                    "effective_on": "2026-01-01",
                    "flat_fee": "1000",
                    "prices": {
                        "server": {"tiers": {"mode": "volume", "steps": [[1, "9000"], [2, "8500"], [None, "8000"]]}},
                        "computer": {"unit_price": "3000.5", "minimum": 2, "included": 1},
                    },
                },
                {"effective_on": "2026-03-01", "applies": "next_period", "prices": {"computer": {"unit_price": 31}}},
            ],
        },
    },
    "subscriptions": [
        {"plan": "basic", "starts_on": "2026-01-01"},
        {
            "plan": "gold",
            "starts_on": "2026-01-31",
            "ends_on": "2026-06-15",
            "final_period": "full",
            "cycle": {"every": 3, "unit": "month"},
            "billing_day": 31,
            "due_days": 30,
        },
    ],
    "devices": [
        {"id": "PC-1", "class": "computer", "present": [["2026-01-31", "2026-03-15"], ["2026-03-15", None]]},
        {"id": "SRV-1", "class": "server", "present": []},
    ],
    "adjustments": [
        {"subscription": 1, "on": "2026-02-10", "text": "Onboarding", "amount": "100"},
        {"on": "2026-03-01", "percent": "-100", "times": 3},
        {"on": "2026-02-01", "quantity": "4", "unit_price": "6.05", "times": None, "until": "2026-05-01"},
    ],
    "bill_until": "2026-06-30",
}


def test_what_is_not_told_is_the_formats_default() -> None:
    plan = PlanVersion(date(2026, 1, 1), {}, FlatFee(D(0), None), "on_day")
    subscription = SubscriptionFacts(
        id="0",
        plan="gold",
        starts_on=date(2026, 1, 1),
        versions=(plan,),
        periods=(),
        cycle=Cycle(1, "month"),
        billing_day=None,
        counting="at_end",
        timing="arrears",
        final_period="prorated",
        due_days=14,
    )

    assert read_scenario(SHORT) == Scenario(
        id=7,
        time_zone="Europe/Berlin",
        currency="EUR",
        tax_rules=(),
        subscriptions=(ScenarioSubscription(subscription, None),),
        stays=(),
        adjustments=(),
        bill_until=date(2026, 2, 1),
    )


def test_all_that_is_told_stands_where_it_belongs() -> None:
    first, changed = date(2026, 1, 1), date(2026, 3, 1)
    steps = (Tier(1, D(9000)), Tier(2, D(8500)), Tier(None, D(8000)))
    prices = {
        "server": ClassPrice(tiers=Tiers("volume", steps), tax_code="standard"),
        "computer": ClassPrice(D("3000.5"), minimum=2, included=1, tax_code="standard"),
    }
    versions = (
        PlanVersion(first, prices, FlatFee(D(1000), "standard"), "on_day"),
        PlanVersion(
            changed, {"computer": ClassPrice(D(31), tax_code="standard")}, FlatFee(D(0), "standard"), "next_period"
        ),
    )
    basic = SubscriptionFacts("0", "basic", first, (PlanVersion(first, {}, FlatFee(D(900), "standard")),), ())
    gold = SubscriptionFacts(
        id="1",
        plan="gold",
        starts_on=date(2026, 1, 31),
        versions=versions,
        periods=(),
        cycle=Cycle(3, "month"),
        billing_day=31,
        counting="peak",
        timing="advance",
        final_period="full",
        due_days=30,
    )

    read = read_scenario(LONG)

    assert read == Scenario(
        id="long",
        time_zone="Asia/Tokyo",
        currency="JPY",
        tax_rules=(TaxRule("standard", date.min, TaxTreatment("S", D(10))),),
        subscriptions=(ScenarioSubscription(basic, None), ScenarioSubscription(gold, date(2026, 6, 15))),
        stays=(
            Stay("PC-1", "computer", Period(date(2026, 1, 31), date(2026, 3, 15))),
            Stay("PC-1", "computer", Period.since(date(2026, 3, 15))),
        ),
        adjustments=(
            AdjustmentFacts(
                "0", "Onboarding", date(2026, 2, 10), amount=D(100), subscription_id="1", tax_code="standard"
            ),
            AdjustmentFacts("1", "Adjustment", changed, percent=D(-100), times=3, tax_code="standard"),
            AdjustmentFacts(
                "2",
                "Adjustment",
                date(2026, 2, 1),
                unit_price=D("6.05"),
                quantity=D(4),
                until=date(2026, 5, 1),
                times=None,
                tax_code="standard",
            ),
        ),
        bill_until=date(2026, 6, 30),
    )
    assert list(read.subscriptions[1].facts.versions[0].prices) == ["server", "computer"]


def test_a_plan_billed_in_advance_is_trued_up_by_the_day_unless_it_says_otherwise() -> None:
    read = read_scenario({**SHORT, "plans": {"gold": {**SHORT["plans"]["gold"], "timing": "advance"}}})

    assert (read.subscriptions[0].facts.timing, read.subscriptions[0].facts.counting) == ("advance", "prorated")


def test_a_tax_of_nothing_needs_no_rate() -> None:
    def rules(tax: object) -> tuple[TaxRule, ...]:
        return read_scenario({**SHORT, "customer": {**SHORT["customer"], "tax": tax}}).tax_rules

    for category in ("Z", "E", "AE", "G", "O"):
        assert rules({"category": category}) == (TaxRule("standard", date.min, TaxTreatment(category, D(0))),)
    assert rules({"category": "E", "rate": "0"}) == (TaxRule("standard", date.min, TaxTreatment("E", D(0))),)
    assert rules({"category": "S", "rate": "0"}) == (TaxRule("standard", date.min, TaxTreatment("S", D(0))),)
    assert rules(None) == ()


def test_the_price_list_reads_the_price_of_a_class_in_the_same_form() -> None:
    assert read_class_price({"unit_price": "30.00"}, "price") == ClassPrice(D("30.00"))
    assert read_class_price({"unit_price": "30.00"}, "price", "std") == ClassPrice(D("30.00"), tax_code="std")


GOLD = "plans.gold.versions[0]"
BOUNDS: list[tuple[str, Any, Any]] = [
    # (the field, the last value that is right, the first that is not)
    ("subscriptions[1].cycle.every", 1200, 1201),
    ("subscriptions[1].cycle.every", 1, 0),
    ("subscriptions[1].billing_day", 31, 32),
    ("subscriptions[1].billing_day", 1, 0),
    ("subscriptions[1].due_days", 3650, 3651),
    ("subscriptions[1].due_days", 0, -1),
    ("subscriptions[1].starts_on", "2026-01-01", "2025-12-31"),
    ("subscriptions[1].ends_on", "2026-01-31", "2026-01-30"),
    (f"{GOLD}.flat_fee", "0", "-0.01"),
    (f"{GOLD}.prices.computer.unit_price", "0", "-0.01"),
    (f"{GOLD}.prices.computer.minimum", 10**9, 10**9 + 1),
    (f"{GOLD}.prices.computer.minimum", 0, -1),
    (f"{GOLD}.prices.computer.included", 10**9, 10**9 + 1),
    (f"{GOLD}.prices.computer.included", 0, -1),
    (f"{GOLD}.prices.server.tiers.steps[0][0]", 1, 0),
    (f"{GOLD}.prices.server.tiers.steps[1][0]", 2, 1),
    (f"{GOLD}.prices.server.tiers.steps[1][0]", 10**9, 10**9 + 1),
    (f"{GOLD}.prices.server.tiers.steps[0][1]", "0", "-0.01"),
    ("customer.tax.rate", "0", "-0.01"),
    ("adjustments[0].subscription", 0, -1),
    ("adjustments[0].subscription", 1, 2),
    ("adjustments[0].amount", "-100", "-100.5"),
    ("adjustments[1].percent", "-100", "-100.01"),
    ("adjustments[1].times", 1, 0),
    ("adjustments[1].times", 10**9, 10**9 + 1),
    ("bill_until", "2999-12-31", "3000-01-01"),
]


@pytest.mark.parametrize(("path", "right", "wrong"), BOUNDS)
def test_a_value_may_go_as_far_as_its_bound(path: str, right: Any, wrong: Any) -> None:
    read_scenario(changed(LONG, path, right))

    with pytest.raises(JsonError) as refusal:
        read_scenario(changed(LONG, path, wrong))
    assert refusal.value.path == path


def test_a_plan_of_long_ago_is_billed_from_1900_on() -> None:
    ancient = changed(SHORT, f"{GOLD}.effective_on", "1800-01-01")

    read_scenario(changed(ancient, "subscriptions[0].starts_on", "1900-01-01"))
    with pytest.raises(JsonError, match=r"must be 1900-01-01 to 9999-12-31, not 1899-12-31"):
        read_scenario(changed(ancient, "subscriptions[0].starts_on", "1899-12-31"))


REFUSALS: list[tuple[str, Any, str]] = [
    ("id", 1.5, "id: must be text in quotes, not the number 1.5"),
    ("customer.name", "", "customer.name: must not be empty"),
    ("customer.tax", "19", "customer.tax: must be an object in braces, not text"),
    ("customer.tax", {"rate": "19"}, "customer.tax.category: is missing"),
    (
        "customer.tax",
        {"category": "S"},
        'customer.tax.rate: is missing: give the rate of category S in percent, such as "19"',
    ),
    ("customer.tax.category", "E", "customer.tax.rate: must be 0 or left out for category E, not 10"),
    ("plans.gold", [], "plans.gold: must be an object in braces, not a list"),
    ("plans.gold.versions", {}, "plans.gold.versions: must be a list in brackets, not an object"),
    (GOLD, "2026", f"{GOLD}: must be an object in braces, not text"),
    (f"{GOLD}.prices", {" ": {"unit_price": 1}}, f"{GOLD}.prices: must not be empty"),
    (f"{GOLD}.prices.computer", "30", f"{GOLD}.prices.computer: must be an object in braces, not text"),
    (f"{GOLD}.prices.server.tiers", 30, f"{GOLD}.prices.server.tiers: must be an object in braces, not the number 30"),
    (
        f"{GOLD}.prices.server.tiers.steps",
        "1",
        f"{GOLD}.prices.server.tiers.steps: must be a list in brackets, not text",
    ),
    (
        f"{GOLD}.prices.server.tiers.steps[0]",
        [1],
        f"{GOLD}.prices.server.tiers.steps[0]: must be two values, a bound and a price, not 1",
    ),
    (
        "plans.gold.versions[1].effective_on",
        "2026-01-01",
        "plans.gold.versions[1].effective_on: 2026-01-01 has a version already: join the two",
    ),
    ("subscriptions[1].plan", "iron", "subscriptions[1].plan: 'iron' is not one of the plans: basic, gold"),
    ("subscriptions[1].plan", 7, "subscriptions[1].plan: must be text in quotes, not the number 7"),
    ("subscriptions[1].cycle", "monthly", "subscriptions[1].cycle: must be an object in braces, not text"),
    ("devices", 7, "devices: must be a list in brackets, not the number 7"),
    ("devices[1]", "SRV-1", "devices[1]: must be an object in braces, not text"),
    ("devices[1].id", "", "devices[1].id: must not be empty"),
    ("devices[1].class", "", "devices[1].class: must not be empty"),
    ("devices[0].present", 7, "devices[0].present: must be a list in brackets, not the number 7"),
    (
        "devices[0].present[0]",
        [],
        "devices[0].present[0]: must be two values, the first day and the first day gone (or null), not 0",
    ),
    (
        "devices[0].present[0][1]",
        "2026-01-31",
        "devices[0].present[0][1]: 2026-01-31 must be after 2026-01-31: it is the first day gone",
    ),
    ("adjustments", {}, "adjustments: must be a list in brackets, not an object"),
    ("adjustments[1]", 7, "adjustments[1]: must be an object in braces, not the number 7"),
    ("adjustments[1].text", "", "adjustments[1].text: must not be empty"),
    ("adjustments[1].subscription", "1", "adjustments[1].subscription: must be a whole number, not text"),
    (
        "adjustments[1].quantity",
        2,
        "adjustments[1].quantity: goes with a unit_price, not with percent: leave it out",
    ),
    ("adjustments[1]", {"on": "2026-03-01", "quantity": 2}, "adjustments[1].quantity: needs a unit_price"),
]


@pytest.mark.parametrize(("path", "told", "said"), REFUSALS)
def test_a_refusal_names_the_field_and_the_cure(path: str, told: Any, said: str) -> None:
    with pytest.raises(JsonError) as refusal:
        read_scenario(changed(LONG, path, told))

    assert str(refusal.value) == said


def test_a_device_that_is_there_twice_on_a_day_is_refused() -> None:
    with pytest.raises(JsonError) as refusal:
        read_scenario(changed(LONG, "devices[0].present[1][0]", "2026-03-14"))

    assert refusal.value.path == "devices[0].present[1]"
    assert refusal.value.message.endswith("overlaps an earlier stay of this device")


def test_an_adjustment_of_a_subscription_needs_one() -> None:
    with pytest.raises(JsonError, match=r"adjustments\[0\]\.subscription: names a subscription, but there is none"):
        read_scenario({**LONG, "subscriptions": []})


def changed(scenario: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The scenario with another value at a path."""
    copied = copy.deepcopy(scenario)
    *way, last = [int(part) if part.isdigit() else part for part in path.replace("[", ".").replace("]", "").split(".")]
    place: Any = copied
    for step in way:
        place = place[step]
    place[last] = value
    return copied
