"""Money and charges from the tab: record a payment, add a charge or a discount for a customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.estimate import effect_of
from quarterday.bills.queries import find_bill
from quarterday.customers.queries import find_customer
from quarterday.engine.money import in_currency
from quarterday.payments.actions import record_payment
from quarterday.payments.queries import open_balance, settlements
from quarterday.subscriptions.actions import add_adjustment
from quarterday.subscriptions.queries import subscriptions_for
from quarterday.web.associations.forms import ChargeForm
from quarterday.web.bills.forms import CustomerForm, PaymentForm
from quarterday.web.customers.choosing import customer_options
from quarterday.web.digits import number_in
from quarterday.web.door import Request, found, page
from quarterday.web.plans import choices
from quarterday.web.templatetags.quarterday import words


@page(needs="bill")
def pay_bill(request: Request, pk: int) -> HttpResponse:
    """Record money that came for one bill; what is too much becomes the customer's credit."""
    bill = found(find_bill(pk))
    today = request.today(bill.customer.time_zone)
    standing = found(settlements([pk], on=today).get(pk))
    initial = {
        "amount": _figure(standing.open, bill.currency) if standing.open > 0 else None,
        "currency": bill.currency,
        "received_on": today,
        "reference": standing.number,
    }
    form = PaymentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _record(request, form, bill.customer, bills=[pk]):
        return redirect("bill", pk)
    context = {"form": form, "customer": bill.customer, "bill": bill, "standing": standing}
    return TemplateResponse(request, "web/bills/payment.html", context)


@page(needs="bill")
def pay(request: Request) -> HttpResponse:
    """Record money of a customer, which settles the oldest open bills."""
    customer = _customer_of(request)
    if customer is None:
        return _choose(request, _("Record a payment"))
    today = request.today(customer.time_zone)
    owed = open_balance(customer.pk, customer.currency)
    initial = {
        "currency": customer.currency,
        "received_on": today,
        "amount": _figure(owed, customer.currency) if owed > 0 else None,
    }
    form = PaymentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _record(request, form, customer, bills=None):
        return redirect("customer_account", customer.pk)
    return TemplateResponse(request, "web/bills/payment.html", {"form": form, "customer": customer})


@page(needs="bill")
def add_charge(request: Request) -> HttpResponse:
    """Add a charge or a discount for a whole customer; what it does to the next bills is shown first."""
    customer = _customer_of(request)
    if customer is None:
        return _choose(request, _("Add a charge or discount"))
    initial = {"starts_on": request.today(customer.time_zone)}
    form = ChargeForm(request.POST or None, tax_codes=choices.codes(), initial=initial)
    effect = None
    if request.method == "POST" and form.is_valid():

        def save() -> None:
            add_adjustment(customer, **form.adjustment(), by=request.actor, now=request.now)

        if form.is_agreed:
            if form.attempt(save):
                messages.success(request, _("“%(text)s” waits for the next bill.") % form.cleaned_data)
                return redirect("customer_bills", customer.pk)
        else:
            plans = subscriptions_for([customer.pk]).get(customer.pk, [])
            since = form.cleaned_data["starts_on"]
            effect = form.look(lambda: effect_of(save, of=plans, at=request.now, since=since))
    context = {"customer": customer, "form": form, "effect": effect}
    return TemplateResponse(request, "web/bills/customer_charge.html", context)


def _record(request: Request, form: PaymentForm, customer: Any, *, bills: list[int] | None) -> bool:
    """Record the payment; False when it is refused, with the problems in the form."""
    data = form.cleaned_data
    recorded = form.attempt(lambda: record_payment(customer, **data, bills=bills, now=request.now, by=request.actor))
    if recorded:
        left = open_balance(customer.pk, data["currency"])
        amount = words().money(abs(left), data["currency"])
        said = _("The payment is recorded. %(customer)s owes nothing.")
        if left > 0:
            said = _("The payment is recorded. %(customer)s still owes %(amount)s.")
        elif left < 0:
            said = _("The payment is recorded. %(customer)s has a credit of %(amount)s.")
        messages.success(request, said % {"customer": customer.name, "amount": amount})
    return recorded


def _customer_of(request: Request) -> Any:
    """The customer in the address: an id from a link, or a number or name that somebody typed."""
    said = request.GET.get("customer", "")
    if (number := number_in(said)) is not None:
        return found(find_customer(number))
    form = CustomerForm({"customer": said} if said else None)
    return form.cleaned_data["customer"] if said and form.is_valid() else None


def _choose(request: Request, title: str) -> HttpResponse:
    said = request.GET.get("customer")
    form = CustomerForm(None if said is None else {"customer": said})
    context = {"form": form, "here": title, "options": customer_options()}
    return TemplateResponse(request, "web/bills/choose_customer.html", context)


def _figure(amount: Decimal, currency: str) -> str:
    """An amount as a number field takes it: 250.00."""
    return format(in_currency(amount, currency), "f")
