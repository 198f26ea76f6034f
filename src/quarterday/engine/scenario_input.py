"""Reading a scenario: JSON values become facts, or one error that names the field and the cure.

What may stand in a scenario is written in docs/scenario.md; every other key, type or value is refused, so that a
misspelt name is never taken for a default.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, cast, get_args

from quarterday.engine.counting import Rule
from quarterday.engine.facts import (
    AdjustmentFacts,
    Applies,
    ClassPrice,
    FinalPeriod,
    FlatFee,
    PlanVersion,
    SubscriptionFacts,
    TaxCategory,
    TaxRule,
    TaxTreatment,
    Tier,
    TierMode,
    Tiers,
)
from quarterday.engine.json_values import (
    JsonError,
    read_amount,
    read_choice,
    read_currency,
    read_date,
    read_decimal,
    read_id,
    read_list,
    read_mapping,
    read_object,
    read_pair,
    read_text,
    read_whole,
    read_zone,
)
from quarterday.engine.periods import OPEN_END, Cycle, Period, Timing, Unit
from quarterday.engine.presence import Stay

TAX_CODE = "standard"
"""The one tax code of a scenario: its customer's tax goes for all lines."""

_FIRST_START = date(1900, 1, 1)
_LAST_BILL = date(2999, 12, 31)
_MOST_DUE_DAYS = 3650
_MOST_CYCLES = 1200
_MOST_UNITS = 10**9


