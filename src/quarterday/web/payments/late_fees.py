"""Late fees: whom one would cost what today, what was charged, and letting one go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.payments.late_fees import due_late_fees, let_late_fee_go
from quarterday.payments.queries import find_late_fee, late_fee_states, state_of_late_fee
from quarterday.payments.queries import late_fees as every_late_fee
from quarterday.provider.queries import find_provider
from quarterday.web.door import Request, found, page
from quarterday.web.paging import one_page
from quarterday.web.payments.forms import LetGoForm
from quarterday.web.payments.reports import only_staff
from quarterday.web.templatetags.quarterday import words

MOST_DUE = 100


@page()
def late_fees(request: Request) -> HttpResponse:
    """What was charged, newest first; after a look, also what the worker charges next."""
    only_staff(request)
    has_looked = request.method == "POST"
    due = due_late_fees(now=request.now) if has_looked else []
    provider, listed = find_provider(), every_late_fee()
    shown = one_page(request, lambda start, end: late_fee_states(listed[start:end]))
    context = {
        "tab": "late_fees",
        "has_looked": has_looked,
        "due": due[:MOST_DUE],
        "due_count": len(due),
        "page": shown,
        "is_off": provider is None or provider.late_fee_days is None,
    }
    return TemplateResponse(request, "web/payments/late_fees.html", context)


@page(needs="bill")
def let_go(request: Request, pk: int) -> HttpResponse:
    """Take a late fee off the next bill; once a bill has it, say which line to credit."""
    fee = found(find_late_fee(pk))
    state = state_of_late_fee(pk)
    form = LetGoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if form.attempt(lambda: let_late_fee_go(fee, reason=reason, now=request.now, by=request.actor)):
            said = _("The late fee of %(amount)s for %(number)s is let go.")
            amount = words().money(state.amount, state.currency)
            messages.success(request, said % {"amount": amount, "number": state.number})
            return redirect("late_fees")
    context = {"bill": fee.bill, "issue": fee.bill.issue, "fee": state, "form": form, "here": _("Let the late fee go")}
    return TemplateResponse(request, "web/payments/let_late_fee_go.html", context)
