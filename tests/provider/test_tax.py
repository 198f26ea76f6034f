"""How a line is taxed: code x place x status, dated; the most specific rule that has begun."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from quarterday.documents.wording import language
from quarterday.engine.facts import TaxComponent, TaxTreatment
from quarterday.provider.actions import add_tax_rule, install_defaults
from quarterday.provider.models import TaxCode
from quarterday.provider.queries import TaxPlace, TaxUndecided, load_tax_table
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, open_shop

DAY = date(2026, 4, 30)
FRENCH_VAT = "FR61954506077"


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        yield


@pytest.mark.parametrize(
    ("country", "status", "vat_id", "category", "rate"),
    [
        ("DE", "standard", "", "S", 19),
        ("DE", "business", "DE136695976", "S", 19),
        ("DE", "exempt", "", "E", 0),
        ("FR", "standard", "", "S", 19),
        ("FR", "business", FRENCH_VAT, "AE", 0),
        ("FR", "exempt", "", "E", 0),
        ("CH", "business", "", "O", 0),
        ("US", "standard", "", "O", 0),
    ],
)
def test_a_german_provider_taxes_by_place_and_status(
    country: str, status: str, vat_id: str, category: str, rate: int
) -> None:
    open_shop()

    treatment = load_tax_table().treatment("standard", TaxPlace(country, "", status, vat_id), DAY)

    assert (treatment.category, treatment.rate) == (category, rate)
    # Every category without tax has its sentence in each language, which the paper prints.
    assert treatment.reason == ""
    assert category == "S" or language("de").knows(f"reason.{category}")


def test_reverse_charge_needs_both_vat_numbers() -> None:
    provider = open_shop()
    place = TaxPlace("FR", "", "business", "", "Café Lyon")

    with pytest.raises(TaxUndecided, match=r"Café Lyon in France .* its VAT number: enter it"):
        load_tax_table().treatment("standard", place, DAY)

    provider.vat_id = ""
    provider.save()
    with pytest.raises(TaxUndecided, match="your own VAT number"):
        load_tax_table().treatment("standard", TaxPlace("FR", "", "business", FRENCH_VAT), DAY)


@pytest.mark.parametrize(
    ("region", "rate", "components"),
    [
        ("QC", Decimal("14.975"), (TaxComponent("GST", Decimal(5)), TaxComponent("QST", Decimal("9.975")))),
        ("qc", Decimal("14.975"), (TaxComponent("GST", Decimal(5)), TaxComponent("QST", Decimal("9.975")))),
        ("ON", Decimal(13), (TaxComponent("HST", Decimal(13)),)),
        ("AB", Decimal(5), (TaxComponent("GST", Decimal(5)),)),
    ],
)
def test_canada_taxes_by_province_in_components(region: str, rate: Decimal, components: tuple[TaxComponent]) -> None:
    install_defaults(country="CA", by=BY, now=NOW)

    treatment = load_tax_table().treatment("standard", TaxPlace("CA", region, "standard", ""), DAY)

    assert treatment == TaxTreatment("S", rate, "", components, "standard")


def test_the_united_states_charge_no_tax_by_default() -> None:
    install_defaults(country="US", by=BY, now=NOW)

    treatment = load_tax_table().treatment("standard", TaxPlace("US", "TX", "standard", ""), DAY)

    assert treatment == TaxTreatment("O", Decimal(0), "Not subject to sales tax", code="standard")


def test_a_new_rate_counts_from_its_day() -> None:
    open_shop()
    add_tax_rule(
        TaxCode.objects.get(),
        category="S",
        rate=Decimal(16),
        country="DE",
        valid_from=date(2026, 7, 1),
        by=BY,
        now=NOW,
    )
    berlin = TaxPlace("DE", "", "standard", "")
    table = load_tax_table()

    assert table.treatment("standard", berlin, date(2026, 6, 30)).rate == 19
    assert table.treatment("standard", berlin, date(2026, 7, 1)).rate == 16
    assert [(rule.effective_on, rule.treatment.rate) for rule in table.dated(["standard"], berlin, on=[DAY])] == [
        (date.min, 19),
        (date(2026, 7, 1), 16),
    ]


def test_an_unknown_code_says_what_to_add() -> None:
    open_shop()

    for ask in (
        lambda: load_tax_table().treatment("books", TaxPlace("DE", "", "standard", "", "North Dental"), DAY),
        lambda: load_tax_table().dated(["books"], TaxPlace("DE", "", "standard", "", "North Dental"), on=[DAY]),
    ):
        with pytest.raises(TaxUndecided, match="No rule says how 'books' is taxed for North Dental in Germany"):
            ask()


def test_any_number_of_places_costs_one_query(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    open_shop()

    with django_assert_num_queries(1):
        table = load_tax_table()
        for country in ("DE", "FR", "CH", "US"):
            table.dated(["standard"], TaxPlace(country, "", "standard", ""), on=[DAY])
