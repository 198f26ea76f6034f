"""The texts of mails: values and a language in, subject and body out.

The provider may put its own words in place of a letter's (`own`): a template with the same {names}.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from quarterday.documents.bridge_words import reason_words
from quarterday.documents.legible import plain
from quarterday.documents.values import Difference
from quarterday.documents.wording import Language

_BILL = ("provider", "customer", "number", "issued", "due", "amount", "periods")
# A credit note is never due.
_CREDIT_NOTE = tuple(name for name in _BILL if name != "due")
_REMINDER = ("provider", "customer", "due", "bills", "total")

LETTERS = {
    "bill": _BILL,
    "credit_note": _CREDIT_NOTE,
    "reminder_before": _REMINDER,
    "reminder_after": (*_REMINDER, "fees"),
}
"""Each letter with the {names} that its texts may use."""

LATE_FEE_NAMES = ("number", "issued", "due", "open")
"""What the text of a late fee on a bill may name: the bill that is late, its days, what was open of it."""


class LetterWrong(Exception):
    """A letter's own words name something that the letter does not know."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    body: str


def write_letter(
    kind: str, language: Language, names: Mapping[str, str], *, own: Mapping[str, str] | None = None
) -> Letter:
    """Fill in a letter; `own` may hold "subject" and "body" in the provider's words."""
    own = own or {}
    subject = own.get("subject") or language.say(f"letter.{kind}.subject")
    body = own.get("body") or language.say(f"letter.{kind}.body")
    # A name that has nothing to say leaves no hole.
    filled = re.sub(r"\n{3,}", "\n\n", _fill(body, names))
    return Letter(" ".join(_fill(subject, names).split()), filled.strip() + "\n")


def late_fee_text(language: Language, names: Mapping[str, str], *, own: str = "") -> str:
    """What a late fee is called on the bill that charges it, in one line."""
    return " ".join(_fill(own or language.say("late_fee.text"), names).split())


def difference_in_letter(difference: Difference, currency: str, language: Language) -> str:
    """Why the bill differs from the one before, as lines below a letter: one a reason, and the two bills."""
    issued = language.short_date(difference.issued_on)
    lines = [f"{language.say('bridge.title')}:"]
    before = language.say("bridge.of", number=difference.number, issued=issued)
    lines.append(f"  {before}: {language.money(difference.before, currency)}")
    for reason in difference.reasons:
        words = reason_words(reason, language, currency, difference.device_names)
        detail = f" ({words.detail})" if words.detail else ""
        lines.append(f"  {plain(words.text + detail)}: {words.amount}")
    lines.append(f"  {language.say('bridge.now')}: {language.money(difference.now, currency)}")
    return "\n".join(lines) + "\n"


def check_letter(text: str, names: Iterable[str]) -> None:
    """Raise LetterWrong when the provider's own words use a {name} that is not to be had."""
    known = list(names)
    cure = "Known are " + ", ".join(f"{{{name}}}" for name in known) + "."
    try:
        _fill(text, dict.fromkeys(known, ""))
    except KeyError as error:
        raise LetterWrong(f"The text uses {{{error.args[0]}}}, which is not known here. {cure}") from None
    except _Decorated:
        raise LetterWrong(f"The text has more than a name in its braces. {cure}") from None
    except (ValueError, IndexError):
        raise LetterWrong(f"The text has a brace too many or too few. {cure}") from None


class _Decorated(ValueError):
    """A name is followed by a conversion or a format."""


class _Plain(string.Formatter):
    """Names only: `{bill.secret}` or `{0}` reach into nothing, and `{customer:>999999999}` fills no memory."""

    def parse(self, format_string: str) -> Iterator[tuple[str, str | None, str | None, str | None]]:
        for literal, name, form, conversion in super().parse(format_string):
            if form or conversion:
                raise _Decorated
            yield literal, name, form, conversion

    def get_field(self, field_name: str, args: object, kwargs: Mapping[str, str]) -> tuple[str, str]:
        return kwargs[field_name], field_name


def _fill(text: str, names: Mapping[str, str]) -> str:
    return _Plain().vformat(text, (), names)
