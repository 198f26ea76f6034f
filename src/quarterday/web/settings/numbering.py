"""How invoices and credit notes are numbered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quarterday.bills.numbering import next_numbers, number_given_twice
from quarterday.provider.actions import change_number_series
from quarterday.provider.defaults import SERIES
from quarterday.provider.queries import find_provider, number_patterns
from quarterday.web.door import Request, page
from quarterday.web.forms import Form

KINDS = {"invoice": _("Invoices"), "credit_note": _("Credit notes")}


class SeriesForm(Form):
    """One series of documents."""

    pattern = forms.CharField(
        label=_("Pattern"),
        max_length=60,
        help_text=_("{year} and {number}; {number:05d} fills up with zeros. It counts from the next document on."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    restarts_yearly = forms.BooleanField(label=_("Begin with 1 each year"), required=False)


@page(needs="settings")
def numbering(request: Request) -> HttpResponse:
    """Both series, each with an example of its next number."""
    patterns = number_patterns()
    chosen = request.POST.get("kind", "") if request.method == "POST" else ""
    series = {kind: _form(kind, patterns, request.POST if chosen == kind else None) for kind in KINDS}
    form = series.get(chosen)
    provider = find_provider()
    today = request.today(provider.time_zone if provider else "UTC")
    if form is not None and form.is_valid():
        told = {"kind": chosen, **form.cleaned_data}
        twice = number_given_twice(**told, on=today)
        if form.attempt(lambda: change_number_series(**told, given_twice=twice, by=request.actor, now=request.now)):
            messages.success(request, gettext("Saved. Numbers that were given stay."))
            return redirect("settings_numbering")
    upcoming = next_numbers(on=today)
    rows = [{"kind": kind, "title": KINDS[kind], "form": form, "next": upcoming[kind]} for kind, form in series.items()]
    return TemplateResponse(request, "web/settings/numbering.html", {"series": rows})


def _form(kind: str, patterns: dict[str, Any], data: Any) -> SeriesForm:
    known = patterns.get(kind)
    initial = {
        "pattern": known.pattern if known else SERIES[kind],
        "restarts_yearly": known.restarts_yearly if known else True,
    }
    return SeriesForm(data, initial=initial, auto_id=f"id_{kind}_%s")
