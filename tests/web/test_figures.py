"""Amounts as people type them: each language's own decimal sign, and never a hundred times too much."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from quarterday.web.figures import Amount, Whole
from quarterday.web.forms import Form


class Sheet(Form):
    price = Amount(min_value=0)


@pytest.mark.parametrize(
    ("language", "typed", "amount"),
    [
        ("de", "42,00", "42.00"),
        ("de", "42,5", "42.5"),
        ("de", "1.234,56", "1234.56"),
        ("de", "1.234.567,8", "1234567.8"),
        ("de", "0,125", "0.125"),
        ("de", "42.00", "42.00"),
        ("de", "1 234,56", "1234.56"),
        ("de", "4200", "4200"),
        ("en", "42.00", "42.00"),
        ("en", "42,00", "42.00"),
        ("en", "1,234.56", "1234.56"),
        ("en", "0.125", "0.125"),
        ("en", "-3.5", "-3.5"),
    ],
)
def test_an_amount_is_read_as_it_was_meant(language: str, typed: str, amount: str) -> None:
    with translation.override(language):
        assert Amount().clean(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("de", "1.234"),
        ("en", "1,234"),
        ("en", "42,00.5"),
        ("de", "42.00,5"),
        ("de", "1,2,3"),
        ("en", "1.2.3"),
        ("en", "1,234,56"),
        ("de", "12.34,5"),
    ],
)
def test_what_can_be_meant_in_two_ways_is_refused(language: str, typed: str) -> None:
    with translation.override(language), pytest.raises(ValidationError):
        Amount().clean(typed)


@pytest.mark.parametrize(
    ("language", "kept", "shown"),
    [
        ("de", "30.00", "30,00"),
        ("de", Decimal("1.125"), "1,125"),
        ("de", Decimal(1234), "1234,00"),
        ("en", "30.00", "30.00"),
    ],
)
def test_an_amount_is_shown_as_the_language_writes_it(language: str, kept: Decimal | str, shown: str) -> None:
    with translation.override(language):
        field = Sheet(initial={"price": kept})["price"]
        assert f'value="{shown}"' in str(field)
        assert 'type="text"' in str(field)
        assert Amount().clean(shown) == Decimal(kept)


def test_what_was_typed_comes_back_as_it_was_typed() -> None:
    with translation.override("de"):
        sheet = Sheet({"price": "1.234"})
        assert sheet.errors["price"] == ["1.234 kann zweierlei heißen: schreiben Sie 1,234 oder 1234."]
        assert 'value="1.234"' in str(sheet["price"])


def test_a_german_thousand_is_no_one() -> None:
    assert Whole().clean("1000") == 1000
    with translation.override("de"), pytest.raises(ValidationError):
        Whole().clean("1.000")
