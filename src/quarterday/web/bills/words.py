"""Bills in the reader's words: how a line came about, what became of a bill, and where its mail is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from quarterday.bills.queries import Happening, ShownLine
from quarterday.engine.adjustments import CARRIED_OVER
from quarterday.engine.periods import Period
from quarterday.web.plans.words import cycle_in_words
from quarterday.web.templatetags.quarterday import noted, words

STATES = [
    ("issued", gettext_lazy("Issued")),
    ("draft", gettext_lazy("Waiting for a person")),
    ("discarded", gettext_lazy("Discarded")),
]
STATUSES = [
    ("", gettext_lazy("Any")),
    ("open", gettext_lazy("Open, overdue or not")),
    ("overdue", gettext_lazy("Overdue")),
    ("partly paid", gettext_lazy("Partly paid")),
    ("paid", gettext_lazy("Paid, credited or written off")),
    ("written off", gettext_lazy("Written off")),
]
SENT = [
    ("", gettext_lazy("Any")),
    ("sent", gettext_lazy("Sent")),
    ("waiting", gettext_lazy("Waiting to be sent")),
    ("failed", gettext_lazy("Failed or unclear")),
    ("none", gettext_lazy("Without an address")),
]
KINDS = [
    ("", gettext_lazy("Both")),
    ("invoice", gettext_lazy("Invoices")),
    ("credit_note", gettext_lazy("Credit notes")),
]
ORDERS = [
    ("newest", gettext_lazy("Newest first")),
    ("oldest", gettext_lazy("Oldest first")),
    ("due", gettext_lazy("Due soonest first")),
    ("due_last", gettext_lazy("Due latest first")),
    ("amount", gettext_lazy("Largest amount first")),
    ("amount_least", gettext_lazy("Smallest amount first")),
    ("customer", gettext_lazy("Customers A to Z")),
    ("customer_last", gettext_lazy("Customers Z to A")),
]

_RULES = {
    "at_end": gettext_lazy("the devices present on the last day of the period"),
    "at_start": gettext_lazy("the devices present on the first day of the period"),
    "peak": gettext_lazy("the most devices present on one day of the period"),
    "any_day": gettext_lazy("each device that was there on at least one day of the period"),
    "prorated": gettext_lazy("each device for the days that it was there"),
}

_HAPPENED = {
    "calculated": gettext_lazy("Calculated"),
    "held": gettext_lazy("Held for a person"),
    "approved": gettext_lazy("Approved"),
    "released": gettext_lazy("Released as it was reviewed"),
    "drafted": gettext_lazy("Kept as a draft"),
    "numbered": gettext_lazy("Issued"),
    "printed": gettext_lazy("Printed"),
    "discarded": gettext_lazy("Discarded"),
    "credited": gettext_lazy("Credited"),
    "wrote off": gettext_lazy("Written off"),
    "paused reminders": gettext_lazy("Reminders paused"),
    "resumed reminders": gettext_lazy("Reminders resumed"),
    "charged late fee": gettext_lazy("Late fee charged"),
    "let late fee go": gettext_lazy("Late fee let go"),
    "took back write-off": gettext_lazy("Write-off taken back"),
    "corrected": gettext_lazy("Corrected by another bill"),
    "sent again": gettext_lazy("Mailed again by hand"),
    "sent": gettext_lazy("Mailed by hand"),
    "downloaded": gettext_lazy("Downloaded"),
}

_MAIL = {
    "waiting": gettext_lazy("Mail waits for the print"),
    "queued": gettext_lazy("Mail is queued"),
    "sending": gettext_lazy("Mail is being sent"),
    "sent": gettext_lazy("Mail taken by the server"),
    "deferred": gettext_lazy("Mail put off, it is tried again"),
    "failed": gettext_lazy("Mail failed"),
    "unclear": gettext_lazy("Unclear whether the mail went out"),
    "cancelled": gettext_lazy("Mail taken back"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something in a bill's life, as people read it; `state` is the mail's, "" for all else."""

    at: datetime
    title: str
    by: str
    words: str
    state: str = ""


