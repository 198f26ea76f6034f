"""What a person does to one device. What it does to the bills to come is shown first; then it is done, as shown."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterday.inventory import actions
from quarterday.inventory.queries import device_by_id, device_list
from quarterday.shared.asking import together
from quarterday.web.acts import do
from quarterday.web.class_names import class_names
from quarterday.web.customers.choosing import customer_options
from quarterday.web.door import Request, found, page
from quarterday.web.inventory import forms
from quarterday.web.inventory.shown_first import said_by, shown_first

OFFERED = 200


@page(needs="inventory")
def add(request: Request) -> HttpResponse:
    """Add a device that no source reports."""
    options, classes = together(customer_options.asked(), class_names.asked())
    form = forms.AddDeviceForm(
        request.POST or None, classes=list(classes.items()), initial={"customer": request.GET.get("customer", "")}
    )
    made: list[Any] = []

    def act() -> None:
        made[:] = [actions.add_device(**form.cleaned_data, now=request.now, by=request.actor)]

    def done() -> HttpResponse:
        messages.success(request, _("%(device)s is added.") % {"device": made[0]})
        return redirect("device", made[0].pk)

    customers = [customer.pk] if form.is_bound and (customer := said_by(form).get("customer")) else []
    return shown_first(
        request,
        form,
        act,
        customers,
        done=done,
        title=_("Add a device by hand"),
        button=_("Add the device"),
        intro=_("For a device that no source reports. No sync ever touches it; you retire it when it is gone."),
        options=options,
    )


@page(needs="inventory")
def move(request: Request, pk: int) -> HttpResponse:
    """The device is at another customer now."""
    device, options = together(device_by_id.asked(pk), customer_options.asked())
    found(device)
    form = forms.MoveForm(request.POST or None)
    to = said_by(form).get("customer")
    return shown_first(
        request,
        form,
        lambda: actions.move_device(
            device, to=form.cleaned_data["customer"], on=form.cleaned_data["on"], now=request.now, by=request.actor
        ),
        [device.customer_id, *([to.pk] if to else [])],
        device=device,
        title=_("Move to another customer"),
        button=_("Move the device"),
        intro=_("It stays there whatever its source says, until it follows its source again."),
        told=_("%(device)s is moved."),
        options=options,
    )


@page(needs="inventory")
def set_class(request: Request, pk: int) -> HttpResponse:
    """The device is of another class, whatever its source says."""
    device, classes = together(device_by_id.asked(pk), class_names.asked())
    found(device)
    form = forms.ClassForm(
        request.POST or None, classes=list(classes.items()), initial={"device_class": device.device_class}
    )
    return shown_first(
        request,
        form,
        lambda: actions.set_class(device, **form.cleaned_data, now=request.now, by=request.actor),
        [device.customer_id],
        device=device,
        title=_("Set the class"),
        button=_("Set the class"),
        intro=_("The class that a person sets survives the next sync."),
        told=_("The class of %(device)s is set."),
    )


@page(needs="inventory")
def retire(request: Request, pk: int) -> HttpResponse:
    """The device is gone for good, even if its source goes on to report it."""
    device = found(device_by_id(pk))
    form = forms.RetireForm(request.POST or None)
    return shown_first(
        request,
        form,
        lambda: actions.retire_device(device, on=form.cleaned_data["on"], now=request.now, by=request.actor),
        [device.customer_id],
        device=device,
        title=_("Retire the device"),
        button=_("Retire the device"),
        intro=_("It is gone for good, even if its source goes on to report it. It can be reinstated."),
        told=_("%(device)s is retired."),
    )


@page(needs="inventory")
def reinstate(request: Request, pk: int) -> HttpResponse:
    """A retired device is back at its last customer."""
    device = found(device_by_id(pk))
    form = forms.ReinstateForm(request.POST or None)
    return shown_first(
        request,
        form,
        lambda: actions.reinstate_device(device, on=form.cleaned_data["on"], now=request.now, by=request.actor),
        [device.customer_id],
        device=device,
        title=_("Reinstate the device"),
        button=_("Reinstate the device"),
        intro=_("It is back at %(customer)s.") % {"customer": device.customer},
        told=_("%(device)s is reinstated."),
    )


@page(needs="inventory")
def replace(request: Request, pk: int) -> HttpResponse:
    """Another device took this one's place: both count as one."""
    device = found(device_by_id(pk))
    form = forms.ReplaceForm(request.POST or None, customer_id=device.customer_id)
    others = device_list(customer_id=device.customer_id).exclude(pk=device.pk)
    return shown_first(
        request,
        form,
        lambda: actions.replace_device(
            device, new=form.cleaned_data["new"], on=form.cleaned_data["on"], now=request.now, by=request.actor
        ),
        [device.customer_id],
        device=device,
        title=_("It was replaced"),
        button=_("Mark as replaced"),
        intro=_("The two count as one device from that day on, so that a new computer does not double the bill."),
        told=_("%(device)s is marked as replaced."),
        devices=list(others.values_list("external_id", "name")[:OFFERED]),
    )


@page(needs="inventory")
def correct(request: Request, pk: int) -> HttpResponse:
    """Where the device really was on some days; what was recorded stays readable."""
    device, options, classes = together(device_by_id.asked(pk), customer_options.asked(), class_names.asked())
    found(device)
    form = forms.CorrectForm(request.POST or None, classes=list(classes.items()), initial={"customer": device.customer})
    said = said_by(form)
    at = said.get("customer") if said.get("where") == "at" else None
    return shown_first(
        request,
        form,
        lambda: actions.correct_presence(
            device,
            days=form.cleaned_data["days"],
            at=at,
            device_class=form.cleaned_data["device_class"] or None,
            reason=form.cleaned_data["reason"],
            now=request.now,
            by=request.actor,
        ),
        [device.customer_id, *([at.pk] if at else [])],
        device=device,
        title=_("Correct where it was"),
        button=_("Correct the ledger"),
        intro=_(
            "Nothing is overwritten: what was known before stays readable. Issued bills stay as they are; what they"
            " should have said is settled by the plan's rule for what is learned late."
        ),
        told=_("The ledger of %(device)s is corrected."),
        options=options,
    )


@require_POST
@page(needs="inventory")
def follow(request: Request, pk: int) -> HttpResponse:
    """Let the source decide again on class and customer."""
    device = found(device_by_id(pk))
    do(
        request,
        lambda: actions.follow_source(device, now=request.now, by=request.actor),
        told=_("%(device)s follows its source again, from its next sync on.") % {"device": device},
    )
    return redirect("device", device.pk)
