"""How a line is taxed: its tax code x the customer's place and status, dated.

The most specific rule that has begun is taken: one for the customer's status before one for any, one for its region
before one for its country, one for its country before one for everywhere; of equals the one that began last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quarterday.engine import facts
from quarterday.engine.facts import TaxComponent, TaxTreatment
from quarterday.provider.models import Provider, TaxRule
from quarterday.provider.places import countries
from quarterday.shared.asking import Asking, question
from quarterday.shared.refusal import Refused

REVERSE_CHARGE = "AE"


class TaxUndecided(Refused):
    """No rule says how to tax this customer, or reverse charge lacks a VAT number; the message says what to enter."""


@dataclass(frozen=True, slots=True)
class TaxPlace:
    """What tax depends on at a customer; the name is for messages."""

    country: str
    region: str
    status: str
    vat_id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    country: str
    region: str
    status: str
    begins_on: date
    treatment: TaxTreatment

    def matches(self, place: TaxPlace) -> bool:
        return (
            self.country in ("", place.country)
            and self.region.casefold() in ("", place.region.casefold())
            and self.status in ("", place.status)
        )

    @property
    def rank(self) -> tuple[bool, bool, bool, date]:
        return (self.status != "", self.region != "", self.country != "", self.begins_on)


class TaxTable:
    """All tax rules at once, so that a chunk of customers costs one look at the tables: see `load_tax_table`."""

    def __init__(self, rules: Mapping[str, Iterable[_Rule]], *, provider_vat_id: str) -> None:
        self._rules = {code: list(of_code) for code, of_code in rules.items()}
        self._provider_vat_id = provider_vat_id
        self._dated: dict[tuple[str, str, str, str], tuple[facts.TaxRule, ...]] = {}

    def codes(self) -> list[str]:
        """The tax codes that have rules."""
        return sorted(self._rules)

    def treatment(self, code: str, place: TaxPlace, on: date) -> TaxTreatment:
        """Category, rate, reason, components on a day. TaxUndecided when no rule has begun or a number is missing."""
        treatment = self._found(code, place, on)
        self._need_numbers_for(treatment, place)
        return treatment

    def dated(self, codes: Iterable[str], place: TaxPlace, *, on: Collection[date]) -> tuple[facts.TaxRule, ...]:
        """Every treatment that the codes ever have for the place, each from a day on, as the calculation wants them.

        `on` is the days on which something is taxed: only what reverse charge there is on them needs the VAT numbers.
        TaxUndecided when one of these is missing, or when a code has no rule for the place at all.
        """
        found: list[facts.TaxRule] = []
        for code in codes:
            of_code = self._dated_of(code, place)
            for day in on:
                for begun in [rule for rule in of_code if rule.effective_on <= day][-1:]:
                    self._need_numbers_for(begun.treatment, place)
            found += of_code
        return tuple(found)

    def _found(self, code: str, place: TaxPlace, on: date) -> TaxTreatment:
        begun = [rule for rule in self._rules.get(code, []) if rule.begins_on <= on and rule.matches(place)]
        if not begun:
            raise TaxUndecided(
                "tax_code",
                f"No rule says how {code!r} is taxed for {place.name or 'a customer'} in"
                f" {_where(place)} on {on}: add one under Settings, Tax.",
            )
        return max(begun, key=lambda rule: rule.rank).treatment

    def _dated_of(self, code: str, place: TaxPlace) -> tuple[facts.TaxRule, ...]:
        # What rules look at: customers of one kind are worked out once.
        kind = (code, place.country, place.region, place.status)
        if kind not in self._dated:
            days = sorted({rule.begins_on for rule in self._rules.get(code, []) if rule.matches(place)})
            found: list[facts.TaxRule] = []
            for day in days or [date.max]:  # without any rule, `_found` says so
                treatment = self._found(code, place, day)
                if not found or found[-1].treatment != treatment:
                    found.append(facts.TaxRule(code, day, treatment))
            self._dated[kind] = tuple(found)
        return self._dated[kind]

    def _need_numbers_for(self, treatment: TaxTreatment, place: TaxPlace) -> None:
        # EN 16931, rule BR-AE-02: reverse charge names both parties' VAT numbers.
        if treatment.category != REVERSE_CHARGE:
            return
        who = place.name or "The customer"
        if not place.vat_id:
            raise TaxUndecided(
                "vat_id",
                f"{who} in {_where(place)} is billed by reverse charge, which needs its VAT number: enter it, or change"
                " its tax status.",
            )
        if not self._provider_vat_id:
            raise TaxUndecided(
                "vat_id",
                f"{who} in {_where(place)} is billed by reverse charge, which needs your own VAT number: enter it under"
                " Settings, Provider.",
            )


@question
def load_tax_table() -> Asking[TaxTable]:
    """All tax rules and the provider's VAT number, for any number of customers."""
    rows, vat_ids = yield [
        TaxRule.objects.select_related("tax_code"),
        Provider.objects.order_by("pk").values_list("vat_id", flat=True),
    ]
    rules: dict[str, list[_Rule]] = {}
    for row in rows:
        rules.setdefault(row.tax_code.code, []).append(
            _Rule(row.country, row.region, row.status, row.valid_from or date.min, treatment_of(row))
        )
    return TaxTable(rules, provider_vat_id=vat_ids[0] if vat_ids else "")


def treatment_of(rule: TaxRule) -> TaxTreatment:
    """A rule's treatment as the calculation takes it."""
    return TaxTreatment(
        rule.category,
        rule.rate,
        rule.reason,
        tuple(TaxComponent(part["name"], Decimal(part["rate"])) for part in rule.components),
        rule.tax_code.code,
    )


def _where(place: TaxPlace) -> str:
    country = countries().get(place.country, place.country or "an unknown country")
    return f"{place.region}, {country}" if place.region else country