def events(happenings: Iterable[Happening]) -> Iterator[Event]:
    """A bill's history in words. That it was issued is told once, with its number."""
    for each in happenings:
        if each.what == "issued":
            continue
        mail = each.what.removeprefix("mail ")
        if mail != each.what:
            yield Event(each.at, str(_MAIL.get(mail, mail)), each.by, each.words, mail)
        else:
            yield Event(each.at, str(_HAPPENED.get(each.what, each.what)), each.by, noted(each.words))


def cycles_in_words(cycles: Iterable[tuple[int, str]]) -> str:
    """Billing cycles: monthly, quarterly."""
    return ", ".join(cycle_in_words(every, unit) for every, unit in cycles)


@dataclass(frozen=True, slots=True)
class LineWords:
    """A line as the bill page tells it: what is charged, how it was counted, what it costs, and the sum."""

    line: ShownLine
    title: str
    days: str
    counted: str
    price: str
    formula: str


def line_in_words(line: ShownLine, currency: str) -> LineWords:
    """A line's title, days, rule, price and sum in the reader's language."""
    return LineWords(
        line=line,
        title=_title(line),
        days=words().period(line.days) if line.days else "",
        counted=_counted(line),
        price=_price(line, currency),
        formula=_formula(line, currency),
    )


def days_present(present: Iterable[Period]) -> str:
    """A device's stays: 1–14 Apr 2026, 20–30 Apr 2026."""
    return ", ".join(words().period(period) for period in present)


def _title(line: ShownLine) -> str:
    name = words().class_name(line.device_class) if line.device_class else ""
    match line.kind:
        case "usage":
            return name or line.text
        case "flat_fee":
            return _("Flat fee")
        case "minimum":
            return _("%(what)s, up to the agreed minimum") % {"what": name}
        case "true_up":
            return _("%(what)s, difference to what was billed in advance") % {"what": name or _("Flat fee")}
        case "catch_up":
            return _("%(what)s, for an earlier period") % {"what": name or _("Flat fee")}
        case "credit":
            return _("%(what)s, credited") % {"what": name or _("Flat fee")}
    if line.text.endswith(CARRIED_OVER):
        return _("%(what)s, carried over") % {"what": line.text.removesuffix(CARRIED_OVER)}
    return line.text


def _counted(line: ShownLine) -> str:
    if line.kind != "usage" or not line.counting:
        return ""
    told = _("Counted: %(rule)s") % {"rule": _RULES.get(line.counting, line.counting)}
    if line.counted_on is not None:
        told = _("%(told)s (%(day)s)") % {"told": told, "day": words().short_date(line.counted_on)}
    if line.included:
        told += "; " + ngettext("%(n)s is included in the plan", "%(n)s are included in the plan", line.included) % {
            "n": words().number(line.included)
        }
    return told


def _price(line: ShownLine, currency: str) -> str:
    if line.unit_price is None or line.terms_since is None:
        return ""
    names = {"price": words().unit_price(line.unit_price, currency), "currency": currency}
    names["since"] = words().short_date(line.terms_since)
    if line.terms_are_own:
        return _("%(price)s %(currency)s each, agreed with this customer from %(since)s on") % names
    return _("%(price)s %(currency)s each, by the plan's version of %(since)s") % names


def _formula(line: ShownLine, currency: str) -> str:
    """The sum in figures: 12 × 30.00 × 15 / 30 days."""
    if line.unit_price is None:
        return ""
    told = f"{words().number(line.quantity)} × {words().unit_price(line.unit_price, currency)}"
    if line.unit == "device-day":
        told = _("%(told)s per %(days)s days") % {"told": told, "days": words().number(line.per)}
    elif line.fraction != "1":
        told += " × " + _part(line)
    return f"{told} = {words().amount(line.net, currency)}"


def _part(line: ShownLine) -> str:
    """The charged part of the whole period: 15 / 30 days."""
    if line.days is None or line.whole_days is None:
        return line.fraction
    return _("%(part)d of %(whole)d days") % {"part": line.days.days, "whole": line.whole_days}


def consequence_of_release(total: str, recipients: list[Any]) -> str:
    """What releasing a draft does, before it is done."""
    if recipients:
        said = _("It gets the next number, is printed and mailed to %(addresses)s, and %(total)s are owed.")
        return said % {"addresses": ", ".join(map(str, recipients)), "total": total}
    return _("It gets the next number and is printed, and %(total)s are owed. It has no address to be mailed to.") % {
        "total": total
    }
