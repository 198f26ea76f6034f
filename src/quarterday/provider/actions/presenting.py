"""Ourselves: what bills say of us, how we bill, and what a new installation starts with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from quarterday.documents.letters import LATE_FEE_NAMES, LETTERS, LetterWrong, check_letter
from quarterday.documents.wording import languages
from quarterday.provider import checks, defaults
from quarterday.provider.checks import Check, checked, optional, text, whole_number
from quarterday.provider.editing import save_changes
from quarterday.provider.logo import logo_type
from quarterday.provider.models import DeviceClass, NumberSeries, Provider, TaxCode, TaxRule
from quarterday.provider.places import countries
from quarterday.shared.refusal import Problem, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record

_PERCENT = whole_number(0, 1000)
_HOUR = whole_number(0, 23)


def _reminder_texts(value: Any) -> dict[str, dict[str, str]]:
    """Our own words of mails: {"reminder_after.de": {"subject": ..., "body": ...}}; an empty text is the usual one."""
    known = {f"{letter}.{code}": names for letter, names in LETTERS.items() for code in languages()}
    kept: dict[str, dict[str, str]] = {}
    if not isinstance(value, dict) or not set(value) <= set(known):
        raise ValueError(f"must give texts by language and letter: {', '.join(known)}.")
    for key, given in value.items():
        if not isinstance(given, dict) or not set(given) <= set(_TEXTS):
            raise ValueError(f"of {key} must have a subject, a body, or both.")
        texts = {name: _TEXTS[name](given[name]) for name in given}
        for words in texts.values():
            try:
                check_letter(words, known[key])
            except LetterWrong as wrong:
                raise ValueError(f"of {key}: {wrong}") from None
        if filled := {name: words for name, words in texts.items() if words}:
            kept[key] = filled
    return kept


def _fee(value: Any) -> Decimal:
    """What is charged, more than nothing."""
    if not (fee := checks.price(value)):
        raise ValueError("is 0: write what is charged, or nothing at all.")
    return fee


def _known_tax_code(value: Any) -> str:
    """A tax code that we have."""
    known = sorted(TaxCode.objects.values_list("code", flat=True))
    if value not in known:
        raise ValueError(f"{value!r} is no tax code: use one of {', '.join(known) or 'none yet'}.")
    return str(value)


def _late_fee_text(value: Any) -> str:
    """Our own words for a late fee on a bill, with {names}; empty for the usual ones."""
    words = str(text(200)(value))
    try:
        check_letter(words, LATE_FEE_NAMES)
    except LetterWrong as wrong:
        raise ValueError(str(wrong)) from None
    return words


_TEXTS: dict[str, Check] = {"subject": text(200), "body": text(5000, lines=True)}


PROVIDER_FIELDS: dict[str, Check] = {
    "name": text(200, required=True),
    "legal_name": text(200),
    "street": text(300),
    "postal_code": text(20),
    "city": text(120),
    "region": text(120),
    "country": checks.checked_country,
    "email": optional(checks.checked_email, empty=""),
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
    "bridge_on_paper": checks.yes_or_no,
    "bridge_in_mail": checks.yes_or_no,
    "bill_hour": _HOUR,
    "mail_hour": _HOUR,
    "review_all_bills": checks.yes_or_no,
    "feed_stale_days": whole_number(1, 365),
    "count_change_percent": _PERCENT,
    "count_change_devices": whole_number(0, 30_000),
    "total_change_percent": _PERCENT,
    "two_persons_above": optional(whole_number(0, 10_000_000)),
    "missed_periods_limit": whole_number(1, 100),
    "quiet_days_limit": whole_number(1, 1000),
    "late_periods_limit": whole_number(0, 24),
    "exception_notice_days": whole_number(0, 365),
    "reminder_days_before": optional(whole_number(0, 365)),
    "reminder_days_after": checks.checked_days_list,
    "reminder_texts": _reminder_texts,
    "late_fee_days": optional(whole_number(1, 365)),
    "late_fee_since": optional(checks.typed_day),
    "late_fee_amount": optional(_fee),
    "late_fee_percent": optional(checks.percent_of_a_bill),
    "late_fee_tax_code": _known_tax_code,
    "late_fee_text": _late_fee_text,
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
    NumberSeries.objects.bulk_create(
        (NumberSeries(kind=kind, pattern=pattern) for kind, pattern in defaults.SERIES.items()), ignore_conflicts=True
    )
    tax_code, code_is_new = TaxCode.objects.get_or_create(code=defaults.STANDARD, defaults={"name": "Managed services"})
    if code_is_new:
        TaxRule.objects.bulk_create(TaxRule(tax_code=tax_code, **rule) for rule in defaults.tax_rules(code, rate))
    classes = defaults.device_classes(provider.language).items()
    DeviceClass.objects.bulk_create(
        (
            DeviceClass(key=key, name=class_name, position=position, added_at=now)
            for position, (key, class_name) in enumerate(classes)
        ),
        ignore_conflicts=True,
    )
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
    _refuse_half_a_late_fee({name: getattr(provider, name) for name in _LATE_FEE} | given)
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


_LATE_FEE = ("late_fee_days", "late_fee_since", "late_fee_amount", "late_fee_percent")


def _refuse_half_a_late_fee(after: Mapping[str, Any]) -> None:
    """A fee that is charged needs a first day, so that old bills are left alone, and one of amount and percentage."""
    if after["late_fee_days"] is None:
        return
    problems = []
    if after["late_fee_since"] is None:
        problems.append(Problem("late_fee_since", "is missing: bills of which date, and later ones, have the fee?"))
    if (after["late_fee_amount"] is None) == (after["late_fee_percent"] is None):
        problems.append(Problem("late_fee_amount", "give an amount or a percentage, not both."))
    if problems:
        raise Refused(problems=problems)


def _vat_id(value: str, country: str) -> str:
    try:
        return checks.checked_vat_id(value, country)
    except ValueError as error:
        raise Refused("vat_id", str(error)) from None
