"""A payment goes back, in part or whole, after a look; or it is withdrawn, because it was none."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.estimate import undone
from quarterday.engine.money import in_currency
from quarterday.payments.actions import Proposal, refund_or_propose, withdraw_payment
from quarterday.payments.queries import find_payment, given_back, left_of, open_balance, payments_of
from quarterday.web.acts import wait_for_second_person
from quarterday.web.door import Request, found, page
from quarterday.web.paging import one_page
from quarterday.web.payments.forms import RefundForm, WithdrawForm
from quarterday.web.payments.reports import only_staff
from quarterday.web.templatetags.quarterday import words


@page()
def payments(request: Request) -> HttpResponse:
    """What came, newest first, and what of it went back or was withdrawn."""
    only_staff(request)
    listed = payments_of()
    shown = one_page(request, lambda start, end: [(row, left_of(row), given_back(row)) for row in listed[start:end]])
    return TemplateResponse(request, "web/payments/payments.html", {"tab": "payments", "page": shown})


@page(needs="bill")
def give_back(request: Request, pk: int) -> HttpResponse:
    """Record money given back of a payment, never more than is left of it; what is owed then is shown first."""
    payment = found(find_payment(pk))
    customer, left = payment.customer, left_of(payment)
    amount = format(in_currency(left, payment.currency), "f")
    today = request.today(customer.time_zone)
    form = RefundForm(request.POST or None, initial={"amount": amount, "refunded_on": today})
    after, done = None, list[Any]()
    if request.method == "POST" and form.is_valid():

        def act() -> None:
            done.append(refund_or_propose(payment, **form.cleaned_data, now=request.now, by=request.actor))

        def look() -> dict[str, Any]:
            with undone():
                act()
                takes_two = isinstance(done.pop(), Proposal)
                return {"owed": open_balance(customer.pk, payment.currency), "takes_two": takes_two}

        if form.is_agreed:
            if form.attempt(act):
                if isinstance(done[0], Proposal):
                    return wait_for_second_person(request, done[0].pk)
                said = _("%(amount)s went back to %(customer)s.")
                amount = words().money(form.cleaned_data["amount"], payment.currency)
                messages.success(request, said % {"amount": amount, "customer": customer.name})
                return redirect("customer_account", customer.pk)
        else:
            after = form.look(look)
    context = {
        "payment": payment,
        "left": left,
        "form": form,
        "after": after,
        "here": _("Give money back"),
        "tab": "payments",
    }
    return TemplateResponse(request, "web/payments/refund.html", context)


@page(needs="bill")
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take back a payment that was recorded in error, or bounced: its bills are open again."""
    payment = found(find_payment(pk))
    form = WithdrawForm(request.POST or None, initial={"withdrawn_on": request.today(payment.customer.time_zone)})
    if request.method == "POST" and form.is_valid():
        told = {"reason": form.cleaned_data["reason"], "on": form.cleaned_data["withdrawn_on"]}
        if form.attempt(lambda: withdraw_payment(payment, **told, now=request.now, by=request.actor)):
            messages.success(request, _("The payment is withdrawn; what it settled is open again."))
            return redirect("customer_account", payment.customer_id)
    context = {"payment": payment, "form": form, "here": _("Withdraw the payment"), "tab": "payments"}
    return TemplateResponse(request, "web/payments/withdraw_payment.html", context)
