"""Facts of a bill in few words, for what the scenario format cannot tell: overrides, exceptions, late truth, tax codes.

facts = facts_of(draw("PC-1 #>", start=APRIL.start), prices={"computer": unit("30.00")})
assert sentences(calculate_bill(facts)) == ["usage computer: 1 x 30.00 = 30.00"]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quarterday.engine.calculate import BillDraft
from quarterday.engine.facts import (
    BilledPart,
    BillingFacts,
    ClassPrice,
    FlatFee,
    PeriodDue,
    PlanVersion,
    SubscriptionFacts,
    TaxRule,
    TaxTreatment,
)
from quarterday.engine.lines import BillLine, as_billed
from quarterday.engine.periods import Period
from quarterday.engine.presence import Stay

APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))
VAT = TaxTreatment("S", Decimal(19))


def unit(price: str, **terms: Any) -> ClassPrice:
    """A class at a unit price."""
    return ClassPrice(Decimal(price), **terms)


def version(
    prices: Mapping[str, ClassPrice] | None = None, *, fee: str = "0", on: date = date(2020, 1, 1), **terms: Any
) -> PlanVersion:
    """A plan version; from 2020 on unless it says otherwise."""
    return PlanVersion(on, prices or {}, FlatFee(Decimal(fee)), **terms)


def rule(code: str, treatment: TaxTreatment = VAT, *, on: date = date(2020, 1, 1)) -> TaxRule:
    """A tax rule from 2020 on."""
    return TaxRule(code, on, treatment)


def facts_of(
    stays: Iterable[Stay] = (),
    *,
    prices: Mapping[str, ClassPrice] | None = None,
    fee: str = "0",
    versions: tuple[PlanVersion, ...] = (),
    periods: tuple[PeriodDue, ...] = (PeriodDue(APRIL, APRIL),),
    subscription: Mapping[str, Any] | None = None,
    subscriptions: tuple[SubscriptionFacts, ...] = (),
    currency: str = "EUR",
    **facts: Any,
) -> BillingFacts:
    """The facts of a bill for April 2026 with one gold subscription, unless told otherwise."""
    gold = SubscriptionFacts(
        id="gold",
        plan="gold",
        starts_on=APRIL.start,
        versions=versions or (version(prices, fee=fee),),
        periods=periods,
        **(subscription or {}),
    )
    return BillingFacts(
        customer_id="north-dental",
        time_zone="Europe/Berlin",
        currency=currency,
        billing_on=facts.pop("billing_on", APRIL.end),
        subscriptions=subscriptions or (gold,),
        stays=tuple(stays),
        **facts,
    )


def billed_by(draft: BillDraft, bill: str = "INV-1") -> tuple[BilledPart, ...]:
    """What a bill charged for its periods, as later bills see it."""
    return tuple(as_billed(line, bill) for line in draft.lines if line.kind != "adjustment")


def sentences(draft: BillDraft) -> list[str]:
    """The lines of a bill as sentences, like those of story.py."""
    return [sentence(line) for line in draft.lines]


def sentence(line: BillLine) -> str:
    what = f"{line.kind} {line.device_class or line.text}:"
    if line.unit_price is None:
        return f"{what} {line.net}"
    share = f" / {line.per}" if line.unit == "device-day" else ""
    if not share and line.fraction != Fraction(1):
        share = f" x {line.fraction}"
    return f"{what} {line.quantity} x {line.unit_price}{share} = {line.net}"
