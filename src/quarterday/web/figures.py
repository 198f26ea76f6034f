"""Amounts, prices and percentages as people type them: 42,00 by a German, 42.00 by an American, by either in any form.

The browser's own number field goes by the browser's language and not by the page's: where the two differ it drops the
comma of 42,00 and sends 4200. So these are fields of text, read here; what can mean two things is asked, not guessed.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import get_format
from django.utils.translation import gettext

CENT = Decimal("0.01")

_SPACES = re.compile(r"[ \u00a0\u202f]")
_IN_THOUSANDS = r"\d{1,3}(?:%s\d{3})+"
_WRITTEN = re.compile(r"-?\d+(?:\.\d+)?")


class TwoMeanings(ValueError):
    """1.234 is a thousand to some and little more than one to others."""


class _Typed(str):
    """What somebody typed, which comes back to them as it was."""


class Amount(forms.DecimalField):
    """A number with decimals, typed and shown in the form of the page's language."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(in_points(value, own=_own_sign()) if isinstance(value, str) else value)
        except TwoMeanings:
            told = gettext("%(typed)s can mean two things: write %(small)s or %(large)s.")
            small, large = re.sub("[.,]", _own_sign(), value.strip()), re.sub("[.,]", "", value.strip())
            raise forms.ValidationError(told % {"typed": value.strip(), "small": small, "large": large}) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        return _Typed(data) if isinstance(data, str) else data

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            value = without_zeros(value)
        if isinstance(value, str) and not isinstance(value, _Typed) and _WRITTEN.fullmatch(value):
            return value.replace(".", _own_sign())
        return value


class Whole(forms.IntegerField):
    """A whole number in digits alone: Django would read the German thousand 1.000 as one."""

    re_decimal = re.compile(r"(?!)")


def in_points(typed: str, *, own: str) -> str:
    """What was typed with a point for its decimals and nothing else, where `own` is the language's decimal sign.

    As it was, where it is no number. Raises TwoMeanings for a single foreign sign before three digits: 1.234 in German.
    """
    text = typed.strip().replace("\N{MINUS SIGN}", "-")
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    if _SPACES.search(text) and re.fullmatch(_IN_THOUSANDS % _SPACES.pattern + r"(?:[.,]\d+)?", text):
        text = _SPACES.sub("", text)
    signs = re.findall("[.,]", text)
    if len(signs) == 1:
        if signs[0] != own and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text):
            raise TwoMeanings(typed)
        return sign + text.replace(",", ".")
    if len(set(signs)) == 1 and re.fullmatch(_IN_THOUSANDS % re.escape(signs[0]), text):
        return sign + text.replace(signs[0], "")
    if len(set(signs)) == 2 and re.fullmatch(_IN_THOUSANDS % re.escape(signs[0]) + re.escape(signs[-1]) + r"\d+", text):
        return sign + text.replace(signs[0], "").replace(",", ".")
    return typed


def without_zeros(amount: Decimal) -> str:
    """An amount without the zeros that the table adds, but with its cents: 12.50."""
    return f"{amount.quantize(CENT):f}" if amount == round(amount, 2) else f"{amount.normalize():f}"


def _own_sign() -> str:
    return str(get_format("DECIMAL_SEPARATOR"))
