"""What a customer's fields may hold, checked for one customer or for a whole file of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quarterday.customers.models import TaxStatus
from quarterday.provider import checks
from quarterday.provider.checks import Check, optional, text, whole_number
from quarterday.provider.places import EU_COUNTRIES
from quarterday.shared.refusal import Problem, Refused

REQUIRED = ("name", "country", "time_zone", "currency")

CUSTOMER_FIELDS: dict[str, Check] = {
    "number": text(30, required=True),
    "name": text(300, required=True),
    "street": text(300),
    "postal_code": text(20),
    "city": text(120),
    "region": text(120),
    "country": checks.checked_country,
    "time_zone": checks.checked_zone,
    "currency": checks.checked_currency,
    "language": checks.checked_language,
    "tax_status": checks.one_of(TaxStatus.values),
    "tax_number": text(60),
    "vat_id": text(30),
    "emails": checks.checked_emails,
    "po_number": text(60),
    "buyer_reference": text(100),
    "ledger_account": text(30),
    "review_bills": checks.yes_or_no,
    "direct_debit": checks.yes_or_no,
    "reminders": checks.yes_or_no,
    "reminder_days_before": optional(whole_number(0, 365)),
    "reminder_days_after": lambda value: None if value is None else checks.checked_days_list(value),
    "late_fees": checks.yes_or_no,
    "late_fee_amount": optional(checks.price),
    "late_fee_percent": optional(checks.percent_of_a_bill),
    "notes": text(10_000, lines=True),
}


def checked_customer(given: Mapping[str, Any], *, current: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The given fields in the form that is kept; Refused with every problem.

    `current` are the fields as they stand, for a change; without them it is a new customer, and what it needs must be
    given. A VAT number is checked against the country, whichever of the two was given.
    """
    missing = [] if current is not None else [name for name in REQUIRED if not given.get(name)]
    problems = [Problem(name, "is missing: give it.") for name in missing]
    kept: dict[str, Any] = {}
    try:
        kept = checks.checked({name: given[name] for name in given if name not in missing}, CUSTOMER_FIELDS)
    except Refused as refused:
        raise Refused(problems=problems + refused.problems) from None
    after = {"vat_id": "", "tax_status": "standard", "country": "", **(current or {}), **kept}
    try:
        vat_id = checks.checked_vat_id(after["vat_id"], after["country"])
        if vat_id != after["vat_id"] or "vat_id" in kept:
            kept["vat_id"] = vat_id
    except ValueError as error:
        problems.append(Problem("vat_id", str(error)))
    if after["tax_status"] == TaxStatus.BUSINESS and after["country"] in EU_COUNTRIES and not after["vat_id"]:
        problems.append(Problem("vat_id", "is missing: a business in the EU is billed with it; enter it."))
    if after.get("late_fee_amount") is not None and after.get("late_fee_percent") is not None:
        problems.append(Problem("late_fee_percent", "is given beside an amount: empty one of the two."))
    if problems:
        raise Refused(problems=problems)
    return kept
