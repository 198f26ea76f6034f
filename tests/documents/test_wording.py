"""Each language says the same things, in its own way of writing."""

import re
import tomllib
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from quarterday.documents.wording import language, languages
from quarterday.engine.periods import Period

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


def entries(code):
    """Every key of a language file with the {names} that its words use; plural forms count as one key."""
    tree = tomllib.loads((files("quarterday.documents") / "languages" / f"{code}.toml").read_text(encoding="utf-8"))
    found = {}

    def walk(branch, path):
        for key, value in branch.items():
            if isinstance(value, dict) and "other" in value:
                found[f"{path}{key}"] = set(re.findall(r"{(\w+)}", value["other"]))
            elif isinstance(value, dict):
                walk(value, f"{path}{key}.")
            else:
                found[f"{path}{key}"] = set(re.findall(r"{(\w+)}", value))

    walk(tree, "")
    return found


def test_english_and_german_are_there():
    assert languages() == ("de", "en")


@pytest.mark.parametrize("code", languages())
def test_every_language_has_the_same_keys_and_names_as_english(code):
    assert entries(code) == entries("en")


@pytest.mark.parametrize(
    ("tag", "money", "day", "period"),
    [
        ("en", "EUR 1,234.50", "1 March 2026", "1–31 Mar 2026"),
        ("en-US", "EUR 1,234.50", "March 1, 2026", "Mar 1 – 31, 2026"),
        ("de", "1.234,50 EUR", "1. März 2026", "1.–31. März 2026"),
        ("de-CH", "1’234.50 EUR", "1. März 2026", "1.–31. März 2026"),
        ("de_AT", "1.234,50 EUR", "1. März 2026", "1.–31. März 2026"),
    ],
)
def test_money_and_dates_follow_the_language_and_its_country(tag, money, day, period):
    written = language(tag)

    assert plain(written.money(Decimal("1234.50"), "EUR")) == money
    assert plain(written.long_date(date(2026, 3, 1))) == day
    assert plain(written.period(MARCH)) == period


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1234", "JPY", "1,234"),
        ("1234.5", "KWD", "1,234.500"),
        ("-0.05", "EUR", "−0.05"),
        ("-0.00", "EUR", "0.00"),
        ("0", "EUR", "0.00"),
        ("123456789012345678901234567890.12", "EUR", "123,456,789,012,345,678,901,234,567,890.12"),
    ],
)
def test_an_amount_has_its_currencys_own_digits_at_any_size(amount, currency, written):
    assert language("en").amount(Decimal(amount), currency) == written


def test_a_unit_price_shows_all_its_decimals_and_at_least_the_currencys():
    english = language("en")

    assert english.unit_price(Decimal("0.0125"), "EUR") == "0.0125"
    assert english.unit_price(Decimal("30"), "EUR") == "30.00"
    assert english.unit_price(Decimal("3E+3"), "JPY") == "3,000"


def test_one_device_and_two_devices():
    assert [language("en").plural("unit.device", count) for count in (1, 2, 0, -1)] == [
        "device",
        "devices",
        "devices",
        "device",
    ]


def test_a_language_without_a_file_is_answered_in_english():
    assert language("xx-YY").say("title.invoice") == "Invoice"


def test_a_country_that_the_language_does_not_know_changes_nothing():
    assert language("en-XX").money(Decimal("1.50"), "EUR") == language("en").money(Decimal("1.50"), "EUR")


def test_words_that_do_not_exist_are_an_error_and_not_an_empty_place_on_the_paper():
    with pytest.raises(KeyError):
        language("en").say("title.dunning")


def plain(text):
    """With plain blanks: dates and amounts are kept together by other ones."""
    return " ".join(text.split())
