"""A version's terms: from what a person or a file says, to what is stored, to what the calculation takes.

`prices` is class -> {"unit_price": "30.00"} or {"tiers": {"mode": "graduated", "steps": [[10, "90.00"], [null,
"80.00"]]}}, with optional "minimum", "included" and "tax_code", as in a scenario file; the engine reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from quarterday.engine import facts
from quarterday.engine.facts import Applies, ClassPrice, FlatFee
from quarterday.engine.json_values import JsonError, read_mapping
from quarterday.engine.scenario_input import read_class_price
from quarterday.plans.models import PlanVersion
from quarterday.provider import checks
from quarterday.provider.defaults import STANDARD
from quarterday.provider.models import DeviceClass, TaxCode
from quarterday.shared.asking import Asking, question
from quarterday.shared.refusal import Problem, Refused


@dataclass(frozen=True, slots=True)
class KnownWords:
    """The device classes and tax codes that terms may name."""

    classes: frozenset[str]
    tax_codes: frozenset[str]


@question
def known_words() -> Asking[KnownWords]:
    """The provider's device classes and tax codes, as they are now."""
    classes, codes = yield [
        DeviceClass.objects.values_list("key", flat=True),
        TaxCode.objects.values_list("code", flat=True),
    ]
    return KnownWords(frozenset(classes), frozenset(codes))


def read_prices(told: object) -> dict[str, ClassPrice]:
    """Prices by class, as the calculation takes them. Refused names the first wrong value of each class."""
    try:
        by_class = read_mapping(told, "prices")
    except JsonError as error:
        raise Refused(error.path, f"{error.message}.") from None
    read: dict[str, ClassPrice] = {}
    problems: list[Problem] = []
    for device_class, price in by_class.items():
        path = f"prices.{device_class}"
        try:
            fields = dict(read_mapping(price, path))
            tax_code = fields.pop("tax_code", None) or STANDARD
            read[device_class] = replace(read_class_price(fields, path), tax_code=str(tax_code))
        except JsonError as error:
            problems.append(Problem(error.path, f"{error.message}."))
    if problems:
        raise Refused(problems=problems)
    return read


def checked_prices(told: object, words: KnownWords) -> dict[str, Any]:
    """Prices in the form that is stored; Refused names every class, price or tax code that cannot be."""
    read = read_prices(told)
    problems = [
        Problem(
            f"prices.{device_class}",
            f"is no device class: use one of {', '.join(sorted(words.classes))}, or add it to the provider's.",
        )
        for device_class in read
        if device_class not in words.classes
    ]
    problems += unknown_tax_codes(
        ((f"prices.{device_class}.tax_code", price.tax_code) for device_class, price in read.items()), words
    )
    if problems:
        raise Refused(problems=problems)
    return {device_class: _stored(price) for device_class, price in read.items()}


def unknown_tax_codes(codes: Iterable[tuple[str, str | None]], words: KnownWords) -> list[Problem]:
    """A problem for each (field, tax code) that the provider does not have."""
    return [
        Problem(field, f"{code!r} is no tax code: use one of {', '.join(sorted(words.tax_codes)) or 'none yet'}.")
        for field, code in codes
        if code not in words.tax_codes
    ]


def checked_fee(told: Any) -> Decimal:
    """A flat fee per period: 0 or more, with at most six decimals."""
    try:
        return checks.price(told)
    except ValueError as error:
        raise Refused("flat_fee", str(error)) from None


def version_terms(version: PlanVersion, class_order: Sequence[str] = ()) -> facts.PlanVersion:
    """A stored version (saved or not) as the calculation takes it, its classes in the order given."""
    return facts.PlanVersion(
        effective_on=version.effective_on,
        prices=in_order(read_prices(version.prices), class_order),
        flat_fee=FlatFee(Decimal(version.flat_fee), version.flat_fee_tax_code),
        applies=cast(Applies, version.applies),
    )


def in_order(prices: Mapping[str, ClassPrice], class_order: Sequence[str]) -> dict[str, ClassPrice]:
    """The prices in the order of the provider's classes, because it is the order of a bill's lines."""
    # PostgreSQL's jsonb keeps no order of its own.
    place = {device_class: at for at, device_class in enumerate(class_order)}
    return {name: prices[name] for name in sorted(prices, key=lambda name: (place.get(name, len(place)), name))}


def _stored(price: ClassPrice) -> Mapping[str, Any]:
    """One class's price with decimals as strings; what is 0 or the default is left out."""
    kept: dict[str, Any] = {}
    if price.tiers is None:
        kept["unit_price"] = f"{price.unit_price:f}"
    else:
        steps = [[step.bound, f"{step.unit_price:f}"] for step in price.tiers.steps]
        kept["tiers"] = {"mode": price.tiers.mode, "steps": steps}
    if price.minimum:
        kept["minimum"] = price.minimum
    if price.included:
        kept["included"] = price.included
    if price.tax_code != STANDARD:
        kept["tax_code"] = price.tax_code
    return kept
