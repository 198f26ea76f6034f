"""Values as people type them, checked and brought into one form; what is wrong is a ValueError in words.

Every check takes what was given and returns what is kept: `checked_country("de ")` is "DE". Rooms put their fields'
checks in a table, and `checked` runs all of them, so that a person sees every problem at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from quarterday.documents.wording import languages
from quarterday.engine.money import decimals_of, digits_of
from quarterday.engine.periods import zone_named
from quarterday.provider.places import EU_COUNTRIES, countries, vat_prefix
from quarterday.provider.words import checked_words
from quarterday.shared.refusal import Problem, Refused

Check = Callable[[Any], Any]

KEPT_DECIMALS = 3
"""With so many decimals the tables keep amounts of money."""


def checked(given: Mapping[str, Any], checks: Mapping[str, Check], *, more: Iterable[Problem] = ()) -> dict[str, Any]:
    """Run each field's check; Refused with every problem: also unknown fields, and `more` that the caller found."""
    kept: dict[str, Any] = {}
    problems: list[Problem] = []
    for field, value in given.items():
        if field not in checks:
            problems.append(Problem(field, f"cannot be set here; these can: {', '.join(sorted(checks))}."))
            continue
        try:
            kept[field] = checks[field](value)
        except ValueError as error:
            problems.append(Problem(field, str(error)))
    problems += more
    if problems:
        raise Refused(problems=problems)
    return kept


def text(longest: int, *, required: bool = False, lines: bool = False) -> Check:
    """A check for text of at most so many characters, without control characters; spaces around it fall away."""

    def check(value: Any) -> str:
        kept = checked_words(value, longest=longest, lines=lines)
        if required and not kept:
            raise ValueError("is missing: write it.")
        return kept

    return check


def whole_number(lowest: int, highest: int) -> Check:
    """A check for a whole number within bounds."""

    def check(value: Any) -> int:
        try:
            number = int(str(value).strip())
        except ValueError:
            raise ValueError(f"{value!r} is not a whole number: write one from {lowest} to {highest}.") from None
        if not lowest <= number <= highest:
            raise ValueError(f"{number} is out of bounds: write a number from {lowest} to {highest}.")
        return number

    return check


def yes_or_no(value: Any) -> bool:
    """True or False, or the words yes and no; nothing else is taken for one of them."""
    words = {"yes": True, "no": False}
    if not isinstance(value, bool) and value not in words:
        raise ValueError(f"{value!r} is neither yes nor no.")
    return value if isinstance(value, bool) else words[value]


def optional(check: Check, *, empty: Any = None) -> Check:
    """The check, or `empty` for nothing given."""
    return lambda value: empty if value is None or value == "" else check(value)


def one_of(choices: Iterable[str]) -> Check:
    """A check for one of a few words."""
    known = list(choices)

    def check(value: Any) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is not one of {', '.join(known)}.")
        return str(value)

    return check


def exact_number(value: Any) -> Decimal:
    """An exact number; a float is refused, because it only looks like one."""
    if isinstance(value, float):
        raise ValueError(f"{value!r} is a float: write it as text, so that it stays exact.")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a number: write it like 30.00.")
    return number


def price(value: Any) -> Decimal:
    """A price, not negative, with at most six decimals."""
    number = amount(value)
    if number < 0:
        raise ValueError(f"{number} is negative: a price is 0 or more; give a discount as an adjustment.")
    return number


def percent_of_a_bill(value: Any) -> Decimal:
    """More than 0 and at most 100 percent."""
    number = amount(value)
    if not 0 < number <= 100:
        raise ValueError(f"{number} is out of bounds: write more than 0 and at most 100 percent.")
    return number


def amount(value: Any) -> Decimal:
    """An amount of at most twelve digits before and six after the point."""
    number = exact_number(value)
    # First its size: the decimals are looked for in the number as it is written out.
    if abs(number) >= 10**12:
        raise ValueError(f"{number} is too large: use at most twelve digits before the point.")
    if decimals_of(number) > 6:
        raise ValueError(f"{number} is too fine: use at most six decimals.")
    return number


def checked_day(value: Any) -> date:
    """A day that a bill can have."""
    if not isinstance(value, date):
        raise ValueError(f"{value!r} is not a day.")
    if not 1990 <= value.year <= 2199:
        raise ValueError(f"{value} is out of bounds: use a day between 1990 and 2199.")
    return value


