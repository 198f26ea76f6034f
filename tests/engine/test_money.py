"""Money is exact, carries its currency, is rounded in one place, and its parts sum to the whole."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterday.engine.money import (
    MixedCurrencies,
    Money,
    UnknownCurrency,
    decimals_of,
    digits_of,
    in_currency,
    line_net,
    price_digits,
    round_half_up,
    split,
    total,
    zero,
)

D = Decimal


def eur(amount: str) -> Money:
    return Money(D(amount), "EUR")


@pytest.mark.parametrize(
    ("currency", "digits"), [("JPY", 0), ("ISK", 0), ("EUR", 2), ("USD", 2), ("KWD", 3), ("TND", 3), ("CLF", 4)]
)
def test_a_currency_has_its_own_digits(currency: str, digits: int) -> None:
    assert digits_of(currency) == digits
    assert str(Money(D(7), currency)) == f"{D(7):.{digits}f} {currency}"


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XYZ", "E€R", None, 978])
def test_a_code_that_is_no_currency_is_refused_with_the_cure(code: str) -> None:
    with pytest.raises(UnknownCurrency, match="three capital letters of ISO 4217"):
        digits_of(code)


@pytest.mark.parametrize("amount", [10.5, "10.50", 10, None])
def test_money_is_made_of_decimals_only(amount: Decimal) -> None:
    with pytest.raises(TypeError, match="amount must be a Decimal"):
        Money(amount, "EUR")


def test_an_amount_finer_than_its_currency_must_be_rounded_first() -> None:
    with pytest.raises(ValueError, match=r"10\.005 is finer than EUR, which has 2 decimals"):
        eur("10.005")
    with pytest.raises(ValueError, match="finer than JPY, which has 0 decimals"):
        Money(D("0.5"), "JPY")
    assert Money(D("0.005"), "KWD").amount == D("0.005")
    with pytest.raises(ValueError, match="finite"):
        eur("NaN")


def test_equal_money_looks_the_same_however_it_was_written() -> None:
    assert str(eur("1E+3")) == str(eur("1000")) == "1000.00 EUR"
    assert str(eur("-0.00")) == "0.00 EUR"


def test_money_adds_subtracts_and_compares() -> None:
    assert eur("0.10") + eur("0.20") == eur("0.30")
    assert eur("0.10") - eur("0.20") == -eur("0.10")
    assert abs(eur("-0.10")) == eur("0.10")
    assert eur("1") < eur("2") <= eur("2.00")
    assert eur("2") > eur("1") >= eur("1")
    assert not eur("1") < eur("1.00")
    assert not eur("1") > eur("1.00")
    assert not zero("EUR")
    assert eur("-0.01")
    assert total([eur("1.10"), eur("2.20")], "EUR") == eur("3.30")
    assert total([], "KWD") == Money(D("0.000"), "KWD")


def test_two_currencies_do_not_mix() -> None:
    yen = Money(D(1), "JPY")
    for mix in (
        lambda: eur("1") + yen,
        lambda: eur("1") - yen,
        lambda: eur("1") < yen,
        lambda: eur("1") <= yen,
        lambda: eur("1") > yen,
        lambda: eur("1") >= yen,
        lambda: total([yen], "EUR"),
    ):
        with pytest.raises(MixedCurrencies, match="bill each currency on its own"):
            mix()
    with pytest.raises(TypeError, match="money goes with money"):
        eur("1") + D(1)  # type: ignore[operator]
    assert eur("1") != yen


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        ("0.125", 2, "0.13"),
        ("-0.125", 2, "-0.13"),
        ("0.135", 2, "0.14"),
        ("0.1249999", 2, "0.12"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("13.965", 2, "13.97"),
        ("1.0005", 3, "1.001"),
        ("-0.001", 2, "0.00"),
        ("0", 3, "0.000"),
        ("123456789012345678901234567890123.455", 2, "123456789012345678901234567890123.46"),
    ],
)
def test_halves_are_rounded_away_from_zero(value: str, digits: int, rounded: str) -> None:
    assert str(round_half_up(D(value), digits)) == rounded
    assert str(round_half_up(Fraction(value), digits)) == rounded


def test_rounding_does_not_depend_on_the_decimal_context_around_it() -> None:
    with localcontext(prec=3, rounding=ROUND_DOWN):
        assert str(round_half_up(D("12345.675"), 2)) == "12345.68"
        assert str(line_net(760, D("30.00"), Fraction(1, 31), 2)) == "735.48"
        assert eur("12345.67") + eur("0.01") == eur("12345.68")


@pytest.mark.parametrize(
    ("number", "decimals"),
    [("30", 0), ("30.00", 0), ("0.0125", 4), ("-0.50", 1), ("1E+2", 0), ("1E-7", 7), (f"{'9' * 40}.001", 3)],
)
def test_noughts_at_the_end_are_no_decimals_at_any_size(number: str, decimals: int) -> None:
    assert decimals_of(Decimal(number)) == decimals


def test_a_price_is_written_with_its_own_decimals_and_at_least_its_currencys() -> None:
    assert price_digits(Decimal("30"), "EUR") == 2
    assert price_digits(Decimal("0.012500"), "EUR") == 4
    assert price_digits(Decimal("1.5"), "KWD") == 3
    assert price_digits(Decimal("40"), "JPY") == 0


def test_a_float_is_refused_wherever_money_is_made() -> None:
    for make in (
        lambda: round_half_up(0.1, 2),  # type: ignore[arg-type]
        lambda: line_net(1.0, D(1), 1, 2),  # type: ignore[arg-type]
        lambda: line_net(1, D(1), 0.5, 2),  # type: ignore[arg-type]
        lambda: split(eur("1"), [0.5, 0.5]),  # type: ignore[list-item]
    ):
        with pytest.raises(TypeError, match="money is exact"):
            make()


def test_a_line_is_rounded_once() -> None:
    assert line_net(760, D("30.00"), Fraction(1, 31), 2) == D("735.48")
    assert line_net(3, D("0.333333"), 1, 2) == D("1.00")
    assert line_net(-3, D("10.00"), Fraction(1, 8), 0) == D("-4")
    assert line_net(1, D("1.0005"), 1, 3) == D("1.001")
    # 31 devices with a day each in a month of 31 days: one line says 30.00, lines of their own would say 30.07.
    assert line_net(31, D("30.00"), Fraction(1, 31), 2) == D("30.00")
    assert 31 * line_net(1, D("30.00"), Fraction(1, 31), 2) == D("30.07")


def test_a_split_loses_no_cent() -> None:
    assert split(eur("10.00"), [1, 1, 1]) == [eur("3.34"), eur("3.33"), eur("3.33")]
    assert split(eur("0.00"), [1, 2]) == [eur("0.00"), eur("0.00")]
    assert split(eur("-10.00"), [1, 1, 1]) == [eur("-3.34"), eur("-3.33"), eur("-3.33")]
    assert split(Money(D(100), "JPY"), [1, 1, 1]) == [Money(D(n), "JPY") for n in (34, 33, 33)]
    assert split(Money(D("0.002"), "KWD"), [1, 1, 1]) == [Money(D(n), "KWD") for n in ("0.001", "0.001", "0")]


def test_the_largest_remainder_gets_the_cent_and_of_equal_ones_the_first() -> None:
    assert split(eur("0.10"), [D("0.4"), D("0.45"), D("0.15")]) == [eur("0.04"), eur("0.05"), eur("0.01")]
    assert split(eur("0.01"), [1, 2, 1]) == [eur("0"), eur("0.01"), eur("0")]
    assert split(eur("0.01"), [0, 1, 1]) == [eur("0"), eur("0.01"), eur("0")]


def test_what_has_no_weight_cannot_be_shared() -> None:
    for weights in ([], [0, 0], [1, -1]):
        with pytest.raises(ValueError, match="add up to 0"):
            split(eur("1.00"), weights)


amounts = st.integers(-(10**12), 10**12).map(lambda cents: Money(Decimal(cents).scaleb(-2), "EUR"))


@settings(max_examples=25)
@given(amounts, st.lists(st.fractions(0, 1000), min_size=1, max_size=12).filter(any))
def test_the_parts_of_a_split_add_up_and_none_is_a_cent_from_its_exact_share(
    money: Money, weights: list[Fraction]
) -> None:
    parts = split(money, weights)
    assert total(parts, "EUR") == money
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Fraction(part.amount) - Fraction(money.amount) * weight / sum(weights)) < Fraction(1, 100)


@settings(max_examples=60)
@given(st.fractions(-(10**6), 10**6), st.integers(0, 4))
def test_a_rounded_value_is_the_nearest_and_its_opposite_rounds_to_the_opposite(value: Fraction, digits: int) -> None:
    rounded = Fraction(round_half_up(value, digits))
    assert abs(rounded - value) <= Fraction(1, 2 * 10**digits)
    assert Fraction(round_half_up(-value, digits)) == -rounded
    assert (rounded * 10**digits).denominator == 1


@settings(max_examples=60)
@given(st.integers(0, 5000), st.decimals(0, 10**5, places=6), st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_the_parts_of_a_period_cost_what_the_whole_costs(quantity: int, price: Decimal, days: list[int]) -> None:
    fractions = [Fraction(part, sum(days)) for part in days]
    whole = line_net(quantity, price, 1, 2)
    parts = [line_net(quantity, price, fraction, 2) for fraction in fractions]
    # Each line is rounded, so each may be half a cent off, and no more.
    assert abs(sum(parts) - whole) <= D("0.005") * (len(parts) + 1)


@pytest.mark.parametrize(("currency", "told"), [("EUR", "2.35"), ("JPY", "2"), ("KWD", "2.345")])
def test_an_amount_has_its_currencys_decimals(currency: str, told: str) -> None:
    assert str(in_currency(Decimal("2.3450"), currency)) == told