class ScenarioSubscription(NamedTuple):
    """A subscription of a scenario: its facts without periods, and the first day not served, if there is one."""

    facts: SubscriptionFacts
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that was read and found right."""

    id: str | int
    time_zone: str
    currency: str
    tax_rules: tuple[TaxRule, ...]
    subscriptions: tuple[ScenarioSubscription, ...]
    stays: tuple[Stay, ...]
    adjustments: tuple[AdjustmentFacts, ...]
    bill_until: date


@dataclass(frozen=True, slots=True)
class _Plan:
    name: str
    counting: Rule
    timing: Timing
    versions: tuple[PlanVersion, ...]


def read_scenario(told: object) -> Scenario:
    """The scenario that a JSON object tells. JsonError for the first thing that is wrong with it."""
    fields = read_object(
        told,
        "",
        required=("id", "customer", "plans", "subscriptions", "bill_until"),
        optional=("devices", "adjustments"),
    )
    id_ = read_id(fields["id"], "id")
    customer = read_object(fields["customer"], "customer", required=("timezone", "currency"), optional=("name", "tax"))
    if "name" in customer:
        read_text(customer["name"], "customer.name")
    zone = read_zone(customer["timezone"], "customer.timezone")
    currency = read_currency(customer["currency"], "customer.currency")
    tax_rules = _tax(customer.get("tax"), "customer.tax")
    code = TAX_CODE if tax_rules else None
    plans = {
        name: _plan(plan, f"plans.{name}", name, code) for name, plan in read_mapping(fields["plans"], "plans").items()
    }
    subscriptions = tuple(
        _subscription(each, f"subscriptions[{i}]", str(i), plans)
        for i, each in enumerate(read_list(fields["subscriptions"], "subscriptions"))
    )
    return Scenario(
        id=id_,
        time_zone=zone,
        currency=currency,
        tax_rules=tax_rules,
        subscriptions=subscriptions,
        stays=_stays(fields.get("devices", []), "devices"),
        adjustments=tuple(
            _adjustment(each, f"adjustments[{i}]", str(i), len(subscriptions), currency, code)
            for i, each in enumerate(read_list(fields.get("adjustments", []), "adjustments"))
        ),
        bill_until=read_date(fields["bill_until"], "bill_until", most=_LAST_BILL),
    )


def _tax(told: object, path: str) -> tuple[TaxRule, ...]:
    if told is None:
        return ()
    fields = read_object(told, path, required=("category",), optional=("rate",))
    category = read_choice(fields["category"], f"{path}.category", get_args(TaxCategory))
    if category == "S" and "rate" not in fields:
        raise JsonError(f"{path}.rate", 'is missing: give the rate of category S in percent, such as "19"')
    rate = read_decimal(fields.get("rate", 0), f"{path}.rate", least=0)
    if category != "S" and rate:
        raise JsonError(f"{path}.rate", f"must be 0 or left out for category {category}, not {rate}")
    return (TaxRule(TAX_CODE, date.min, TaxTreatment(category, rate)),)


def _plan(told: object, path: str, name: str, tax_code: str | None) -> _Plan:
    fields = read_object(told, path, required=("versions",), optional=("counting", "timing"))
    timing = cast(Timing, read_choice(fields.get("timing", "arrears"), f"{path}.timing", get_args(Timing)))
    counting = fields.get("counting", "at_end" if timing == "arrears" else "prorated")
    rule = read_choice(counting, f"{path}.counting", get_args(Rule))
    versions: dict[date, PlanVersion] = {}
    for i, each in enumerate(read_list(fields["versions"], f"{path}.versions")):
        version = _version(each, f"{path}.versions[{i}]", tax_code)
        if version.effective_on in versions:
            raise JsonError(
                f"{path}.versions[{i}].effective_on", f"{version.effective_on} has a version already: join the two"
            )
        versions[version.effective_on] = version
    if not versions:
        raise JsonError(f"{path}.versions", "must hold at least one version")
    return _Plan(name, cast(Rule, rule), timing, tuple(versions.values()))


def _version(told: object, path: str, tax_code: str | None) -> PlanVersion:
    fields = read_object(told, path, required=("effective_on",), optional=("applies", "flat_fee", "prices"))
    applies = read_choice(fields.get("applies", "on_day"), f"{path}.applies", get_args(Applies))
    return PlanVersion(
        effective_on=read_date(fields["effective_on"], f"{path}.effective_on"),
        prices={
            read_text(device_class, f"{path}.prices"): read_class_price(
                price, f"{path}.prices.{device_class}", tax_code
            )
            for device_class, price in read_mapping(fields.get("prices", {}), f"{path}.prices").items()
        },
        flat_fee=FlatFee(read_decimal(fields.get("flat_fee", 0), f"{path}.flat_fee", least=0), tax_code),
        applies=cast(Applies, applies),
    )


def read_class_price(told: object, path: str, tax_code: str | None = None) -> ClassPrice:
    """What a plan charges for one class; the price list keeps its prices in the same form."""
    fields = read_object(told, path, required=(), optional=("unit_price", "tiers", "minimum", "included"))
    if ("unit_price" in fields) == ("tiers" in fields):
        raise JsonError(path, "needs exactly one of unit_price and tiers")
    unit_price, tiers = None, None
    if "unit_price" in fields:
        unit_price = read_decimal(fields["unit_price"], f"{path}.unit_price", least=0)
    else:
        tiers = _tiers(fields["tiers"], f"{path}.tiers")
    return ClassPrice(
        unit_price=unit_price,
        tiers=tiers,
        minimum=read_whole(fields.get("minimum", 0), f"{path}.minimum", 0, _MOST_UNITS),
        included=read_whole(fields.get("included", 0), f"{path}.included", 0, _MOST_UNITS),
        tax_code=tax_code,
    )


def _tiers(told: object, path: str) -> Tiers:
    fields = read_object(told, path, required=("mode", "steps"))
    mode = read_choice(fields["mode"], f"{path}.mode", get_args(TierMode))
    told_steps = read_list(fields["steps"], f"{path}.steps")
    if not told_steps:
        raise JsonError(f"{path}.steps", "must hold at least one step")
    steps: list[Tier] = []
    lower = 0
    for i, each in enumerate(told_steps):
        at = f"{path}.steps[{i}]"
        told_bound, told_price = read_pair(each, at, "a bound and a price")
        bound = None
        if i < len(told_steps) - 1:
            bound = lower = read_whole(told_bound, f"{at}[0]", lower + 1, _MOST_UNITS)
        elif told_bound is not None:
            raise JsonError(f"{at}[0]", "must be null: the last step has no bound")
        steps.append(Tier(bound, read_decimal(told_price, f"{at}[1]", least=0)))
    return Tiers(cast(TierMode, mode), tuple(steps))


def _subscription(told: object, path: str, id_: str, plans: dict[str, _Plan]) -> ScenarioSubscription:
    fields = read_object(
        told,
        path,
        required=("plan", "starts_on"),
        optional=("ends_on", "final_period", "cycle", "billing_day", "due_days"),
    )
    plan = plans.get(read_text(fields["plan"], f"{path}.plan"))
    if plan is None:
        raise JsonError(f"{path}.plan", f"{fields['plan']!r} is not one of the plans: {', '.join(plans) or 'none'}")
    starts_on = read_date(fields["starts_on"], f"{path}.starts_on", least=_FIRST_START)
    first = min(version.effective_on for version in plan.versions)
    if starts_on < first:
        raise JsonError(f"{path}.starts_on", f"{starts_on} is before the plan's first version, from {first} on")
    ends_on = None if fields.get("ends_on") is None else read_date(fields["ends_on"], f"{path}.ends_on")
    if ends_on is not None and ends_on < starts_on:
        raise JsonError(f"{path}.ends_on", f"{ends_on} is before starts_on {starts_on}")
    cycle = _cycle(fields.get("cycle", {}), f"{path}.cycle")
    billing_day = fields.get("billing_day")
    if billing_day is not None:
        billing_day = read_whole(billing_day, f"{path}.billing_day", 1, 31)
        if cycle.unit == "week":
            raise JsonError(f"{path}.billing_day", "must be null for a weekly cycle: the start sets the weekday")
    final = read_choice(fields.get("final_period", "prorated"), f"{path}.final_period", get_args(FinalPeriod))
    facts = SubscriptionFacts(
        id=id_,
        plan=plan.name,
        starts_on=starts_on,
        versions=plan.versions,
        periods=(),
        cycle=cycle,
        billing_day=billing_day,
        counting=plan.counting,
        timing=plan.timing,
        final_period=cast(FinalPeriod, final),
        due_days=read_whole(fields.get("due_days", 14), f"{path}.due_days", 0, _MOST_DUE_DAYS),
    )
    return ScenarioSubscription(facts, ends_on)


def _cycle(told: object, path: str) -> Cycle:
    fields = read_object(told, path, required=(), optional=("every", "unit"))
    unit = read_choice(fields.get("unit", "month"), f"{path}.unit", get_args(Unit))
    return Cycle(read_whole(fields.get("every", 1), f"{path}.every", 1, _MOST_CYCLES), cast(Unit, unit))


def _stays(told: object, path: str) -> tuple[Stay, ...]:
    stays: list[Stay] = []
    seen: set[str] = set()
    for i, each in enumerate(read_list(told, path)):
        at = f"{path}[{i}]"
        fields = read_object(each, at, required=("id", "class", "present"))
        device = read_text(fields["id"], f"{at}.id")
        if device in seen:
            raise JsonError(f"{at}.id", f"{device!r} is the id of an earlier device: give each its own")
        seen.add(device)
        device_class = read_text(fields["class"], f"{at}.class")
        stays += [Stay(device, device_class, present) for present in _present(fields["present"], f"{at}.present")]
    return tuple(stays)


def _present(told: object, path: str) -> list[Period]:
    present: list[Period] = []
    for i, each in enumerate(read_list(told, path)):
        at = f"{path}[{i}]"
        told_start, told_end = read_pair(each, at, "the first day and the first day gone (or null)")
        start = read_date(told_start, f"{at}[0]")
        end = OPEN_END if told_end is None else read_date(told_end, f"{at}[1]")
        if end <= start:
            raise JsonError(f"{at}[1]", f"{end} must be after {start}: it is the first day gone")
        days = Period(start, end)
        if any(days.overlap(other) for other in present):
            raise JsonError(at, f"{days} overlaps an earlier stay of this device")
        present.append(days)
    return present


def _adjustment(
    told: object, path: str, id_: str, subscriptions: int, currency: str, tax_code: str | None
) -> AdjustmentFacts:
    fields = read_object(
        told,
        path,
        required=("on",),
        optional=("subscription", "text", "amount", "percent", "quantity", "unit_price", "times", "until"),
    )
    forms = [form for form in ("amount", "percent", "unit_price") if form in fields]
    if "quantity" in fields and not forms:
        raise JsonError(f"{path}.quantity", "needs a unit_price")
    if len(forms) != 1:
        raise JsonError(path, "needs exactly one of amount, percent and unit_price")
    if "quantity" in fields and forms != ["unit_price"]:
        raise JsonError(f"{path}.quantity", f"goes with a unit_price, not with {forms[0]}: leave it out")
    of_subscription = fields.get("subscription")
    if of_subscription is not None:
        if not subscriptions:
            raise JsonError(f"{path}.subscription", "names a subscription, but there is none")
        of_subscription = str(read_whole(of_subscription, f"{path}.subscription", 0, subscriptions - 1))
    times, until = fields.get("times", 1), fields.get("until")
    return AdjustmentFacts(
        id=id_,
        text=read_text(fields.get("text", "Adjustment"), f"{path}.text"),
        starts_on=read_date(fields["on"], f"{path}.on"),
        amount=read_amount(fields["amount"], f"{path}.amount", currency) if "amount" in fields else None,
        percent=read_decimal(fields["percent"], f"{path}.percent", least=-100) if "percent" in fields else None,
        unit_price=read_decimal(fields["unit_price"], f"{path}.unit_price") if "unit_price" in fields else None,
        quantity=read_decimal(fields.get("quantity", 1), f"{path}.quantity"),
        subscription_id=of_subscription,
        until=None if until is None else read_date(until, f"{path}.until"),
        times=None if times is None else read_whole(times, f"{path}.times", 1, _MOST_UNITS),
        tax_code=tax_code,
    )
