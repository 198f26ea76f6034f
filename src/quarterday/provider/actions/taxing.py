"""Tax codes and their dated rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from quarterday.engine.facts import TaxCategory
from quarterday.engine.money import decimals_of
from quarterday.provider import checks
from quarterday.provider.checks import Check, checked, text
from quarterday.provider.models import TaxCode, TaxRule
from quarterday.shared.refusal import Problem, Refused, refuse_if
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record


def add_tax_code(*, code: str, name: str, by: Actor, now: datetime, revenue_account: str = "") -> TaxCode:
    """Add a tax code; it taxes nothing before it has a rule."""
    given = checked({"code": code, "name": name, "revenue_account": revenue_account}, _TAX_CODE_FIELDS)
    if TaxCode.objects.filter(code=given["code"]).exists():
        raise Refused("code", f"{given['code']!r} exists already: choose another.")
    tax_code = TaxCode.objects.create(**given)
    record(by, "added", tax_code, at=now)
    return tax_code


def change_tax_code(tax_code: TaxCode, *, by: Actor, now: datetime, name: str, revenue_account: str) -> None:
    """Change a tax code's name and revenue account; the code itself stands on bills and stays."""
    given = checked({"name": name, "revenue_account": revenue_account}, _TAX_CODE_FIELDS)
    for field, value in given.items():
        setattr(tax_code, field, value)
    tax_code.save(update_fields=list(given))
    record(by, "changed", tax_code, at=now, details=given)


def add_tax_rule(
    tax_code: TaxCode,
    *,
    category: str,
    by: Actor,
    now: datetime,
    rate: Decimal = Decimal(0),
    country: str = "",
    region: str = "",
    status: str = "",
    valid_from: date | None = None,
    reason: str = "",
    components: Iterable[tuple[str, Decimal]] = (),
) -> TaxRule:
    """Say how a tax code is taxed at a place and status, from a day on (None: always was).

    Only category S has a rate (percent); with components it is their sum. A change of rate is a new rule from its day.
    """
    given = checked(
        {
            "category": category,
            "rate": rate,
            "country": country,
            "region": region,
            "status": status,
            "reason": reason,
            "components": components,
        },
        _TAX_RULE_FIELDS,
    )
    refuse_if(_wrong_tax_rule(**given))
    parts = given.pop("components")
    place = {name: given[name] for name in ("country", "region", "status")} | {"valid_from": valid_from}
    if TaxRule.objects.filter(tax_code=tax_code, **place).exists():
        raise Refused("valid_from", "has a rule for this place and status already: choose another day.")
    rule = TaxRule.objects.create(
        tax_code=tax_code,
        valid_from=valid_from,
        components=[{"name": name, "rate": f"{part:f}"} for name, part in parts],
        **given,
    )
    told = {**given, "rate": str(given["rate"]), "from": str(valid_from)}
    record(by, "added a tax rule to", tax_code, at=now, details=told)
    return rule


def remove_tax_rule(rule: TaxRule, *, today: date, by: Actor, now: datetime) -> None:
    """Take back a rule that has not begun; one that has begun may have taxed a bill and stays."""
    if rule.valid_from is None or rule.valid_from <= today:
        raise Refused("valid_from", "has come, so the rule stays: add a rule from a later day that replaces it.")
    record(by, "removed a tax rule from", rule.tax_code, at=now, details={"from": str(rule.valid_from)})
    rule.delete()


def _tax_code_key(value: Any) -> str:
    key = str(value).strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,29}", key):
        raise ValueError(f"{value!r} is not a code: use up to 30 letters, digits, points and hyphens.")
    return key


def _components(value: Any) -> list[tuple[str, Decimal]]:
    return [(text(30, required=True)(name), checks.exact_number(rate)) for name, rate in value]


_TAX_CODE_FIELDS: dict[str, Check] = {
    "code": _tax_code_key,
    "name": text(120, required=True),
    "revenue_account": text(30),
}
_TAX_RULE_FIELDS: dict[str, Check] = {
    "category": checks.one_of(get_args(TaxCategory)),
    "rate": checks.exact_number,
    "country": lambda value: checks.checked_country(value) if value else "",
    "region": text(60),
    "status": text(20),
    "reason": text(300),
    "components": _components,
}


def _wrong_tax_rule(
    *,
    category: str,
    rate: Decimal,
    country: str,
    region: str,
    status: str,
    reason: str,
    components: list[tuple[str, Decimal]],
) -> list[Problem]:
    """What a bill could not print, though each field is right by itself; the status may be any."""
    problems = []
    if not 0 <= rate <= 100 or decimals_of(rate) > 4:
        problems.append(Problem("rate", f"{rate} is out of bounds: give 0 to 100 percent, with at most four decimals."))
    if category != "S" and rate:
        problems.append(Problem("rate", f"must be 0 in category {category}: only S has a rate."))
    if category in ("E", "AE", "G", "O") and not reason:
        problems.append(Problem("reason", f"is missing: a bill in category {category} prints why no tax is charged."))
    if region and not country:
        problems.append(Problem("country", "is missing: a region lies in a country."))
    if components and sum(part for _, part in components) != rate:
        problems.append(Problem("components", f"must add up to the rate of {rate} %."))
    return problems
