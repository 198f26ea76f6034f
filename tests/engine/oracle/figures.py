"""Exact figures, rounded and written out."""

from fractions import Fraction

DIGITS = {"JPY": 0, "EUR": 2, "USD": 2, "CHF": 2, "KWD": 3}


def round_half_up(value: Fraction, digits: int) -> Fraction:
    """Halves go away from zero (rule 14): 0.005 -> 0.01, -0.005 -> -0.01."""
    scale = 10**digits
    whole, rest = divmod(abs(value) * scale, 1)
    if rest >= Fraction(1, 2):
        whole += 1
    return Fraction(whole if value >= 0 else -whole, scale)


def as_decimal(value: Fraction, digits: int) -> str:
    """Exact decimal text with at least `digits` digits: 30 -> "30.00", 1/8 -> "0.125".

    Reading: rule 14 gives amounts the currency's digits; a unit price may have up to six (rules.md), so it is printed
    with the currency's digits and as many more as it needs.
    """
    for more in range(digits, 19):
        scaled = value * 10**more
        if scaled.denominator == 1:
            text = str(abs(scaled.numerator)).rjust(more + 1, "0")
            sign = "-" if value < 0 else ""
            return sign + (f"{text[:-more]}.{text[-more:]}" if more else text)
    raise ValueError(f"{value} has no short decimal form")
