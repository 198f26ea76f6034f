"""The stored form of the facts: canonical JSON (see `canonical.py`), small and whole.

Stays are grouped by class and days, because most devices of a customer share them: 5,000 devices cost a few bytes each
once compressed. What is read back calculates the same bill, to the byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quarterday.engine.canonical import canonical_json
from quarterday.engine.facts import (
    AdjustmentFacts,
    BilledPart,
    BillingFacts,
    ClassPrice,
    DeviceException,
    FlatFee,
    PeriodDue,
    PlanVersion,
    PriceOverride,
    SubscriptionFacts,
    TaxComponent,
    TaxRule,
    TaxTreatment,
    Tier,
    Tiers,
)
from quarterday.engine.periods import Cycle, Period
from quarterday.engine.presence import Stay

FORM = 1
"""The number of this form. Bytes of another form are refused, never guessed at."""


class UnknownForm(ValueError):
    """The bytes are no facts, or facts in a form that this version does not read."""


def facts_to_bytes(facts: BillingFacts) -> bytes:
    """The canonical bytes of the facts, uncompressed."""
    return canonical_json({"form": FORM, **_facts_out(facts)})


def facts_from_bytes(content: bytes) -> BillingFacts:
    """The facts that `facts_to_bytes` wrote. Anything else is an UnknownForm."""
    try:
        stored = json.loads(content)
    except ValueError as error:
        raise UnknownForm(f"these bytes are no stored facts: {error}") from None
    if not isinstance(stored, dict) or stored.get("form") != FORM:
        raise UnknownForm(f"these bytes are not facts of form {FORM}")
    return _facts_in(stored)


def _facts_out(facts: BillingFacts) -> dict[str, Any]:
    return {
        "customer": facts.customer_id,
        "time_zone": facts.time_zone,
        "currency": facts.currency,
        "billing_on": facts.billing_on,
        "subscriptions": [_subscription_out(subscription) for subscription in facts.subscriptions],
        "stays": _stays_out(facts),
        "exceptions": _exceptions_out(facts.exceptions),
        "replaced_by": dict(facts.replaced_by),
        "adjustments": [_adjustment_out(adjustment) for adjustment in facts.adjustments],
        "tax_rules": [(rule.code, rule.effective_on, _tax_out(rule.treatment)) for rule in facts.tax_rules],
    }


def _facts_in(stored: dict[str, Any]) -> BillingFacts:
    stays: list[Stay] = []
    names: dict[str, str] = {}
    for device_class, start, end, ids, group_names in stored["stays"]:
        days = Period(_date(start), _date(end))
        stays += [Stay(device, device_class, days) for device in ids]
        names.update(zip(ids, group_names, strict=True))
    return BillingFacts(
        customer_id=stored["customer"],
        time_zone=stored["time_zone"],
        currency=stored["currency"],
        billing_on=_date(stored["billing_on"]),
        subscriptions=tuple(_subscription_in(subscription) for subscription in stored["subscriptions"]),
        stays=tuple(stays),
        names=names,
        exceptions=_exceptions_in(stored["exceptions"]),
        replaced_by=stored["replaced_by"],
        adjustments=tuple(_adjustment_in(adjustment) for adjustment in stored["adjustments"]),
        tax_rules=tuple(TaxRule(code, _date(day), _given_tax(tax)) for code, day, tax in stored["tax_rules"]),
    )


def _stays_out(facts: BillingFacts) -> list[Any]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    by_days: dict[tuple[str, Period], list[str]] = {}
    for stay in facts.stays:
        by_days.setdefault((stay.device_class, stay.present), []).append(stay.device_id)
    for (device_class, days), ids in by_days.items():
        groups[device_class, days.start.isoformat(), days.end.isoformat()] = sorted(ids)
    return [(*group, ids, [facts.names.get(device, device) for device in ids]) for group, ids in sorted(groups.items())]


def _exceptions_out(exceptions: Iterable[DeviceException]) -> list[Any]:
    return sorted((exception.device_id, *_days_out(exception.days)) for exception in exceptions)


def _exceptions_in(stored: Iterable[Any]) -> tuple[DeviceException, ...]:
    return tuple(DeviceException(device, _days_in(days)) for device, *days in stored)


def _subscription_out(subscription: SubscriptionFacts) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "plan": subscription.plan,
        "starts_on": subscription.starts_on,
        "cycle": (subscription.cycle.every, subscription.cycle.unit),
        "billing_day": subscription.billing_day,
        "counting": subscription.counting,
        "timing": subscription.timing,
        "final_period": subscription.final_period,
        "due_days": subscription.due_days,
        "versions": [_terms_out(version) for version in subscription.versions],
        "overrides": [_terms_out(override) for override in subscription.overrides],
        "periods": [_period_out(period) for period in subscription.periods],
        # Only where devices are paused: what was stored before any was keeps its digest.
        **({"paused": _exceptions_out(subscription.paused)} if subscription.paused else {}),
    }


def _subscription_in(stored: dict[str, Any]) -> SubscriptionFacts:
    every, unit = stored["cycle"]
    return SubscriptionFacts(
        id=stored["id"],
        plan=stored["plan"],
        starts_on=_date(stored["starts_on"]),
        versions=tuple(_version_in(version) for version in stored["versions"]),
        periods=tuple(_period_in(period) for period in stored["periods"]),
        cycle=Cycle(every, unit),
        billing_day=stored["billing_day"],
        counting=stored["counting"],
        timing=stored["timing"],
        final_period=stored["final_period"],
        due_days=stored["due_days"],
        overrides=tuple(_override_in(override) for override in stored["overrides"]),
        paused=_exceptions_in(stored.get("paused", ())),
    )


def _terms_out(terms: PlanVersion | PriceOverride) -> dict[str, Any]:
    fee = terms.flat_fee
    return {
        "effective_on": terms.effective_on,
        "applies": terms.applies,
        "prices": {device_class: _price_out(price) for device_class, price in terms.prices.items()},
        # The order in which a plan names its classes is the order of the lines.
        "order": list(terms.prices),
        "flat_fee": None if fee is None else (fee.amount, fee.tax_code),
    }


def _version_in(stored: dict[str, Any]) -> PlanVersion:
    return PlanVersion(
        _date(stored["effective_on"]), _prices_in(stored), _fee_in(stored["flat_fee"]), stored["applies"]
    )


def _override_in(stored: dict[str, Any]) -> PriceOverride:
    fee = stored["flat_fee"]
    return PriceOverride(
        _date(stored["effective_on"]), _prices_in(stored), None if fee is None else _fee_in(fee), stored["applies"]
    )


def _fee_in(stored: list[Any]) -> FlatFee:
    amount, tax_code = stored
    return FlatFee(Decimal(amount), tax_code)


def _price_out(price: ClassPrice) -> dict[str, Any]:
    tiers = price.tiers
    return {
        "unit_price": price.unit_price,
        "tiers": None if tiers is None else [tiers.mode, *((step.bound, step.unit_price) for step in tiers.steps)],
        "minimum": price.minimum,
        "included": price.included,
        "tax_code": price.tax_code,
    }


def _prices_in(stored: Mapping[str, Any]) -> dict[str, ClassPrice]:
    return {device_class: _price_in(stored["prices"][device_class]) for device_class in stored["order"]}


def _price_in(stored: dict[str, Any]) -> ClassPrice:
    tiers = None
    if stored["tiers"] is not None:
        mode, *steps = stored["tiers"]
        tiers = Tiers(mode, tuple(Tier(bound, Decimal(price)) for bound, price in steps))
    return ClassPrice(_decimal(stored["unit_price"]), tiers, stored["minimum"], stored["included"], stored["tax_code"])


def _period_out(period: PeriodDue) -> dict[str, Any]:
    return {
        "served": None if period.served is None else _days_out(period.served),
        "full": _days_out(period.full),
        "occasion": period.occasion,
        "only_in_favour": period.only_in_favour,
        "billed": [_billed_out(part) for part in period.billed],
    }


def _period_in(stored: dict[str, Any]) -> PeriodDue:
    return PeriodDue(
        served=None if stored["served"] is None else _days_in(stored["served"]),
        full=_days_in(stored["full"]),
        occasion=stored["occasion"],
        billed=tuple(_billed_in(part) for part in stored["billed"]),
        only_in_favour=stored["only_in_favour"],
    )


def _billed_out(part: BilledPart) -> dict[str, Any]:
    return {
        "bill": part.bill,
        "class": part.device_class,
        "days": _days_out(part.days),
        "quantity": part.quantity,
        "unit": part.unit,
        "unit_price": part.unit_price,
        "per": part.per,
        "fraction": part.fraction,
        "tax": _tax_out(part.tax),
        # Only where it is so: what was stored before anybody asked keeps its digest.
        **({"goodwill": True} if part.is_goodwill else {}),
    }


def _billed_in(stored: dict[str, Any]) -> BilledPart:
    return BilledPart(
        bill=stored["bill"],
        device_class=stored["class"],
        days=_days_in(stored["days"]),
        quantity=Decimal(stored["quantity"]),
        unit=stored["unit"],
        unit_price=Decimal(stored["unit_price"]),
        per=stored["per"],
        fraction=Fraction(stored["fraction"]),
        tax=_tax_in(stored["tax"]),
        is_goodwill=stored.get("goodwill", False),
    )


def _adjustment_out(adjustment: AdjustmentFacts) -> dict[str, Any]:
    return {
        "id": adjustment.id,
        "text": adjustment.text,
        "starts_on": adjustment.starts_on,
        "amount": adjustment.amount,
        "percent": adjustment.percent,
        "unit_price": adjustment.unit_price,
        "quantity": adjustment.quantity,
        "subscription": adjustment.subscription_id,
        "until": adjustment.until,
        "times": adjustment.times,
        "used": adjustment.used,
        "rest": adjustment.rest,
        "tax_code": adjustment.tax_code,
    }


def _adjustment_in(stored: dict[str, Any]) -> AdjustmentFacts:
    return AdjustmentFacts(
        id=stored["id"],
        text=stored["text"],
        starts_on=_date(stored["starts_on"]),
        amount=_decimal(stored["amount"]),
        percent=_decimal(stored["percent"]),
        unit_price=_decimal(stored["unit_price"]),
        quantity=Decimal(stored["quantity"]),
        subscription_id=stored["subscription"],
        until=None if stored["until"] is None else _date(stored["until"]),
        times=stored["times"],
        used=stored["used"],
        rest=Decimal(stored["rest"]),
        tax_code=stored["tax_code"],
    )


def _tax_out(tax: TaxTreatment | None) -> list[Any] | None:
    if tax is None:
        return None
    return [tax.category, tax.rate, tax.reason, [(part.name, part.rate) for part in tax.components], tax.code]


def _tax_in(stored: list[Any] | None) -> TaxTreatment | None:
    return None if stored is None else _given_tax(stored)


def _given_tax(stored: list[Any]) -> TaxTreatment:
    category, rate, reason, components, code = stored
    parts = tuple(TaxComponent(name, Decimal(component_rate)) for name, component_rate in components)
    return TaxTreatment(category, Decimal(rate), reason, parts, code)


def _days_out(days: Period) -> tuple[str, str]:
    return days.start.isoformat(), days.end.isoformat()


def _days_in(stored: list[str]) -> Period:
    start, end = stored
    return Period(_date(start), _date(end))


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
