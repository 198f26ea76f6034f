"""Money: exact amounts that carry their currency, rounded in one place, split without losing a cent.

An amount of `Money` always has exactly its currency's minor digits. A unit price is not `Money` but a plain Decimal,
because prices may be finer than a cent; `line_net` is where a price becomes an amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quarterday.engine.canonical import plain

Exact = Fraction | Decimal | int
"""The numbers that money is made from; a float is none of them."""

_MINOR_DIGITS: dict[str, int] = {
    code: digits
    for digits, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW"
        " CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF"
        " IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK"
        " MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP"
        " SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER"
        " ZAR ZMW ZWG"
        # Withdrawn lately; bills that were issued in them stay readable.
        " ANG BGN HRK",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}


class UnknownCurrency(ValueError):
    """The code is not a currency of ISO 4217."""


class MixedCurrencies(ValueError):
    """Two amounts in different currencies were added, subtracted or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in a currency's own digits: `Money(Decimal("10"), "EUR")` is 10.00 EUR.

    Refuses a float (TypeError), an unknown currency (UnknownCurrency), and an amount finer than the currency
    (ValueError): round it first, where the rule says so.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"amount must be a Decimal, not {type(self.amount).__name__} ({self.amount!r})")
        digits = digits_of(self.currency)
        if not self.amount.is_finite():
            raise ValueError(f"amount must be a finite number, not {self.amount}")
        rounded = round_half_up(self.amount, digits)
        if rounded != self.amount:
            raise ValueError(
                f"amount {self.amount} is finer than {self.currency}, which has {digits} decimals: round it"
            )
        object.__setattr__(self, "amount", rounded)

    def __add__(self, other: Money) -> Money:
        return self._like(_minor_units(self) + _minor_units(self._same_currency(other)))

    def __sub__(self, other: Money) -> Money:
        return self._like(_minor_units(self) - _minor_units(self._same_currency(other)))

    def __neg__(self) -> Money:
        return self._like(-_minor_units(self))

    def __abs__(self) -> Money:
        return self._like(abs(_minor_units(self)))

    def __bool__(self) -> bool:
        return self.amount != 0

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same_currency(other).amount

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same_currency(other).amount

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same_currency(other).amount

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same_currency(other).amount

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def _like(self, minor_units: int) -> Money:
        return Money(_decimal_of(minor_units, digits_of(self.currency)), self.currency)

    def _same_currency(self, other: Money) -> Money:
        if not isinstance(other, Money):
            raise TypeError(f"money goes with money, not with {type(other).__name__} ({other!r})")
        if other.currency != self.currency:
            raise MixedCurrencies(f"{self} and {other} are in different currencies: bill each currency on its own")
        return other


def digits_of(currency: str) -> int:
    """The minor digits of an ISO 4217 currency: EUR 2, JPY 0, KWD 3. An unknown code is an UnknownCurrency."""
    try:
        return _MINOR_DIGITS[currency]
    except (KeyError, TypeError):
        raise UnknownCurrency(
            f"currency {currency!r} is not known: use the three capital letters of ISO 4217, such as EUR"
        ) from None


def decimals_of(number: Decimal) -> int:
    """How many decimals a number has, less noughts at its end: 30.00 none, 0.0125 four. Exact at any size."""
    _, _, decimals = plain(number).partition(".")
    return len(decimals)


def price_digits(price: Decimal, currency: str) -> int:
    """With how many decimals a unit price is written: its own, and at least its currency's."""
    return max(digits_of(currency), decimals_of(price))


def zero(currency: str) -> Money:
    """Nothing, in a currency: `zero("EUR")` is 0.00 EUR."""
    return Money(Decimal(0), currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts that must all be in `currency`; of none it is 0."""
    result = zero(currency)
    for amount in amounts:
        result += amount
    return result


def round_half_up(value: Exact, digits: int) -> Decimal:
    """The value with so many decimals, halves away from zero: 0.125 becomes 0.13 and -0.125 becomes -0.13.

    This is the one place where money is rounded. Exact at any size (no decimal context is involved), never -0.
    """
    return _rounded_ratio(*_ratio(value), digits)


def in_currency(value: Exact, currency: str) -> Decimal:
    """An exact amount with its currency's own decimals, rounded half away from zero."""
    return round_half_up(value, digits_of(currency))


def line_net(quantity: Exact, unit_price: Decimal, fraction: Exact, digits: int) -> Decimal:
    """A line's net amount: quantity x unit price x fraction, multiplied exactly and rounded once.

    760 device-days at 30.00 per 31 days: `line_net(760, Decimal("30.00"), Fraction(1, 31), 2)` is 735.48.
    """
    # Round the line, not the device: 31 devices rounded one by one can drift by 15 cents.
    numerator, denominator = 1, 1
    for factor in (quantity, unit_price, fraction):
        top, bottom = _ratio(factor)
        numerator *= top
        denominator *= bottom
    return _rounded_ratio(numerator, denominator, digits)


def split(money: Money, weights: Sequence[Exact]) -> list[Money]:
    """Share money in proportion to weights, to the last cent, by largest remainder.

    10.00 EUR over [1, 1, 1] is 3.34, 3.33, 3.33: the parts always add up to the whole, and of equal remainders the
    earlier weight gets the cent. A negative amount is split like its positive twin. Weights that add up to 0
    (also: no weights) are a ValueError, because then no share can be told.
    """
    if money.amount < 0:
        return [-part for part in split(-money, weights)]
    exact = [Fraction(*_ratio(weight)) for weight in weights]
    whole_weight = sum(exact)
    if whole_weight == 0:
        raise ValueError(f"weights {list(weights)} add up to 0: {money} cannot be shared by them")
    units = _minor_units(money)
    quotas = [units * weight / whole_weight for weight in exact]
    shares = [quota.numerator // quota.denominator for quota in quotas]
    by_remainder = sorted(range(len(quotas)), key=lambda i: shares[i] - quotas[i])
    for i in by_remainder[: units - sum(shares)]:
        shares[i] += 1
    digits = digits_of(money.currency)
    parts = [Money(_decimal_of(share, digits), money.currency) for share in shares]
    assert total(parts, money.currency) == money, f"{parts} do not add up to {money}"
    return parts


def _ratio(value: Exact) -> tuple[int, int]:
    """The value as numerator and positive denominator; refuses floats, which only look exact."""
    if isinstance(value, (Decimal, Fraction, int)):
        return value.as_integer_ratio()
    raise TypeError(f"money is exact: {value!r} is a {type(value).__name__}, use Decimal, Fraction or int")


def _rounded_ratio(numerator: int, denominator: int, digits: int) -> Decimal:
    twice = 2 * abs(numerator) * 10**digits
    units = (twice + denominator) // (2 * denominator)
    return _decimal_of(-units if numerator < 0 else units, digits)


def _decimal_of(units: int, digits: int) -> Decimal:
    """Minor units as an exact Decimal with so many decimals: 1234 and 2 are 12.34."""
    # From text, because arithmetic on Decimals would round to the context's 28 digits.
    return Decimal(f"{units}E-{digits}")


def _minor_units(money: Money) -> int:
    numerator, denominator = money.amount.as_integer_ratio()
    units: int = numerator * 10 ** digits_of(money.currency) // denominator
    return units
