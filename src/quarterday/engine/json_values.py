"""JSON values read one by one: each is what it must be, or a JsonError with its path and the cure.

Amounts are read exactly: from text or whole numbers, never from a number with a point, which JSON readers take for a
binary fraction.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from quarterday.engine.money import UnknownCurrency, decimals_of, digits_of
from quarterday.engine.periods import zone_named

_PRICE_DIGITS = 6
_MOST = 10**12
_QUOTED = 60
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d+)?", re.ASCII)


class JsonError(Exception):
    """What is wrong with a value, and where it stands."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def read_object(
    told: object, path: str, *, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, Any]:
    """An object with all of the required keys and no others than these and the optional ones."""
    fields = read_mapping(told, path)
    for key in fields:
        if key not in required and key not in optional:
            known = ", ".join((*required, *optional))
            raise JsonError(f"{path}.{key}".lstrip("."), f"is not known here: expected are {known}")
    for key in required:
        if key not in fields:
            raise JsonError(f"{path}.{key}".lstrip("."), "is missing")
    return fields


def read_mapping(told: object, path: str) -> dict[str, Any]:
    """An object, whatever its keys."""
    if not isinstance(told, dict):
        raise JsonError(path, f"must be an object in braces, not {_kind(told)}")
    return told


def read_list(told: object, path: str) -> list[Any]:
    """A list, whatever its values."""
    if not isinstance(told, list):
        raise JsonError(path, f"must be a list in brackets, not {_kind(told)}")
    return told


def read_pair(told: object, path: str, what: str) -> tuple[Any, Any]:
    """A list of two values; `what` says which."""
    pair = read_list(told, path)
    if len(pair) != 2:
        raise JsonError(path, f"must be two values, {what}, not {len(pair)}")
    return pair[0], pair[1]


def read_id(told: object, path: str) -> str | int:
    """Text, or a whole number of at most 64 bits."""
    if isinstance(told, int):
        return read_whole(told, path, -(2**63), 2**63 - 1)
    return read_text(told, path)


def read_text(told: object, path: str) -> str:
    """Text with something in it."""
    if not isinstance(told, str):
        raise JsonError(path, f"must be text in quotes, not {_kind(told)}")
    if not told.strip():
        raise JsonError(path, "must not be empty")
    if not told.isascii() and any("\ud800" <= char <= "\udfff" for char in told):
        raise JsonError(path, "holds half of a surrogate pair, which is no character")
    return told


def read_choice(told: object, path: str, choices: Collection[str]) -> str:
    """One of some words."""
    if not isinstance(told, str) or told not in choices:
        raise JsonError(path, f"must be one of {', '.join(choices)}, not {_shown(told)}")
    return told


def read_zone(told: object, path: str) -> str:
    """The IANA name of a known time zone."""
    name = read_text(told, path)
    try:
        zone_named(name)
    except ValueError as error:
        raise JsonError(path, str(error)) from None
    return name


def read_currency(told: object, path: str) -> str:
    """The ISO 4217 code of a known currency."""
    code = read_text(told, path)
    try:
        digits_of(code)
    except UnknownCurrency as error:
        raise JsonError(path, str(error)) from None
    return code


def read_date(told: object, path: str, *, least: date = date.min, most: date = date.max) -> date:
    """A day of the calendar, written year-month-day."""
    if not isinstance(told, str) or not _DATE.fullmatch(told):
        raise JsonError(path, f'must be a date such as "2026-01-31", not {_shown(told)}')
    try:
        day = date.fromisoformat(told)
    except ValueError:
        raise JsonError(path, f"{told} is not a day of the calendar") from None
    if not least <= day <= most:
        raise JsonError(path, f"must be {least} to {most}, not {told}")
    return day


def read_whole(told: object, path: str, least: int, most: int) -> int:
    """A whole number between two bounds."""
    if not isinstance(told, int) or isinstance(told, bool):
        raise JsonError(path, f"must be a whole number, not {_kind(told)}")
    if not least <= told <= most:
        raise JsonError(path, f"must be {least} to {most}, not {_kind(told)}")
    return told


def read_decimal(told: object, path: str, *, least: int | None = None) -> Decimal:
    """A decimal, from text or a whole number: a JSON number with a point may not be the number that was meant."""
    if isinstance(told, float):
        raise JsonError(path, f'must be text to be exact: write "{told}" in quotes')
    if isinstance(told, bool) or not isinstance(told, (int, str)):
        raise JsonError(path, f'must be a decimal such as "30.00", not {_kind(told)}')
    text = told if isinstance(told, str) else str(told) if abs(told) < _MOST else "too large"
    if not _DECIMAL.fullmatch(text):
        raise JsonError(path, f'must be a decimal such as "30.00" and below {_MOST}, not {_shown(text)}')
    number = Decimal(text)
    if decimals_of(number) > _PRICE_DIGITS:
        raise JsonError(path, f"must have at most {_PRICE_DIGITS} decimals, not {_shown(text)}")
    if least is not None and number < least:
        raise JsonError(path, f"must be {least} or more, not {text}")
    return number


def read_amount(told: object, path: str, currency: str) -> Decimal:
    """An amount of money, no finer than its currency."""
    amount = read_decimal(told, path)
    digits = digits_of(currency)
    if decimals_of(amount) > digits:
        raise JsonError(path, f"must have at most the {digits} decimals of {currency}, not {amount}")
    return amount


def _shown(told: object) -> str:
    """A value as a message quotes it: text itself, shortened if it is long, of others their kind."""
    if not isinstance(told, str):
        return _kind(told)
    return repr(told if len(told) <= _QUOTED else f"{told[:_QUOTED]}...")


def _kind(told: object) -> str:
    """What a JSON value is, in words."""
    if told is None:
        return "null"
    if isinstance(told, bool):
        return "true" if told else "false"
    if isinstance(told, int) and abs(told) >= _MOST:
        return "a number too large"
    if isinstance(told, (int, float)):
        return f"the number {told}"
    if isinstance(told, str):
        return "text"
    if isinstance(told, list):
        return "a list"
    return "an object" if isinstance(told, dict) else type(told).__name__
