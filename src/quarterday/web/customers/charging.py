"""Other charges and discounts of a customer: letting one go on no further bill."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.estimate import effect_of
from quarterday.customers.queries import find_customer
from quarterday.provider.queries import find_provider
from quarterday.shared.asking import rows, together
from quarterday.subscriptions.actions import cancel_adjustment
from quarterday.subscriptions.queries import adjustment_list, subscriptions_for
from quarterday.web.considered import Considered
from quarterday.web.door import Request, found, page


@page(needs="bill")
def cancel(request: Request, pk: int, charge_pk: int) -> HttpResponse:
    """Let a charge or discount go on no further bill; what that does to the next bills is shown first."""
    row = found(find_customer(pk))
    charges, of_customer, provider = together(
        rows.asked(adjustment_list(customer_id=pk).filter(pk=charge_pk)),
        subscriptions_for.asked([pk]),
        find_provider.asked(),
    )
    charge = found(charges[0] if charges else None)
    form = Considered(request.POST or {})
    form.is_valid()

    def stop() -> None:
        cancel_adjustment(charge, by=request.actor, now=request.now)

    if request.method == "POST" and form.is_agreed and form.attempt(stop):
        messages.success(request, _("“%(text)s” goes on no further bill.") % {"text": charge})
        return redirect("customer_bills", pk)
    effect = None
    if subscriptions := of_customer.get(pk):
        effect = form.look(lambda: effect_of(stop, of=subscriptions, at=request.now, provider=provider))
    context = {"customer": row, "charge": charge, "form": form, "effect": effect}
    return TemplateResponse(request, "web/customers/cancel_charge.html", context)
