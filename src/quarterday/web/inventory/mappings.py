"""What the sources call our customers, and devices that took another's place: both wait for a person's word."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterday.customers.actions import add_customer
from quarterday.inventory.actions import decide_replacement, ignore_customer, map_customer
from quarterday.inventory.queries import (
    mapping_by_id,
    mappings,
    proposed_replacements,
    replaced_and_still_there,
    unmapped_customers,
)
from quarterday.web.acts import do
from quarterday.web.customers.choosing import customer_options, likely
from quarterday.web.customers.forms import CustomerForm, new_customer_defaults
from quarterday.web.digits import number_in
from quarterday.web.door import Request, found, page
from quarterday.web.inventory.forms import MappingForm
from quarterday.web.inventory.words import BECAUSE
from quarterday.web.paging import one_page
from quarterday.web.plans.choices import provider_zone


@page()
def mapping_list(request: Request) -> HttpResponse:
    """Names that nobody mapped, those with most devices first; then all that were decided."""
    decided = request.GET.get("decided") == "yes"
    listed = mappings(unknown=False) if decided else unmapped_customers()
    shown = one_page(request, lambda start, end: list(listed[start:end]))
    return TemplateResponse(
        request, "web/inventory/mappings.html", {"page": shown, "decided": decided, "zone": provider_zone()}
    )


@page(needs="inventory")
def mapping(request: Request, pk: int) -> HttpResponse:
    """Say which of our customers a source means."""
    row = found(mapping_by_id(pk))
    form = MappingForm(request.POST or None, initial={"customer": row.customer, "present_since": row.present_since})
    if request.method == "POST" and form.is_valid():
        customer, since = form.cleaned_data["customer"], form.cleaned_data["present_since"]
        if form.attempt(
            lambda: map_customer(row.pk, to=customer, present_since=since, now=request.now, by=request.actor)
        ):
            said = _("“%(name)s” is %(customer)s. Its devices are taken in by the next sync or import.")
            messages.success(request, said % {"name": row.external_name, "customer": customer})
            return redirect("mappings")
    context = {
        "mapping": row,
        "form": form,
        "options": customer_options(),
        "likely": [] if row.customer_id else likely(row.external_name),
    }
    return TemplateResponse(request, "web/inventory/mapping.html", context)


@require_POST
@page(needs="inventory")
def ignore(request: Request, pk: int) -> HttpResponse:
    """Never bill what a source calls so."""
    row = found(mapping_by_id(pk))
    do(
        request,
        lambda: ignore_customer(row.pk, now=request.now, by=request.actor),
        told=_("“%(name)s” is ignored: its devices are not counted.") % {"name": row.external_name},
    )
    return redirect("mappings")


@page(needs="inventory")
def new_customer(request: Request, pk: int) -> HttpResponse:
    """Make a customer of a name that nobody mapped."""
    if "customers" not in request.abilities:
        raise Http404
    row = found(mapping_by_id(pk))
    form = CustomerForm(request.POST or None, initial={**new_customer_defaults(), "name": row.external_name})
    if request.method == "POST" and form.is_valid():
        made: list[Any] = []

        def add() -> None:
            made.append(add_customer(**form.fields_given(), by=request.actor, now=request.now))
            map_customer(row.pk, to=made[0], now=request.now, by=request.actor)

        if form.attempt(add):
            said = _("%(customer)s is added and mapped. Its devices are taken in by the next sync or import.")
            messages.success(request, said % {"customer": made[0]})
            return redirect("customer", made[0].pk)
    return TemplateResponse(request, "web/inventory/mapping_new.html", {"mapping": row, "form": form})


@page()
def replacements(request: Request) -> HttpResponse:
    """Replacements that were found and that a person should decide; and confirmed ones of which both are there."""
    shown = one_page(request, lambda start, end: list(proposed_replacements()[start:end]))
    both = list(replaced_and_still_there()[:50])
    context = {"page": shown, "both": both, "because": BECAUSE}
    return TemplateResponse(request, "web/inventory/replacements.html", context)


@require_POST
@page(needs="inventory")
def decide(request: Request, pk: int) -> HttpResponse:
    """Confirm a replacement (both count as one) or reject it (they count as two)."""
    accept = request.POST.get("decision") == "confirm"
    do(
        request,
        lambda: decide_replacement(pk, accept=accept, now=request.now, by=request.actor),
        told=_("Confirmed: the two count as one device.") if accept else _("Rejected: the two count as two devices."),
    )
    device = number_in(request.POST.get("device", ""))
    return redirect("replacements") if device is None else redirect("device", device)
