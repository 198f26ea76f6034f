"""Who we are, how we number and tax, and which device classes we know. All inside `acting(scope)`."""

from __future__ import annotations

from babel.numbers import get_territory_currencies
from django.db.models import QuerySet

from quarterday.provider.models import DeviceClass, NumberSeries, Provider, Restoration, TaxCode, TaxRule
from quarterday.provider.tax import TaxPlace, TaxTable, TaxUndecided, load_tax_table
from quarterday.shared.asking import Asking, question
from quarterday.shared.refusal import NotFound, Refused

__all__ = [
    "NoProvider",
    "TaxPlace",
    "TaxTable",
    "TaxUndecided",
    "class_names",
    "currency_of",
    "device_classes",
    "find_provider",
    "get_provider",
    "load_tax_table",
    "number_patterns",
    "refuse_copy",
    "restored_copy",
    "revenue_accounts",
    "tax_codes",
    "tax_rules",
]


class NoProvider(NotFound):
    """Nobody has said yet who sends the bills."""


@question
def find_provider() -> Asking[Provider | None]:
    """The provider, or None in an empty installation."""
    rows: list[Provider] = yield Provider.objects.filter(pk=1)
    return rows[0] if rows else None


def currency_of(provider: Provider | None) -> str:
    """The currency of the provider's country; "" while there is none."""
    return str(get_territory_currencies(provider.country)[0]) if provider else ""


def get_provider() -> Provider:
    """The provider; NoProvider with the cure in an empty installation."""
    provider = find_provider()
    if provider is None:
        raise NoProvider("", "Nobody sends the bills yet: set up the provider with `quarterday provider set-up`.")
    return provider


def restored_copy() -> Restoration | None:
    """The backup that these rows come from, while nobody has said that this is the real installation now.

    As long as there is one, nothing is billed, mailed or reminded. Any scope may ask.
    """
    return Restoration.objects.filter(resumed_at=None).order_by("-pk").first()


def refuse_copy() -> None:
    """Raise Refused while these rows are a restored backup: the real installation gives the same numbers."""
    if restored_copy() is not None:
        raise Refused(
            "",
            "This is a restored copy, and no bill is issued from it: two installations would give the same number"
            " twice. When the old one is gone for good, say so: quarterday restore --live",
        )


def number_patterns() -> dict[str, NumberSeries]:
    """Kind of document ("invoice", "credit_note") -> how it is numbered."""
    return {series.kind: series for series in NumberSeries.objects.order_by("kind")}


def tax_codes() -> QuerySet[TaxCode]:
    """All tax codes, by code."""
    return TaxCode.objects.order_by("code")


def tax_rules() -> QuerySet[TaxRule]:
    """All tax rules, in the order in which a person looks for one."""
    return TaxRule.objects.select_related("tax_code").order_by(
        "tax_code__code", "country", "region", "status", "valid_from"
    )


@question
def revenue_accounts() -> Asking[dict[str, str]]:
    """Tax code -> the revenue account that its lines are booked on, "" where none is set."""
    rows = yield TaxCode.objects.values_list("code", "revenue_account")
    return dict(rows)


def device_classes() -> QuerySet[DeviceClass]:
    """All device classes, in the order in which they are shown."""
    return DeviceClass.objects.order_by("position", "key")


@question
def class_names() -> Asking[dict[str, str]]:
    """Key -> name of every device class, in the order in which they are shown."""
    rows = yield device_classes().values_list("key", "name")
    return dict(rows)
