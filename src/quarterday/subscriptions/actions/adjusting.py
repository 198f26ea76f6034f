"""Other charges and discounts, which wait for the next bill of their customer or subscription."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from quarterday.customers.models import Customer
from quarterday.engine.money import decimals_of, digits_of
from quarterday.plans.terms import known_words, unknown_tax_codes
from quarterday.provider import checks
from quarterday.provider.checks import Check
from quarterday.provider.defaults import STANDARD
from quarterday.shared.refusal import Problem, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record
from quarterday.subscriptions.models import Adjustment, Subscription

ADJUSTMENT_FIELDS: dict[str, Check] = {
    "text": checks.text(300, required=True),
    "starts_on": checks.checked_day,
    "until": checks.optional(checks.checked_day),
    "times": checks.optional(checks.whole_number(1, 10_000)),
    "amount": checks.optional(checks.amount),
    "percent": checks.optional(checks.amount),
    "quantity": checks.optional(checks.amount),
    "unit_price": checks.optional(checks.amount),
}


def add_adjustment(
    customer: Customer,
    *,
    text: str,
    starts_on: date,
    by: Actor,
    now: datetime,
    amount: Decimal | None = None,
    percent: Decimal | None = None,
    quantity: Decimal | None = None,
    unit_price: Decimal | None = None,
    subscription: Subscription | None = None,
    times: int | None = 1,
    until: date | None = None,
    tax_code: str = STANDARD,
) -> Adjustment:
    """Add a charge, or a discount (below 0): exactly one of amount, percent and unit_price (x quantity, 1 by default).

    It goes on bills dated `starts_on` or later and before `until`, at most `times` of them (None: without end), of the
    customer, or of one subscription. An amount has the currency's decimals; a percentage is of the other lines.
    """
    given = {
        "text": text,
        "starts_on": starts_on,
        "until": until,
        "times": times,
        "amount": amount,
        "percent": percent,
        "quantity": Decimal(1) if unit_price is not None and quantity is None else quantity,
        "unit_price": unit_price,
    }
    problems = unknown_tax_codes([("tax_code", tax_code)], known_words())
    if subscription is not None and subscription.customer_id != customer.pk:
        problems.append(Problem("subscription", f"is not one of {customer}'s: choose one of its own."))
    if customer.archived_on is not None:
        problems.append(Problem("customer", f"{customer} is archived: restore it first."))
    kept = checks.checked(given, ADJUSTMENT_FIELDS, more=problems)
    _refuse_forms(kept, customer.currency)
    adjustment = Adjustment.objects.create(
        customer=customer,
        subscription=subscription,
        currency=customer.currency,
        tax_code=tax_code,
        created_at=now,
        created_by=str(by),
        **kept,
    )
    record(by, "added", adjustment, at=now, details=_told(adjustment))
    return adjustment


def cancel_adjustment(adjustment: Adjustment, *, by: Actor, now: datetime) -> None:
    """Let a charge or discount go on no further bill; those that have it keep it."""
    if not Adjustment.objects.filter(pk=adjustment.pk, cancelled_at=None).update(cancelled_at=now):
        raise Refused("adjustment", f"“{adjustment}” was cancelled before.")
    adjustment.cancelled_at = now
    record(by, "cancelled", adjustment, at=now, details=_told(adjustment))


def _refuse_forms(kept: dict[str, Any], currency: str) -> None:
    problems = []
    forms = [name for name in ("amount", "percent", "unit_price") if kept[name] is not None]
    if len(forms) != 1:
        problems.append(Problem("amount", "give exactly one of amount, percent and unit_price."))
    elif not kept[forms[0]]:
        problems.append(Problem(forms[0], "is 0: give what is to be charged, or below 0 for a discount."))
    if kept["quantity"] is not None and kept["unit_price"] is None:
        problems.append(Problem("unit_price", "is missing: a quantity needs the price of one."))
    if kept["quantity"] is not None and not kept["quantity"]:
        problems.append(Problem("quantity", "is 0: give how many."))
    digits = digits_of(currency)
    if kept["amount"] is not None and decimals_of(kept["amount"]) > digits:
        problems.append(Problem("amount", f"{kept['amount']} has more than the {digits} decimals of {currency}."))
    if kept["percent"] is not None and not -100 <= kept["percent"] <= 900:
        problems.append(Problem("percent", f"{kept['percent']} is out of bounds: give -100 to 900."))
    if kept["until"] is not None and kept["until"] <= kept["starts_on"]:
        problems.append(Problem("until", f"{kept['until']} is not after the start on {kept['starts_on']}."))
    if problems:
        raise Refused(problems=problems)


def _told(adjustment: Adjustment) -> dict[str, Any]:
    names = ("amount", "percent", "quantity", "unit_price", "times", "starts_on", "until", "tax_code")
    values = {name: getattr(adjustment, name) for name in names}
    return {
        name: value if isinstance(value, int) else str(value) for name, value in values.items() if value is not None
    }
