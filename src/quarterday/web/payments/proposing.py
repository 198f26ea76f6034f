"""What waits for a second person: the list, and one proposal that another person approves or refuses."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterday.payments.actions import approve_proposal, refuse_proposal
from quarterday.payments.queries import every_proposal, find_proposal
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Form
from quarterday.web.paging import one_page
from quarterday.web.payments.forms import RefuseForm
from quarterday.web.payments.reports import only_staff
from quarterday.web.templatetags.quarterday import words

KINDS = {
    "credit": gettext_lazy("Credit note"),
    "write_off": gettext_lazy("Write-off"),
    "refund": gettext_lazy("Refund"),
    "waive": gettext_lazy("Never billed"),
}


@page()
def proposals(request: Request) -> HttpResponse:
    """What waits for a second person, then what was decided, newest first."""
    only_staff(request)
    listed = every_proposal()
    shown = one_page(request, lambda start, end: [(row, KINDS[row.kind]) for row in listed[start:end]])
    return TemplateResponse(request, "web/payments/proposals.html", {"tab": "proposals", "page": shown})


@page(needs="bill")
def proposal(request: Request, pk: int) -> HttpResponse:
    """One proposal: another person approves it or refuses it; who proposed it may take it back."""
    row = found(find_proposal(pk))
    is_own = row.proposed_by_id == request.actor.user_id
    is_approved = request.method == "POST" and "approve" in request.POST
    form: Form = RefuseForm(request.POST or None) if not is_approved else Form(request.POST)
    if is_approved:
        done: list[Any] = []
        if form.attempt(lambda: done.append(approve_proposal(row, now=request.now, by=request.actor))):
            said = _("Approved, and done: %(amount)s of %(customer)s.")
            amount = words().money(row.amount, row.currency)
            messages.success(request, said % {"amount": amount, "customer": row.customer.name})
            if row.kind == "credit":
                return redirect("bill", done[0].pk)
            return redirect("bill", row.bill_id) if row.bill_id else redirect("customer_account", row.customer_id)
        for problem in form.non_field_errors():
            messages.error(request, str(problem))
        return redirect("proposal", pk)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if form.attempt(lambda: refuse_proposal(row, reason=reason, now=request.now, by=request.actor)):
            messages.success(request, _("It is refused, and nothing was changed."))
            return redirect("proposals")
    context = {"row": row, "what": KINDS[row.kind], "is_own": is_own, "form": form, "tab": "proposals"}
    return TemplateResponse(request, "web/payments/proposal.html", context)
