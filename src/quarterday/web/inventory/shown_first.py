"""An act on a device: what it does to the bills to come is shown first; then it is done, as shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from quarterday.bills.estimate import Effect, effect_of, undone
from quarterday.provider.queries import find_provider
from quarterday.shared.asking import together
from quarterday.subscriptions.queries import subscriptions_for
from quarterday.web.considered import Considered
from quarterday.web.door import Request


def shown_first(
    request: Request,
    form: Considered,
    act: Callable[[], Any],
    customer_ids: Iterable[int],
    *,
    device: Any = None,
    done: Callable[[], HttpResponse] | None = None,
    told: str = "",
    **context: Any,
) -> HttpResponse:
    """Ask, show what it does to the bills to come of these customers, and do it once that was seen.

    `told` is said above the page that comes next; `done` answers instead, where that is not the device's page.
    """
    effect, is_shown = None, False
    if request.method == "POST" and form.is_valid():
        if form.is_agreed:
            if form.attempt(act):
                if done is not None:
                    return done()
                messages.success(request, told % {"device": device})
                return redirect("device", device.pk)
        else:
            effect = form.look(lambda: _effect(request, act, customer_ids, since=_first_day(form)))
            is_shown = not form.errors
    context |= {"form": form, "device": device, "effect": effect, "is_shown": is_shown}
    return TemplateResponse(request, "web/inventory/act.html", context)


def _effect(
    request: Request, act: Callable[[], Any], customer_ids: Iterable[int], *, since: date | None
) -> Effect | None:
    """What the act would do to the bills to come; None where there is no plan, and only the act itself is tried."""

    def tried() -> None:
        act()

    by_customer, provider = together(subscriptions_for.asked(customer_ids), find_provider.asked())
    subscriptions = [each for listed in by_customer.values() for each in listed]
    if subscriptions:
        return effect_of(tried, of=subscriptions, at=request.now, since=since, provider=provider)
    with undone():
        tried()
    return None


def _first_day(form: Considered) -> date | None:
    """The first day that the act changes, where the form says one: bills for the days before it stay as they are."""
    return form.cleaned_data.get("on") or form.cleaned_data.get("first_day")


def said_by(form: Considered) -> dict[str, Any]:
    """What a form says, as far as it says it; nothing of one that is wrong or was not sent."""
    return form.cleaned_data if form.is_bound and form.is_valid() else {}
