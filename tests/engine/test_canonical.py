"""One spelling for values: what a digest is taken of is the same on every machine."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from quarterday.engine.canonical import canonical_json, digest_of, plain


@pytest.mark.parametrize(
    ("number", "spelled"),
    [
        ("30.00", "30"),
        ("30", "30"),
        ("100", "100"),
        ("100.50", "100.5"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("0E-8", "0"),
        ("-0.00", "0"),
        ("-0", "0"),
        ("-2.50", "-2.5"),
        ("-100.0", "-100"),
    ],
)
def test_a_decimal_is_spelled_by_its_value(number: str, spelled: str) -> None:
    assert plain(Decimal(number)) == spelled


def test_json_has_sorted_keys_no_spaces_and_letters_as_they_are() -> None:
    value = {"b": [Decimal("1.50"), Fraction(29, 30)], "a": {"on": date(2026, 4, 1), "name": "Réception"}, "c": None}

    assert canonical_json(value) == '{"a":{"name":"Réception","on":"2026-04-01"},"b":["1.5","29/30"],"c":null}'.encode()


def test_what_is_no_number_has_no_spelling() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


def test_a_digest_is_sha256_in_hexadecimal_digits() -> None:
    """The digest of nothing, as every tool for it prints it."""
    assert digest_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
