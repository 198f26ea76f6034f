"""JSON values are what they must be, up to the bound, or the message says what they are instead."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from quarterday.engine.json_values import (
    JsonError,
    read_amount,
    read_choice,
    read_currency,
    read_date,
    read_decimal,
    read_id,
    read_list,
    read_mapping,
    read_object,
    read_pair,
    read_text,
    read_whole,
    read_zone,
)

D = Decimal
TRILLION = 10**12


def refused(read: Callable[[], object]) -> tuple[str, str]:
    """The path and the message of a refusal."""
    with pytest.raises(JsonError) as refusal:
        read()
    assert str(refusal.value) == f"{refusal.value.path}: {refusal.value.message}"
    return refusal.value.path, refusal.value.message


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (7, "the number 7"),
        (-7, "the number -7"),
        (TRILLION - 1, "the number 999999999999"),
        (TRILLION, "a number too large"),
        (-TRILLION, "a number too large"),
        (1.5, "the number 1.5"),
        ("seven", "text"),
        ([], "a list"),
        ((), "tuple"),
    ],
)
def test_a_refusal_says_what_stands_there_instead(told: object, kind: str) -> None:
    assert refused(lambda: read_mapping(told, "plans")) == ("plans", f"must be an object in braces, not {kind}")


def test_an_object_where_a_list_a_text_or_a_number_belongs_is_called_an_object() -> None:
    assert refused(lambda: read_list({}, "devices")) == ("devices", "must be a list in brackets, not an object")
    assert refused(lambda: read_text({}, "id")) == ("id", "must be text in quotes, not an object")
    assert refused(lambda: read_whole({}, "times", 1, 9)) == ("times", "must be a whole number, not an object")
    assert refused(lambda: read_decimal({}, "price")) == (
        "price",
        'must be a decimal such as "30.00", not an object',
    )


def test_an_object_has_its_required_keys_and_no_unknown_ones() -> None:
    told = {"name": "North", "note": "new"}

    assert read_object(told, "customer", required=("name",), optional=("note", "tax")) == told
    assert refused(lambda: read_object(told, "customer", required=("name",), optional=("tax",))) == (
        "customer.note",
        "is not known here: expected are name, tax",
    )
    assert refused(lambda: read_object(told, "", required=("name",))) == (
        "note",
        "is not known here: expected are name",
    )
    assert refused(lambda: read_object({}, "customer", required=("name",))) == ("customer.name", "is missing")
    assert refused(lambda: read_object({}, "", required=("name",))) == ("name", "is missing")


def test_a_pair_has_two_values() -> None:
    assert read_pair([1, None], "step", "a bound and a price") == (1, None)
    assert refused(lambda: read_pair([1, 2, 3], "step", "a bound and a price")) == (
        "step",
        "must be two values, a bound and a price, not 3",
    )
    assert refused(lambda: read_pair(7, "step", "a bound and a price"))[0] == "step"


def test_an_id_is_text_or_a_number_of_64_bits() -> None:
    assert [read_id(told, "id") for told in ("a", 2**63 - 1, -(2**63))] == ["a", 2**63 - 1, -(2**63)]
    assert refused(lambda: read_id(2**63, "id")) == (
        "id",
        "must be -9223372036854775808 to 9223372036854775807, not a number too large",
    )
    assert refused(lambda: read_id(-(2**63) - 1, "id"))[0] == "id"
    assert refused(lambda: read_id(None, "id")) == ("id", "must be text in quotes, not null")
    assert refused(lambda: read_id(True, "id")) == ("id", "must be a whole number, not true")


def test_text_has_something_in_it_that_can_be_written() -> None:
    assert [read_text(told, "text") for told in ("a", "é", " a ", "🖥", "\ud7ff\ue000")] == [
        "a",
        "é",
        " a ",
        "🖥",
        "\ud7ff\ue000",
    ]
    assert refused(lambda: read_text(" \t", "text")) == ("text", "must not be empty")
    for half in ("\ud800", "a\udfff"):
        assert refused(lambda half=half: read_text(half, "text")) == (  # type: ignore[misc]
            "text",
            "holds half of a surrogate pair, which is no character",
        )


def test_a_choice_is_one_of_its_words() -> None:
    assert read_choice("peak", "counting", ("peak", "any_day")) == "peak"
    assert refused(lambda: read_choice("average", "counting", ("peak", "any_day"))) == (
        "counting",
        "must be one of peak, any_day, not 'average'",
    )
    assert refused(lambda: read_choice([], "counting", ("peak", "any_day"))) == (
        "counting",
        "must be one of peak, any_day, not a list",
    )


def test_a_long_text_is_quoted_by_its_first_60_letters() -> None:
    def quoted(letters: int) -> str:
        return refused(lambda: read_choice("x" * letters, "mode", ("volume",)))[1].rpartition("not ")[2]

    assert quoted(60) == f"'{'x' * 60}'"
    assert quoted(61) == f"'{'x' * 60}...'"


def test_a_zone_and_a_currency_are_known_ones() -> None:
    assert (read_zone("Europe/Berlin", "zone"), read_currency("KWD", "currency")) == ("Europe/Berlin", "KWD")
    path, message = refused(lambda: read_zone("Mars/Olympus", "zone"))
    assert (path, "Mars/Olympus" in message) == ("zone", True)
    path, message = refused(lambda: read_currency("EURO", "currency"))
    assert (path, "EURO" in message) == ("currency", True)
    assert refused(lambda: read_zone(7, "zone")) == ("zone", "must be text in quotes, not the number 7")
    assert refused(lambda: read_currency(7, "currency")) == ("currency", "must be text in quotes, not the number 7")


def test_a_date_is_a_day_of_the_calendar_within_its_bounds() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)

    def read(told: object) -> date:
        return read_date(told, "on", least=first, most=last)

    assert (read("2026-01-01"), read("2026-12-31")) == (first, last)
    assert refused(lambda: read("2025-12-31")) == ("on", "must be 2026-01-01 to 2026-12-31, not 2025-12-31")
    assert refused(lambda: read("2027-01-01"))[1] == "must be 2026-01-01 to 2026-12-31, not 2027-01-01"
    assert refused(lambda: read("2026-02-29")) == ("on", "2026-02-29 is not a day of the calendar")
    for told, shown in (
        ("20260101", "'20260101'"),
        ("2026-01-01T00", "'2026-01-01T00'"),
        (20260101, "the number 20260101"),
    ):
        assert refused(lambda told=told: read(told)) == ("on", f'must be a date such as "2026-01-31", not {shown}')  # type: ignore[misc]
    assert (read_date("0001-01-01", "on"), read_date("9999-12-31", "on")) == (date.min, date.max)


def test_a_whole_number_lies_between_its_bounds() -> None:
    assert (read_whole(1, "times", 1, 12), read_whole(12, "times", 1, 12)) == (1, 12)
    assert refused(lambda: read_whole(0, "times", 1, 12)) == ("times", "must be 1 to 12, not the number 0")
    assert refused(lambda: read_whole(13, "times", 1, 12)) == ("times", "must be 1 to 12, not the number 13")
    assert refused(lambda: read_whole(True, "times", 1, 12)) == ("times", "must be a whole number, not true")
    assert refused(lambda: read_whole("7", "times", 1, 12)) == ("times", "must be a whole number, not text")


def test_a_decimal_is_exact_and_below_a_trillion() -> None:
    right = {"30.00": D("30.00"), "-0.000001": D("-0.000001"), "999999999999.5": D("999999999999.5"), 7: D(7)}
    assert [read_decimal(told, "price") for told in right] == list(right.values())
    assert read_decimal(TRILLION - 1, "price") == 999_999_999_999
    assert read_decimal(1 - TRILLION, "price") == -999_999_999_999

    assert refused(lambda: read_decimal(30.1, "price")) == ("price", 'must be text to be exact: write "30.1" in quotes')
    assert refused(lambda: read_decimal(False, "price"))[1] == 'must be a decimal such as "30.00", not false'
    for told, shown in (
        (TRILLION, "'too large'"),
        (-TRILLION, "'too large'"),
        ("1000000000000", "'1000000000000'"),
        ("1e3", "'1e3'"),
    ):
        assert refused(lambda told=told: read_decimal(told, "price")) == (  # type: ignore[misc]
            "price",
            f'must be a decimal such as "30.00" and below 1000000000000, not {shown}',
        )
    assert refused(lambda: read_decimal("0.0000001", "price")) == (
        "price",
        "must have at most 6 decimals, not '0.0000001'",
    )


def test_a_price_may_have_a_least_value() -> None:
    assert (read_decimal("0", "price", least=0), read_decimal("-100", "percent", least=-100)) == (D(0), D(-100))
    assert refused(lambda: read_decimal("-0.01", "price", least=0)) == ("price", "must be 0 or more, not -0.01")
    assert read_decimal("-5", "price") == -5


def test_an_amount_is_no_finer_than_its_currency() -> None:
    assert (read_amount("1.25", "amount", "EUR"), read_amount("1.255", "amount", "KWD")) == (D("1.25"), D("1.255"))
    assert read_amount("1.00", "amount", "JPY") == 1
    assert refused(lambda: read_amount("1.255", "amount", "EUR")) == (
        "amount",
        "must have at most the 2 decimals of EUR, not 1.255",
    )
    assert refused(lambda: read_amount("1.5", "amount", "JPY"))[1] == "must have at most the 0 decimals of JPY, not 1.5"
    assert refused(lambda: read_amount("one", "amount", "EUR"))[0] == "amount"
