"""The audit trail: who did what, from where, with what before and after; filters that live in the address; CSV."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from quarterday.customers.queries import get_customer
from quarterday.provider.queries import find_provider
from quarterday.shared.refusal import NotFound
from quarterday.upkeep.trail import Act, Wanted, csv_of_trail, trail_acts
from quarterday.web.door import Request, page
from quarterday.web.files import csv_in_pieces
from quarterday.web.forms import Day, Form
from quarterday.web.paging import one_page
from quarterday.web.system.words import act_in_words, thing_in_words

NOBODY = 0
"""The id of no customer: a number that nobody has finds nothing."""


class TrailForm(Form):
    """Which entries are shown."""

    who = forms.CharField(label=_("Who, or from where"), required=False, max_length=100)
    what = forms.CharField(
        label=_("What was done, or to what"), required=False, max_length=100, help_text=_("Also a request’s id.")
    )
    customer = forms.CharField(
        label=_("Customer’s number"), required=False, max_length=30, help_text=_("Such as C-0001.")
    )
    since = Day(label=_("From"), required=False)
    until = Day(label=_("Until"), required=False)

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return any(self._said(name) for name in self.fields)

    def wanted(self, zone: str) -> Wanted:
        """The entries that are asked for, days being the zone's; what cannot be read leaves nothing out."""
        since, until = self._said("since"), self._said("until")
        return Wanted(
            who=self._said("who") or "",
            what=self._said("what") or "",
            customer_id=self._customer_id(),
            since=_midnight(since, zone) if since else None,
            until=_midnight(until + timedelta(days=1), zone) if until else None,
        )

    def _customer_id(self) -> int | None:
        number = self._said("customer")
        if not number:
            return None
        try:
            return get_customer(number.strip()).pk
        except NotFound:
            return NOBODY

    def _said(self, name: str) -> Any:
        return self.cleaned_data.get(name) if self.is_valid() or name not in self.errors else None


@page(needs="trail")
def trail(request: Request) -> HttpResponse:
    """Entries, newest first."""
    zone = _zone()
    form = TrailForm(request.GET)
    wanted = form.wanted(zone)
    listed = one_page(request, lambda start, end: trail_acts(wanted, start=start, limit=end - start))
    context = {
        "form": form,
        "page": listed,
        "rows": [(act, act_in_words(act.act), thing_in_words(act.subject_kind), _subject(act)) for act in listed.rows],
        "zone": zone,
    }
    return TemplateResponse(request, "web/system/trail.html", context)


@page(needs="trail")
def export(request: Request) -> HttpResponse:
    """All entries of the list, oldest first, as CSV."""
    wanted = TrailForm(request.GET).wanted(_zone())
    return csv_in_pieces(lambda: csv_of_trail(wanted), "audit-trail", within=request.scope)


def _subject(act: Act) -> str:
    """What it was done to, without the kind that stands before it: "176" of "payment 176"."""
    return act.subject.removeprefix(f"{act.subject_kind.lower()} ")


def _zone() -> str:
    provider = find_provider()
    return provider.time_zone if provider else "UTC"


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone))
