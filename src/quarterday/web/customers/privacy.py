"""A customer's data taken along as a zip, or erased but for what the law keeps."""

from __future__ import annotations

from io import BytesIO

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST

from quarterday.customers.queries import find_customer
from quarterday.shared.refusal import Refused
from quarterday.upkeep.privacy.erasing import erase_customer, preview_erasure
from quarterday.upkeep.privacy.portfolio import note_export, write_portfolio
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Form
from quarterday.web.sentences import in_readers_language

TAKEN = (
    gettext_noop("the customer's address, tax numbers, e-mail addresses and notes"),
    gettext_noop("contacts"),
    gettext_noop("own prices' notes"),
    gettext_noop("associations' addresses and references"),
    gettext_noop("charges' and discounts' texts"),
    gettext_noop("names of the customer in device sources"),
    gettext_noop("reasons of billing exceptions"),
    gettext_noop("devices that no issued bill counts"),
    gettext_noop("what devices that issued bills count were said to be besides"),
    gettext_noop("stays of devices that no issued bill counts"),
    gettext_noop("reasons why reminders paused"),
    gettext_noop("reasons why billing was parked"),
    gettext_noop("what was learned late"),
    gettext_noop("who fetched bills"),
    gettext_noop("mails: addresses, subjects and texts"),
    gettext_noop("mails: whom they went to and what the server said"),
    gettext_noop("mails: files that are no bills"),
)
"""What an erasure names, for the translators."""


class EraseForm(Form):
    """The customer's number, typed by the person who erases: a slip of the mouse is not enough."""

    number = forms.CharField(label=gettext_lazy("Type the customer’s number to confirm"), max_length=30)


@require_POST
@page(needs="settings")
def take_along(request: Request, pk: int) -> HttpResponse:
    """Everything that is known about a customer, as a zip."""
    row = found(find_customer(pk))
    content = BytesIO()
    write_portfolio(content, row, now=request.now)
    note_export(row, by=request.actor, now=request.now)
    answer = HttpResponse(content.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="customer-{row.pk}.zip"'
    return answer


@page(needs="settings")
def erase(request: Request, pk: int) -> HttpResponse:
    """What an erasure would take out and what stays; done when the number is typed."""
    row = found(find_customer(pk))
    form = EraseForm(request.POST or None)
    erasure, obstacles = None, []
    try:
        erasure = preview_erasure(row)
    except Refused as refused:
        obstacles = [in_readers_language(problem.message) for problem in refused.problems]
    if erasure is not None and request.method == "POST" and form.is_valid():
        if form.cleaned_data["number"].strip() != row.number:
            form.add_error("number", _("This is not its number: it is %(number)s.") % {"number": row.number})
        elif form.attempt(lambda: erase_customer(row, by=request.actor, now=request.now)):
            messages.success(request, _("The personal data is erased. Backups of before still hold it."))
            return redirect("customer_details", row.pk)
    return TemplateResponse(
        request, "web/customers/erase.html", {"customer": row, "form": form, "erasure": erasure, "obstacles": obstacles}
    )
