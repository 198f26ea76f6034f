"""Adding and changing customers and their contacts; archiving, with what it leads to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterday.bills.queries import next_billing_dates
from quarterday.customers import actions
from quarterday.customers.queries import contacts_of, find_customer
from quarterday.inventory.queries import present_on
from quarterday.payments.queries import open_invoices
from quarterday.subscriptions.actions import archive_customer, change_customer_currency
from quarterday.web.acts import do
from quarterday.web.customers.forms import (
    ChangeCustomerForm,
    ContactForm,
    CurrencyForm,
    CustomerForm,
    as_initial,
    new_customer_defaults,
)
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Form


@page(needs="customers")
def add(request: Request) -> HttpResponse:
    """Add a customer."""
    form = CustomerForm(request.POST or None, initial=new_customer_defaults())
    if request.method == "POST" and form.is_valid():
        made: list[Any] = []
        if form.attempt(
            lambda: made.append(actions.add_customer(**form.fields_given(), by=request.actor, now=request.now))
        ):
            messages.success(request, _("%(customer)s is added.") % {"customer": made[0]})
            return redirect("customer", made[0].pk)
    return TemplateResponse(request, "web/customers/add.html", {"form": form})


@page(needs="customers")
def change(request: Request, pk: int) -> HttpResponse:
    """Change a customer; issued bills keep what they say."""
    row = found(find_customer(pk))
    form = ChangeCustomerForm(request.POST or None, initial=as_initial(row))
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        if form.attempt(
            lambda: actions.change_customer(row, **form.fields_given(), seen=seen, by=request.actor, now=request.now)
        ):
            messages.success(
                request, _("%(customer)s is changed. Bills that are issued keep what they say.") % {"customer": row}
            )
            return redirect("customer_details", row.pk)
        row = found(find_customer(pk))
    return TemplateResponse(request, "web/customers/change.html", {"customer": row, "form": form})


@page(needs="customers")
def change_currency(request: Request, pk: int) -> HttpResponse:
    """Bill a customer in another currency, as long as nothing is agreed in the old one."""
    row = found(find_customer(pk))
    form = CurrencyForm(request.POST or None, initial={"currency": row.currency})
    if request.method == "POST" and form.is_valid():
        currency = form.cleaned_data["currency"]
        if form.attempt(lambda: change_customer_currency(row, currency=currency, by=request.actor, now=request.now)):
            messages.success(request, _("%(customer)s is billed in another currency.") % {"customer": row})
            return redirect("customer_details", row.pk)
        row = found(find_customer(pk))
    return TemplateResponse(request, "web/customers/currency.html", {"customer": row, "form": form})


@page(needs="customers")
def archive(request: Request, pk: int) -> HttpResponse:
    """Put a customer away; what stays and what goes on is told first."""
    row = found(find_customer(pk))
    today = request.today(row.time_zone)
    form = Form(request.POST if request.method == "POST" else None)

    def act() -> None:
        archive_customer(row, on=today, by=request.actor, now=request.now)

    if request.method == "POST" and form.is_valid() and form.attempt(act):
        messages.success(request, _("%(customer)s is archived.") % {"customer": row})
        return redirect("customer", row.pk)
    context = {
        "customer": row,
        "form": form,
        "today": today,
        "is_served": bool(next_billing_dates([row.pk]).get(row.pk)),
        "device_count": len(present_on([row.pk], today)),
        "open": open_invoices([row.pk], on=today),
    }
    return TemplateResponse(request, "web/customers/archive.html", context)


@require_POST
@page(needs="customers")
def restore(request: Request, pk: int) -> HttpResponse:
    """Bring an archived customer back."""
    row = found(find_customer(pk))
    do(
        request,
        lambda: actions.restore_customer(row, by=request.actor, now=request.now),
        told=_("%(customer)s is back: plans can be associated with it again.") % {"customer": row},
    )
    return redirect("customer", row.pk)


@page(needs="customers")
def add_contact(request: Request, pk: int) -> HttpResponse:
    """Add a person to call."""
    row = found(find_customer(pk))
    form = ContactForm(request.POST or None)

    def act() -> None:
        actions.add_contact(row, **form.cleaned_data, by=request.actor, now=request.now)

    if request.method == "POST" and form.is_valid() and form.attempt(act):
        messages.success(request, _("%(name)s is added.") % {"name": form.cleaned_data["name"]})
        return redirect("customer_details", row.pk)
    context = {"customer": row, "form": form, "title": _("Add a contact"), "button": _("Add the contact")}
    return TemplateResponse(request, "web/customers/contact.html", context)


@page(needs="customers")
def change_contact(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    """Change a contact."""
    row = found(find_customer(pk))
    contact = found(contacts_of(row).filter(pk=contact_pk).first())
    names = ContactForm.base_fields
    form = ContactForm(request.POST or None, initial={name: getattr(contact, name) for name in names})

    def act() -> None:
        actions.change_contact(contact, **form.cleaned_data, by=request.actor, now=request.now)

    if request.method == "POST" and form.is_valid() and form.attempt(act):
        messages.success(request, _("%(name)s is changed.") % {"name": form.cleaned_data["name"]})
        return redirect("customer_details", row.pk)
    context = {"customer": row, "form": form, "title": _("Change a contact"), "button": _("Save the contact")}
    return TemplateResponse(request, "web/customers/contact.html", context)


@require_POST
@page(needs="customers")
def remove_contact(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    """Forget a contact."""
    row = found(find_customer(pk))
    contact = found(contacts_of(row).filter(pk=contact_pk).first())
    do(
        request,
        lambda: actions.remove_contact(contact, by=request.actor, now=request.now),
        told=_("%(name)s is forgotten.") % {"name": contact.name},
    )
    return redirect("customer_details", row.pk)
