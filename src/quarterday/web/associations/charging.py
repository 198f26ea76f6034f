"""Other charges and discounts of a subscription: add one, and let one go on no further bill."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.estimate import effect_of
from quarterday.provider.queries import find_provider
from quarterday.shared.asking import together
from quarterday.subscriptions.actions import add_adjustment, cancel_adjustment
from quarterday.subscriptions.queries import adjustment_list, find_subscription
from quarterday.web.associations.forms import ChargeForm
from quarterday.web.considered import Considered
from quarterday.web.door import Request, found, page
from quarterday.web.plans import choices


@page(needs="bill")
def add(request: Request, pk: int) -> HttpResponse:
    """Add a charge or a discount; what it does to the next bills is shown first."""
    row, provider = together(find_subscription.asked(pk), find_provider.asked())
    found(row)
    form = ChargeForm(
        request.POST or None,
        tax_codes=choices.codes(),
        initial={"starts_on": request.today(row.customer.time_zone)},
    )
    effect = None
    if request.method == "POST" and form.is_valid():

        def save() -> None:
            add_adjustment(row.customer, **form.adjustment(), subscription=row, by=request.actor, now=request.now)

        if form.is_agreed:
            if form.attempt(save):
                messages.success(request, _("“%(text)s” waits for the next bill.") % form.cleaned_data)
                return redirect("subscription", pk)
        else:
            since = form.cleaned_data["starts_on"]
            effect = form.look(lambda: effect_of(save, of=[row], at=request.now, since=since, provider=provider))
    said = {"here": _("Add a charge or discount"), "act": _("Add it")}
    context = {"subscription": row, "form": form, "effect": effect, **said}
    return TemplateResponse(request, "web/associations/charge.html", context)


@page(needs="bill")
def cancel(request: Request, pk: int, charge_pk: int) -> HttpResponse:
    """Let a charge or discount go on no further bill; what that does to the next bills is shown first."""
    row = found(find_subscription(pk))
    charge = found(adjustment_list(customer_id=row.customer_id).filter(pk=charge_pk).first())
    form = Considered(request.POST or {})
    form.is_valid()

    def stop() -> None:
        cancel_adjustment(charge, by=request.actor, now=request.now)

    effect = None
    if request.method == "POST":
        if form.is_agreed:
            if form.attempt(stop):
                messages.success(request, _("“%(text)s” goes on no further bill.") % {"text": charge})
                return redirect("subscription", pk)
        else:
            effect = form.look(lambda: effect_of(stop, of=[row], at=request.now))
    said = {"here": _("Cancel a charge or discount"), "act": _("Let it go on no further bill")}
    context = {"subscription": row, "charge": charge, "form": form, "effect": effect, **said}
    return TemplateResponse(request, "web/associations/cancel_charge.html", context)
