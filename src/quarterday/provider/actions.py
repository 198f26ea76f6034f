"""Set up and change the provider, its numbering, tax codes and device classes. Each act leaves an audit entry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from string import Formatter
from typing import Any

from quarterday.documents.wording import languages
from quarterday.provider import checks, defaults
from quarterday.provider.checks import Check, checked, optional, text, whole_number
from quarterday.provider.editing import ChangedMeanwhile, save_changes
from quarterday.provider.logo import logo_type
from quarterday.provider.models import DeviceClass, NumberSeries, Provider, TaxCode, TaxRule
from quarterday.provider.places import countries
from quarterday.shared.refusal import Problem, Refused, refuse_if
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record

__all__ = [
    "ChangedMeanwhile",
    "add_device_class",
    "add_tax_code",
    "add_tax_rule",
    "change_device_class",
    "change_logo",
    "change_number_series",
    "change_provider",
    "change_tax_code",
    "install_defaults",
    "remove_tax_rule",
]

_PERCENT = whole_number(0, 1000)
_HOUR = whole_number(0, 23)


def _reminder_texts(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not set(value) <= set(languages()):
        raise ValueError(f"must give texts by language: {', '.join(languages())}.")
    return value


PROVIDER_FIELDS: dict[str, Check] = {
    "name": text(200, required=True),
    "legal_name": text(200),
    "street": text(300),
    "postal_code": text(20),
    "city": text(120),
    "region": text(120),
    "country": checks.checked_country,
    "email": optional(checks.checked_email),
    "phone": text(60),
    "website": text(200),
    "tax_number": text(60),
    "vat_id": text(30),
    "registration": text(200),
    "account_holder": text(70),
    "bank_name": text(120),
    "iban": checks.checked_iban,
    "bic": checks.checked_bic,
    "bank_details": text(2000, lines=True),
    "time_zone": checks.checked_zone,
    "language": checks.checked_language,
    "paper_size": checks.one_of(["a4", "letter"]),
    "accent_colour": checks.checked_colour,
    "footer": text(2000, lines=True),
    "bill_hour": _HOUR,
    "mail_hour": _HOUR,
    "review_all_bills": checks.yes_or_no,
    "feed_stale_days": whole_number(1, 365),
    "count_change_percent": _PERCENT,
    "count_change_devices": whole_number(0, 30_000),
    "total_change_percent": _PERCENT,
    "missed_periods_limit": whole_number(1, 100),
    "quiet_days_limit": whole_number(1, 1000),
    "late_periods_limit": whole_number(0, 24),
    "reminder_days_before": optional(whole_number(0, 365)),
    "reminder_days_after": checks.checked_days_list,
    "reminder_texts": _reminder_texts,
}


def install_defaults(
    *,
    country: str,
    by: Actor,
    now: datetime,
    name: str = "My company",
    tax_rate: Decimal | None = None,
    **fields: Any,
) -> Provider:
    """Make the provider with what its country needs: tax rules, number series, device classes, reminders.

    `tax_rate` (percent) is asked for where no standard rate is known. Doing it again changes nothing that is there.
    """
    given = checked({"country": country, "name": name, **fields}, PROVIDER_FIELDS)
    code = given["country"]
    rate = defaults.standard_rate(code) if tax_rate is None else checks.exact_number(tax_rate)
    if rate is None or not 0 <= rate <= 100:
        raise Refused("tax_rate", f"is not known for {countries()[code]}: give its standard rate in percent, or 0.")
    given["vat_id"] = _vat_id(given.get("vat_id", ""), code)
    provider, is_new = Provider.objects.get_or_create(
        pk=1, defaults={"reminder_days_after": defaults.REMINDER_DAYS_AFTER, **given}
    )
    for kind, pattern in defaults.SERIES.items():
        NumberSeries.objects.get_or_create(kind=kind, defaults={"pattern": pattern})
    tax_code, code_is_new = TaxCode.objects.get_or_create(code=defaults.STANDARD, defaults={"name": "Managed services"})
    if code_is_new:
        TaxRule.objects.bulk_create(TaxRule(tax_code=tax_code, **rule) for rule in defaults.tax_rules(code, rate))
    for position, (key, class_name) in enumerate(defaults.DEVICE_CLASSES.items()):
        DeviceClass.objects.get_or_create(key=key, defaults={"name": class_name, "position": position, "added_at": now})
    if is_new:
        record(by, "set up", provider, at=now, details={"country": code, "tax_rate": str(rate)})
    return provider


def change_provider(provider: Provider, *, by: Actor, now: datetime, seen: int | None = None, **changes: Any) -> None:
    """Change what we say about ourselves; from the next bill on. Refused names every field that is wrong.

    `seen` is the revision that the person looked at; ChangedMeanwhile if somebody was quicker.
    """
    given = checked(changes, PROVIDER_FIELDS)
    if {"vat_id", "country"} & set(given):
        given["vat_id"] = _vat_id(given.get("vat_id", provider.vat_id), given.get("country", provider.country))
    if told := save_changes(provider, given, seen=seen):
        record(by, "changed", provider, at=now, details=told)


def change_logo(provider: Provider, *, content: bytes | None, by: Actor, now: datetime) -> None:
    """Take a PNG, JPEG or SVG of at most 1 MB as the logo; None takes it away."""
    try:
        kind = logo_type(content) if content else ""
    except ValueError as error:
        raise Refused("logo", str(error)) from None
    if told := save_changes(provider, {"logo": content or None, "logo_type": kind}):
        record(by, "changed the logo of", provider, at=now, details=told)


def change_number_series(*, kind: str, pattern: str, restarts_yearly: bool, by: Actor, now: datetime) -> NumberSeries:
    """Number documents of a kind ("invoice", "credit_note") by another pattern, from the next one on."""
    if kind not in defaults.SERIES:
        raise Refused("kind", f"{kind!r} is not one of {', '.join(defaults.SERIES)}.")
    _check_pattern(pattern, restarts_yearly=restarts_yearly)
    for other in NumberSeries.objects.select_for_update().exclude(kind=kind):
        if other.pattern.format(year=2026, number=1) == pattern.format(year=2026, number=1):
            raise Refused("pattern", f"gives the same numbers as the one for {other.get_kind_display()}: change it.")
    series, _ = NumberSeries.objects.update_or_create(
        kind=kind, defaults={"pattern": pattern, "restarts_yearly": restarts_yearly}
    )
    record(by, "changed", series, at=now, details={"kind": kind, "pattern": pattern, "yearly": restarts_yearly})
    return series


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


def add_device_class(*, key: str, name: str, by: Actor, now: datetime) -> DeviceClass:
    """Add a device class; its key is what imports and plans say, and never changes."""
    given = checked({"key": key, "name": name}, _CLASS_FIELDS)
    if DeviceClass.objects.filter(key=given["key"]).exists():
        raise Refused("key", f"{given['key']!r} exists already: choose another.")
    added = DeviceClass.objects.create(position=DeviceClass.objects.count(), added_at=now, **given)
    record(by, "added", added, at=now, details={"key": given["key"]})
    return added


def change_device_class(
    device_class: DeviceClass, *, by: Actor, now: datetime, name: str, position: int | None = None
) -> None:
    """Rename a device class or move it in the list."""
    given = checked({"name": name}, _CLASS_FIELDS)
    device_class.name = given["name"]
    device_class.position = device_class.position if position is None else whole_number(0, 30_000)(position)
    device_class.save(update_fields=["name", "position"])
    record(by, "changed", device_class, at=now, details={"name": device_class.name, "position": device_class.position})


def _class_key(value: Any) -> str:
    key = str(value).strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", key):
        raise ValueError(f"{value!r} is not a key: use small letters, digits and hyphens, such as network-switch.")
    return key


def _tax_code_key(value: Any) -> str:
    key = str(value).strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,29}", key):
        raise ValueError(f"{value!r} is not a code: use up to 30 letters, digits, points and hyphens.")
    return key


def _components(value: Any) -> list[tuple[str, Decimal]]:
    return [(text(30, required=True)(name), checks.exact_number(rate)) for name, rate in value]


_CLASS_FIELDS: dict[str, Check] = {"key": _class_key, "name": text(80, required=True)}
_TAX_CODE_FIELDS: dict[str, Check] = {
    "code": _tax_code_key,
    "name": text(120, required=True),
    "revenue_account": text(30),
}
_TAX_RULE_FIELDS: dict[str, Check] = {
    "category": checks.one_of(["S", "Z", "E", "AE", "G", "O"]),
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
    if not 0 <= rate <= 100 or rate != round(rate, 4):
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


def _vat_id(value: str, country: str) -> str:
    try:
        return checks.checked_vat_id(value, country)
    except ValueError as error:
        raise Refused("vat_id", str(error)) from None


def _check_pattern(pattern: str, *, restarts_yearly: bool) -> None:
    """Only {year} and {number}, so that a pattern can say nothing but a document's number."""
    try:
        fields = [(name, spec) for _, name, spec, _ in Formatter().parse(pattern) if name is not None]
    except ValueError:
        fields = [("", None)]
    names = [name for name, _ in fields]
    if not set(names) <= {"year", "number"} or any(
        not re.fullmatch(r"(0?\d{1,2}d)?", spec or "") for _, spec in fields
    ):
        raise Refused("pattern", "knows only {year} and {number}, such as INV-{year}-{number:05d}.")
    if "number" not in names:
        raise Refused("pattern", "has no {number}: write it like INV-{year}-{number:05d}.")
    if restarts_yearly and "year" not in names:
        raise Refused("pattern", "has no {year}, but restarts each year: numbers would come twice.")
    if len(pattern.format(year=2026, number=10**7)) > 30 or len(pattern) > 60:
        raise Refused("pattern", "gives numbers of more than 30 characters: shorten it.")
