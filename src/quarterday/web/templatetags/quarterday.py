"""What templates need to show money, days and states. Money and dates are worded by `documents`, as on paper."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from quarterday.documents.wording import Language, language
from quarterday.shared.scope import COMMAND_LINE, WORKER
from quarterday.web.field_names import field_name
from quarterday.web.sentences import in_readers_language

register = template.Library()

# Every state that a page shows, in a colour that says nothing that the word does not say.
COLOURS = {
    gettext_noop("paid"): "green",
    gettext_noop("sent"): "green",
    gettext_noop("applied"): "green",
    gettext_noop("active"): "green",
    gettext_noop("confirmed"): "green",
    gettext_noop("open"): "blue",
    gettext_noop("queued"): "blue",
    gettext_noop("waiting"): "blue",
    gettext_noop("sending"): "blue",
    gettext_noop("scheduled"): "blue",
    gettext_noop("proposed"): "blue",
    gettext_noop("partly paid"): "cyan",
    gettext_noop("credited"): "purple",
    gettext_noop("written off"): "purple",
    gettext_noop("draft"): "azure",
    gettext_noop("held"): "orange",
    gettext_noop("deferred"): "orange",
    gettext_noop("unclear"): "orange",
    gettext_noop("parked"): "red",
    gettext_noop("overdue"): "red",
    gettext_noop("failed"): "red",
    gettext_noop("discarded"): "secondary",
    gettext_noop("cancelled"): "secondary",
    gettext_noop("rejected"): "secondary",
    gettext_noop("superseded"): "secondary",
}

MACHINES = {COMMAND_LINE.name: gettext_noop("command line"), WORKER.name: gettext_noop("worker")}
"""Who acts without being a person, by the name that was noted."""

AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
"""An amount as the audit trail keeps it: 178.500 EUR."""

ASKED_ONCE = ("count",)
"""What an address asks for this once: a link that leads on asks for it only where it says so itself."""


def words() -> Language:
    """The reader's language, with its ways of writing money and dates."""
    return language(get_language() or "en")


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """1,234.50 EUR in the reader's language; nothing for None."""
    return "" if amount is None else words().money(Decimal(amount), currency)


@register.filter
def owed(amount: Decimal, kind: str) -> Decimal:
    """A document's amount as it is owed: a credit note's is below 0."""
    return -amount if kind == "credit_note" else amount


@register.filter
def sentence(said: str) -> str:
    """What a room said, as a page says it."""
    return in_readers_language(said)


@register.filter
def actor(name: str) -> str:
    """Who did it: a person by their name, the command line and the worker in the reader's language."""
    return _(MACHINES[name]) if name in MACHINES else name


@register.filter
def amount(value: Decimal | None, currency: str) -> str:
    """The figure alone, in the currency's digits."""
    return "" if value is None else words().amount(Decimal(value), currency)


@register.filter
def unit_price(value: Any, currency: str) -> str:
    """A unit price with as many decimals as it has."""
    return "" if value is None or value == "" else words().unit_price(Decimal(value), currency)


@register.filter
def number(value: Any) -> str:
    """A quantity with the decimals that it needs."""
    return "" if value is None else words().number(Decimal(value))


@register.filter
def day(value: date | None) -> str:
    """1 March 2026."""
    return "" if value is None else words().short_date(value)


@register.filter
def last_day(end: date | None) -> str:
    """The last day of a period that ends (exclusively) on `end`."""
    return "" if end is None else words().short_date(date.fromordinal(end.toordinal() - 1))


@register.filter
def moment(value: datetime | None, zone: str = "UTC") -> str:
    """An instant in a time zone, with the zone named: 1 Mar 2026, 08:00 (Europe/Berlin)."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone))
    return f"{words().short_date(local.date())}, {local:%H:%M} ({zone})"


@register.simple_tag
def state(value: str) -> SafeString:
    """A state as a badge, in words and colour."""
    return _badge(value, get_language())


@lru_cache(maxsize=1024)
def _badge(value: str, language: str | None) -> SafeString:
    """The badge in the language that is on; a list shows the same few again and again."""
    return format_html('<span class="badge bg-{}-lt">{}</span>', COLOURS.get(value, "secondary"), _(value))


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The present address with some of its query changed; None takes one out. Keeps filters while paging."""
    query = context["request"].GET.copy()
    for key in ASKED_ONCE:
        query.pop(key, None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return "?" + urlencode([(key, value) for key, values in query.lists() for value in values])


@register.simple_tag
def once() -> SafeString:
    """A key for a form that is done once (forms.py), however often it is sent: one that adds money to what there is."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid.uuid4().hex)


@register.simple_tag
def url_or_none(name: str, *args: Any) -> str | None:
    """A page's address, or None where there is no such page: {% url_or_none "bill" row.pk as address %}."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None


@register.filter
def called(field: str) -> str:
    """A field by its name in the reader's language."""
    return field_name(field)


@register.filter
def spoken(value: Any) -> str:
    """A field's value in words: nothing is –, a list has commas, true is yes."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None or value == "" else noted(str(value))


def noted(value: str) -> str:
    """What was noted of an act: an amount, a room's sentence in the reader's language, or as it is."""
    found = AMOUNT.fullmatch(value)
    return money(Decimal(found[1]), found[2]) if found else in_readers_language(value)


@register.filter
def label_of(form: Any, field: str) -> str:
    """What a form calls one of its fields."""
    return str(form[field].label)


@register.filter
def total(counts: Any) -> int:
    """The sum of a mapping's numbers."""
    return sum(counts.values())


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Look a key up; None when it is not there."""
    return mapping.get(key) if mapping else None
