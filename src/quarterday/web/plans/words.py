"""Prices in words, and what changed from one version of a plan to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterday.provider.defaults import STANDARD
from quarterday.web.templatetags.quarterday import words


@dataclass(frozen=True, slots=True)
class Price:
    """A class's price as people read it: "30.00", and besides it "minimum 5", "2 included"."""

    name: str
    price: str
    besides: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.price} ({', '.join(self.besides)})" if self.besides else self.price


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a version changes."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the audit trail: when, who, what, and from which day on where it has one."""

    at: datetime
    who: str
    what: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A version in the plan's history: what it changed of the one before, or with what the plan began."""

    version: Any
    changes: tuple[Change, ...]
    began_with: tuple[Price, ...] = ()


def prices_in_words(version: Any, currency: str, classes: Mapping[str, str]) -> tuple[Price, ...]:
    """All prices of a version (or of a customer's own terms) in the order of the classes, the flat fee last."""
    priced = [key for key in classes if key in version.prices]
    priced += [key for key in version.prices if key not in classes]
    listed = [_price(classes.get(key, key), version.prices[key], currency) for key in priced]
    if version.flat_fee:
        besides = () if version.flat_fee_tax_code == STANDARD else (_tax_code(version.flat_fee_tax_code),)
        listed.append(Price(_("Flat fee"), _unit_price(version.flat_fee, currency), besides))
    return tuple(listed)


def history(versions: Sequence[Any], currency: str, classes: Mapping[str, str]) -> list[Chapter]:
    """The plan's versions, newest first, each with what it changed."""
    if not versions:
        return []
    told = {version.pk: prices_in_words(version, currency, classes) for version in versions}
    first = Chapter(versions[0], (), began_with=told[versions[0].pk])
    later = [Chapter(new, tuple(_changes(told[old.pk], told[new.pk]))) for old, new in pairwise(versions)]
    return [*reversed(later), first]


def acts_in_words(entries: Iterable[Any]) -> list[Act]:
    """What was done to a plan and by whom, as the audit trail has it."""
    verbs = {
        "created": _("added the plan"),
        "modified": _("gave it new prices"),
        "withdrew a version of": _("withdrew prices"),
        "changed": _("changed its name, description or late policy"),
        "archived": _("archived it"),
        "restored": _("offered it again"),
    }
    return [
        Act(entry.at, entry.actor_name, verbs.get(entry.verb, entry.verb), _day_of(entry.details)) for entry in entries
    ]


def cycle_in_words(every: int, unit: str) -> str:
    """A billing cycle: monthly, quarterly, every 2 weeks."""
    named = {
        (1, "week"): _("weekly"),
        (1, "month"): _("monthly"),
        (3, "month"): _("quarterly"),
        (6, "month"): _("half-yearly"),
        (12, "month"): _("yearly"),
        (1, "year"): _("yearly"),
    }
    if (every, unit) in named:
        return named[every, unit]
    if unit == "week":
        return ngettext("every %(n)d week", "every %(n)d weeks", every) % {"n": every}
    if unit == "month":
        return ngettext("every %(n)d month", "every %(n)d months", every) % {"n": every}
    return ngettext("every %(n)d year", "every %(n)d years", every) % {"n": every}


def per_cycle(every: int, unit: str) -> str:
    """What a price is for, to be read after it: 30.00 per quarter, 30.00 every 2 weeks."""
    named = {
        (1, "week"): _("per week"),
        (1, "month"): _("per month"),
        (3, "month"): _("per quarter"),
        (6, "month"): _("per half-year"),
        (12, "month"): _("per year"),
        (1, "year"): _("per year"),
    }
    return named.get((every, unit)) or cycle_in_words(every, unit)


def _day_of(details: Mapping[str, Any]) -> date | None:
    told = details.get("effective_on")
    return date.fromisoformat(told) if isinstance(told, str) else None


def _changes(before: Sequence[Price], after: Sequence[Price]) -> Iterator[Change]:
    old = {price.name: str(price) for price in before}
    new = {price.name: str(price) for price in after}
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name):
            yield Change(name, old.get(name, _("not charged")), new.get(name, _("not charged any more")))


def _price(name: str, price: Mapping[str, Any], currency: str) -> Price:
    besides = []
    if price.get("minimum"):
        besides.append(_("minimum %(n)d") % {"n": price["minimum"]})
    if price.get("included"):
        besides.append(_("%(n)d included") % {"n": price["included"]})
    if price.get("tax_code", STANDARD) != STANDARD:
        besides.append(_tax_code(price["tax_code"]))
    if "tiers" in price:
        return Price(name, _tiers(price["tiers"], currency), tuple(besides))
    return Price(name, _unit_price(price["unit_price"], currency), tuple(besides))


def _tiers(tiers: Mapping[str, Any], currency: str) -> str:
    steps = [
        _("%(price)s up to %(bound)d") % {"price": _unit_price(price, currency), "bound": bound}
        if bound is not None
        else _("then %(price)s") % {"price": _unit_price(price, currency)}
        for bound, price in tiers["steps"]
    ]
    listed = ", ".join(steps)
    return _("all units: %(steps)s") % {"steps": listed} if tiers["mode"] == "volume" else listed


def _tax_code(code: str) -> str:
    return _("tax code %(code)s") % {"code": code}


def _unit_price(price: Any, currency: str) -> str:
    return words().unit_price(Decimal(price), currency)
