"""A language: its words (one file in `languages/`), and dates, figures and money as its readers write them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, localcontext
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval
from babel.numbers import NumberPattern, parse_pattern

from quarterday.engine.money import digits_of, price_digits
from quarterday.engine.periods import Period

FALLBACK = "en"
_FOLDER = "languages"


@cache
def language(tag: str) -> Language:
    """The language of a tag such as "de", "en-US" or "pt_BR"; one that has no file is answered in English.

    The tag's country decides how dates and figures are written, else the language file's own `locale`.
    """
    code, _, country = tag.replace("_", "-").partition("-")
    code = code.lower()
    if code not in languages():
        return language(FALLBACK)
    words = _words_of(code)
    locale = Locale.parse(words["locale"])
    if country:
        with suppress(UnknownLocaleError, ValueError):  # a country that nothing special is known about
            locale = Locale.parse(f"{code}_{country.upper()}")
    return Language(code, locale, words)


@cache
def languages() -> tuple[str, ...]:
    """The codes of all languages that paper can be printed in: ("de", "en")."""
    folder = files(__package__) / _FOLDER
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


class Language:
    """The words and the ways of writing of one language."""

    def __init__(self, code: str, locale: Locale, words: Mapping[str, Any]) -> None:
        self.code = code
        self.locale = locale
        self._words = words
        # Thousands of devices share a few date ranges, a list's rows a few days and figures (above all 0): babel is
        # asked once for each.
        self._days_of = lru_cache(maxsize=4096)(self._write_days)
        self._day_of = lru_cache(maxsize=4096)(self._write_day)
        self._figure_of = lru_cache(maxsize=4096)(self._write_figure)

    @property
    def region(self) -> str | None:
        """The country part of the locale: "GB"."""
        territory = self.locale.territory
        return str(territory) if territory else None

    def say(self, key: str, /, **names: str) -> str:
        """The words of a key such as "line.minimum", with {names} filled in. An unknown key is a KeyError."""
        words = self._words
        for part in key.split("."):
            words = words[part]
        return str(words).format(**names) if names else str(words)

    def knows(self, key: str) -> bool:
        """Whether the language file has the key."""
        words: Any = self._words
        for part in key.split("."):
            if not isinstance(words, Mapping) or part not in words:
                return False
            words = words[part]
        return True

    def plural(self, key: str, count: Decimal | int, /, **names: str) -> str:
        """The form of the words that goes with a count: one device, two devices."""
        form = self.locale.plural_form(abs(Decimal(count)))
        return self.say(f"{key}.{form}" if self.knows(f"{key}.{form}") else f"{key}.other", **names)

    def class_name(self, device_class: str) -> str:
        """A class in the plural, as a line names it: "computer" is "Computers"; own classes stand as they are."""
        return self.say(f"class.{device_class}") if self.knows(f"class.{device_class}") else device_class

    def one_of_class(self, device_class: str) -> str:
        """A class in the singular, as the annex names it."""
        key = f"one_of_class.{device_class}"
        return self.say(key) if self.knows(key) else device_class

    def amount(self, amount: Decimal, currency: str) -> str:
        """An amount in the currency's own digits, without the currency: 1,234.50."""
        return self._write_number(amount, digits_of(currency), digits_of(currency))

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with its currency, that no line break parts: EUR 1,234.50."""
        return _unbroken(self.say("money", number=self.amount(amount, currency), currency=currency))

    def unit_price(self, price: Decimal, currency: str) -> str:
        """A price with at least the currency's digits and all that are finer: 0.0125."""
        return self._write_number(price, digits_of(currency), price_digits(price, currency))

    def number(self, number: Decimal | int) -> str:
        """A quantity with the decimals that it needs and no more: 1,234 or 2.5."""
        return self._write_number(Decimal(number), 0, 6)

    def percent(self, percent: Decimal) -> str:
        """A rate or discount: 19%, 9.975%."""
        return _unbroken(self.say("percent", number=self.number(percent)))

    def long_date(self, day: date) -> str:
        """A day with its month in words: 1 March 2026."""
        return self._day_of(day, "long")

    def short_date(self, day: date) -> str:
        """A day for narrow columns: 1 Mar 2026, 01.03.2026."""
        return self._day_of(day, "medium")

    def period(self, period: Period) -> str:
        """A period by its first and its last day: 1–31 Mar 2026."""
        return self._days_of(period, "yMMMd")

    def days_within(self, period: Period, whole: Period | None) -> str:
        """Days within a longer period, whose year goes without saying: 1–14 Mar."""
        same_year = whole is not None and whole.start.year == whole.last_day.year
        return self._days_of(period, "MMMd" if same_year else "yMMMd")

    def _write_day(self, day: date, length: str) -> str:
        return _unbroken(format_date(day, length, self.locale))

    def _write_days(self, period: Period, skeleton: str) -> str:
        return _unbroken(format_interval(period.start, period.last_day, skeleton, locale=self.locale))

    def _write_number(self, number: Decimal, fewest: int, most: int) -> str:
        # Nothing is 0, never −0: the two are equal, and one would be told for the other.
        return self._figure_of(number or Decimal(0), fewest, most)

    def _write_figure(self, number: Decimal, fewest: int, most: int) -> str:
        decimals = "0" * fewest + "#" * (most - fewest)
        with localcontext(prec=60):  # babel quantizes: an absurdly large amount is still shown to the cent
            text: str = _pattern(f"#,##0.{decimals}" if decimals else "#,##0").apply(number, self.locale)
        return text.replace("-", "−")


@cache
def _pattern(text: str) -> NumberPattern:
    """How figures are written, as babel reads it: few ways for many figures."""
    pattern: NumberPattern = parse_pattern(text)
    return pattern


def _words_of(code: str) -> Mapping[str, Any]:
    text = (files(__package__) / _FOLDER / f"{code}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")
