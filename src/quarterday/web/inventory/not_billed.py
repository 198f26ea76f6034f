"""Days of a device that are not billed: an exception that is agreed, and the end of one, or of a pause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from quarterday.engine.periods import local_date
from quarterday.inventory import actions
from quarterday.inventory.queries import device_by_id, exception_by_id
from quarterday.subscriptions.actions import pausing
from quarterday.subscriptions.queries import find_pause
from quarterday.web.door import Request, found, page
from quarterday.web.inventory import forms
from quarterday.web.inventory.shown_first import shown_first
from quarterday.web.templatetags.quarterday import words


@page(needs="inventory")
def except_from_billing(request: Request, pk: int) -> HttpResponse:
    """Do not bill the device for a while; it stays in the ledger."""
    device = found(device_by_id(pk))
    today = request.today(device.customer.time_zone)
    form = forms.ExceptForm(request.POST or None, initial={"first_day": today})
    return shown_first(
        request,
        form,
        lambda: actions.except_device(
            device,
            days=form.cleaned_data["days"],
            reason=form.cleaned_data["reason"],
            agreed_by=form.cleaned_data["agreed_by"],
            now=request.now,
            by=request.actor,
        ),
        [device.customer_id],
        device=device,
        title=_("Do not bill it for a while"),
        button=_("Make the exception"),
        intro=_("The device stays in the ledger; the exception is listed with its reason and who agreed."),
        told=_("%(device)s is not billed on these days."),
    )


@page(needs="inventory")
def end_exception(request: Request, pk: int) -> HttpResponse:
    """Bill an excepted device again."""
    exception = found(exception_by_id(pk))
    return _ended(
        request,
        exception,
        lambda on: actions.end_exception(exception.pk, on=on, now=request.now, by=request.actor),
        title=_("End the exception"),
        button=_("End the exception"),
        intro=_("It was made because of “%(reason)s”, agreed by %(who)s.")
        % {"reason": exception.reason, "who": exception.agreed_by},
        told=_("The exception of %(device)s is ended."),
    )


@page(needs="inventory")
def end_pause(request: Request, pk: int) -> HttpResponse:
    """Charge a paused device, though nothing was heard of it."""
    pause = found(find_pause(pk))
    return _ended(
        request,
        pause,
        lambda on: pausing.end_pause(pause.pk, on=on, now=request.now, by=request.actor),
        title=_("End the pause"),
        button=_("End the pause"),
        intro=_("Its source heard of it on %(day)s for the last time. It is not paused again for this silence.")
        % {"day": words().short_date(local_date(pause.silent_since, pause.customer.time_zone))},
        told=_("%(device)s is charged again."),
    )


def _ended(request: Request, agreed: Any, end: Callable[[date | None], Any], **texts: Any) -> HttpResponse:
    """The device is billed again, from a day on or (`end(None)`) as if nothing had been agreed."""
    device = found(device_by_id(agreed.device_id))
    form = forms.EndExceptionForm(request.POST or None, initial={"on": request.today(device.customer.time_zone)})

    def act() -> Any:
        return end(form.cleaned_data["on"] if form.cleaned_data["how"] == "on" else None)

    return shown_first(request, form, act, [agreed.customer_id], device=device, **texts)