def typed_day(value: Any) -> date:
    """A day that a bill can have, also as 2026-04-30."""
    if not isinstance(value, str):
        return checked_day(value)
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{value!r} is not a day: write it like 2026-04-30.") from None
    return checked_day(day)


def checked_zone(value: Any) -> str:
    """An IANA time zone."""
    zone = str(value).strip()
    zone_named(zone)
    return zone


def checked_country(value: Any) -> str:
    """A country by its ISO code."""
    code = str(value).strip().upper()
    if code not in countries():
        raise ValueError(f"{value!r} is not a country: use the two letters of ISO 3166, such as DE.")
    return code


def checked_currency(value: Any) -> str:
    """A currency by its ISO code, in which bills can be made."""
    code = str(value).strip().upper()
    # Some units of account have four. What the tables rounded would not be what was calculated.
    if (digits := digits_of(code)) > KEPT_DECIMALS:
        raise ValueError(f"{code} has {digits} decimals, amounts on bills have {KEPT_DECIMALS} at most: use another.")
    return code


def checked_language(value: Any) -> str:
    """A language that paper can be printed in, perhaps with a country: de, en-US."""
    tag = str(value).strip().replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2}(-[A-Za-z]{2})?", tag) or tag[:2].lower() not in languages():
        raise ValueError(f"{value!r} is not a language of the bills: use one of {', '.join(languages())}.")
    return tag[:2].lower() + tag[2:].upper()


def checked_email(value: Any) -> str:
    """One e-mail address."""
    address = str(value).strip()
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError(f"{address!r} is not an e-mail address: write it like billing@example.com.") from None
    return address


def checked_emails(value: Any) -> list[str]:
    """E-mail addresses as a list, or in one text with commas, semicolons or spaces between; each once, in order."""
    parts = re.split(r"[,;\s]+", value) if isinstance(value, str) else list(value)
    addresses = [checked_email(part) for part in parts if str(part).strip()]
    if len(addresses) > 50:
        raise ValueError(f"are too many ({len(addresses)}): use at most 50 addresses.")
    return list({address.lower(): address for address in addresses}.values())


def checked_days_list(value: Any) -> list[int]:
    """Numbers of days, in order, each once: [3, 14], or "3, 14"."""
    parts = re.split(r"[,;\s]+", value.strip()) if isinstance(value, str) else list(value)
    return sorted({whole_number(0, 365)(part) for part in parts if str(part).strip()})


def checked_vat_id(value: str, country: str) -> str:
    """A VAT number of a country, with its letters in front within the EU: FR 61 954 506 077 is FR61954506077."""
    number = re.sub(r"[\s.-]", "", value).upper()
    if not number:
        return ""
    from stdnum import get_cc_module
    from stdnum.eu import vat
    from stdnum.exceptions import ValidationError as WrongNumber

    validate: Callable[[str], Any]
    if country in EU_COUNTRIES:
        if not number[:2].isalpha():
            number = vat_prefix(country) + number
        number = re.sub("^GR", "EL", number)
        validate = vat.validate
    else:
        national = get_cc_module(country.lower(), "vat")
        # Where no format is published, only what prints is held.
        validate = national.validate if national else text(30)
    try:
        validate(number)
    except WrongNumber:
        raise ValueError(
            f"{value!r} is not a VAT number of {countries().get(country, country)}: check it on the customer's bill or"
            " in the EU's VIES register."
        ) from None
    return number


def checked_iban(value: Any) -> str:
    """An IBAN without spaces; its check digits must fit."""
    number = str(value or "").replace(" ", "").upper()
    if not number:
        return ""
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    try:
        return str(IBAN(number).compact)
    except SchwiftyException:
        raise ValueError(f"{value!r} is not an IBAN: check its digits.") from None


def checked_bic(value: Any) -> str:
    """A BIC of 8 or 11 characters."""
    code = str(value or "").replace(" ", "").upper()
    if not code:
        return ""
    from schwifty import BIC
    from schwifty.exceptions import SchwiftyException

    try:
        return str(BIC(code).compact)
    except SchwiftyException:
        raise ValueError(f"{value!r} is not a BIC: write its 8 or 11 characters, such as COBADEFF.") from None


def checked_colour(value: Any) -> str:
    """A colour as #rrggbb."""
    colour = str(value).strip().lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise ValueError(f"{value!r} is not a colour: write it like #206bc4.")
    return colour
