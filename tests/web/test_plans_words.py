"""Prices, cycles and versions in words."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from quarterday.web.plans.pictures import pictures
from quarterday.web.plans.words import cycle_in_words, history, prices_in_words

CLASSES = {"computer": "Computer", "server": "Server"}


def version(pk, prices, flat_fee=0, effective_on=date(2026, 1, 1)):
    return SimpleNamespace(
        pk=pk, prices=prices, flat_fee=Decimal(flat_fee), flat_fee_tax_code="standard", effective_on=effective_on
    )


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ({"unit_price": "30"}, "30.00"),
        ({"unit_price": "0.0125", "minimum": 5, "included": 2}, "0.0125 (minimum 5, 2 included)"),
        ({"unit_price": "30", "tax_code": "reduced"}, "30.00 (tax code reduced)"),
        ({"tiers": {"mode": "graduated", "steps": [[10, "90"], [None, "80"]]}}, "90.00 up to 10, then 80.00"),
        ({"tiers": {"mode": "volume", "steps": [[10, "90"], [None, "80"]]}}, "all units: 90.00 up to 10, then 80.00"),
    ],
)
def test_a_price_in_words(price, words):
    (told,) = prices_in_words(version(1, {"computer": price}), "EUR", CLASSES)
    assert (told.name, str(told)) == ("Computer", words)


def test_a_yen_has_no_cents_and_an_unknown_class_its_key():
    told = prices_in_words(version(1, {"kiosk": {"unit_price": "5400"}}, flat_fee=800), "JPY", CLASSES)
    assert [(price.name, str(price)) for price in told] == [("kiosk", "5,400"), ("Flat fee", "800")]


def test_a_history_names_what_changed_newest_first():
    first = version(1, {"computer": {"unit_price": "30"}, "server": {"unit_price": "90"}})
    second = version(2, {"computer": {"unit_price": "30", "minimum": 3}}, flat_fee=10)
    chapters = history([first, second, version(3, second.prices, flat_fee=10)], "EUR", CLASSES)
    told = [[(change.name, change.before, change.after) for change in chapter.changes] for chapter in chapters]
    assert told == [
        [],
        [
            ("Computer", "30.00", "30.00 (minimum 3)"),
            ("Flat fee", "not charged", "10.00"),
            ("Server", "90.00", "not charged any more"),
        ],
        [],
    ]
    assert [str(price) for price in chapters[-1].began_with] == ["30.00", "90.00"]


@pytest.mark.parametrize(
    ("every", "unit", "words"),
    [(1, "month", "monthly"), (3, "month", "quarterly"), (6, "month", "half-yearly"), (12, "month", "yearly"),
     (1, "year", "yearly"), (2, "week", "every 2 weeks"), (5, "month", "every 5 months"), (2, "year", "every 2 years")],
)  # fmt: skip
def test_a_cycle_in_words(every, unit, words):
    assert cycle_in_words(every, unit) == words


def test_every_counting_rule_comes_to_another_count_in_its_picture():
    counts = {rule: picture.quantity for rule, picture in pictures().items()}
    assert counts == {"at_end": 2, "at_start": 1, "peak": 3, "any_day": 4, "prorated": 67}


def test_a_rule_that_looks_at_one_day_shades_that_day_alone():
    assert {rule: picture.looked_at for rule, picture in pictures().items()} == {
        "at_end": 30,
        "at_start": 1,
        "peak": 10,
        "any_day": None,
        "prorated": None,
    }
