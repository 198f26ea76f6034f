"""What waits for a person: held drafts, parked customers, missed periods, what was learned late."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from quarterday.bills.actions import unpark_customer, waive_missed
from quarterday.bills.queries import Wanted, bill_page, missed, parked_customers, waiting_counts
from quarterday.customers.queries import find_customer
from quarterday.subscriptions.queries import find_subscription
from quarterday.web.acts import do
from quarterday.web.bills.forms import WaiveForm
from quarterday.web.door import Request, found, page

LISTED = 100
"""How many parked customers are shown at once; there are more when these are tried again."""


@page()
def waiting(request: Request) -> HttpResponse:
    """All that bills wait for, with the reasons and what can be done."""
    drafts = bill_page(
        Wanted("draft"), order="oldest", after=request.GET.get("after"), before=request.GET.get("before")
    )
    context = {
        "shown": drafts,
        "parked": list(parked_customers()[:LISTED]),
        "late_count": waiting_counts().late,
    }
    return TemplateResponse(request, "web/bills/waiting.html", context)


@require_POST
@page(needs="bill")
def unpark(request: Request, pk: int) -> HttpResponse:
    """Let the next run try a parked customer again."""
    customer = found(find_customer(pk))
    do(
        request,
        lambda: unpark_customer(customer, now=request.now, by=request.actor),
        told=_("The next run bills %(customer)s again.") % {"customer": customer.name},
    )
    return redirect("bills_waiting")


@page(needs="bill")
def waive(request: Request, pk: int) -> HttpResponse:
    """Never bill the missed periods of a subscription, for a reason."""
    subscription = found(find_subscription(pk))
    form = WaiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        count: list[int] = []
        reason = form.cleaned_data["reason"]
        if form.attempt(
            lambda: count.append(waive_missed(subscription, reason=reason, now=request.now, by=request.actor))
        ):
            said = ngettext("%(n)d period is never billed.", "%(n)d periods are never billed.", count[0])
            messages.success(request, said % {"n": count[0]})
            return redirect("generate_bills")
    context = {
        "subscription": subscription,
        "form": form,
        "missed": missed(subscription, at=request.now),
    }
    return TemplateResponse(request, "web/bills/waive.html", context)
