"""A customer's own terms: prices agreed with it, laid over its plan's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from quarterday.engine import facts
from quarterday.engine.facts import Applies, ClassPrice, FlatFee, Tiers
from quarterday.engine.money import price_digits, round_half_up
from quarterday.plans.terms import in_order, read_prices
from quarterday.subscriptions.models import SubscriptionTerms


def override_of(terms: SubscriptionTerms, class_order: Sequence[str] = ()) -> facts.PriceOverride:
    """Stored terms (saved or not) as the calculation takes them."""
    fee = None if terms.flat_fee is None else FlatFee(Decimal(terms.flat_fee), terms.flat_fee_tax_code)
    return facts.PriceOverride(
        effective_on=terms.effective_on,
        prices=in_order(read_prices(terms.prices), class_order),
        flat_fee=fee,
        applies=cast(Applies, terms.applies),
    )


def in_force(
    versions: Iterable[facts.PlanVersion], own: Iterable[facts.PriceOverride], day: date
) -> tuple[dict[str, ClassPrice], FlatFee]:
    """Prices and flat fee of a day by date alone: the plan's latest version, then the customer's own, oldest first."""
    begun = [version for version in versions if version.effective_on <= day]
    latest = max(begun, key=lambda version: version.effective_on, default=None)
    prices: dict[str, ClassPrice] = dict(latest.prices) if latest else {}
    fee = latest.flat_fee if latest else FlatFee()
    for terms in sorted(own, key=lambda terms: terms.effective_on):
        if terms.effective_on <= day:
            prices.update(terms.prices)
            fee = terms.flat_fee or fee
    return prices, fee


def with_plan_tax_codes(told: Mapping[str, Any], prices: Mapping[str, ClassPrice]) -> dict[str, Any]:
    """Own prices that name no tax code keep that of the plan's price they replace."""
    return {
        device_class: {**price, "tax_code": prices[device_class].tax_code}
        if isinstance(price, Mapping) and "tax_code" not in price and device_class in prices
        else price
        for device_class, price in told.items()
    }


def uplifted(price: ClassPrice, percent: Decimal, currency: str) -> dict[str, Any]:
    """A class's price raised (or lowered) by a percentage, in the form that is stored: 30.00 and 3 are 30.90.

    Each price keeps as many decimals as it has, and at least the currency's.
    """
    raised: dict[str, Any] = {"minimum": price.minimum, "included": price.included, "tax_code": price.tax_code}
    if price.tiers is None:
        assert price.unit_price is not None, f"{price} has neither a unit price nor tiers"
        raised["unit_price"] = f"{uplifted_amount(price.unit_price, percent, currency):f}"
    else:
        raised["tiers"] = _uplifted_tiers(price.tiers, percent, currency)
    return raised


def uplifted_amount(amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """An amount raised by a percentage, rounded half up to its own decimals and at least the currency's."""
    return round_half_up(amount * (100 + percent) / 100, price_digits(amount, currency))


def _uplifted_tiers(tiers: Tiers, percent: Decimal, currency: str) -> dict[str, Any]:
    steps = [[step.bound, f"{uplifted_amount(step.unit_price, percent, currency):f}"] for step in tiers.steps]
    return {"mode": tiers.mode, "steps": steps}
