"""Disassociate Plan: the plan, then the customers, the last day; what is billed or credited is shown first."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from quarterday.bills.changeable import end_is_billed, held
from quarterday.bills.estimate import effect_of
from quarterday.plans.queries import plan_list
from quarterday.provider.queries import find_provider
from quarterday.shared.asking import rows, together
from quarterday.subscriptions.actions import disassociate, undo_disassociation
from quarterday.subscriptions.queries import find_subscription, subscription_list
from quarterday.web.acts import do
from quarterday.web.associations.choosing import choose
from quarterday.web.associations.forms import DisassociateForm
from quarterday.web.door import Request, found, page
from quarterday.web.plans import choices


@page(needs="bill")
def disassociate_plan(request: Request) -> HttpResponse:
    """The page, or its list of customers alone. What is chosen are the plan's subscriptions that have no end yet."""
    data = request.POST if request.method == "POST" else request.GET
    plans, provider = together(rows.asked(plan_list(archived=None)), find_provider.asked())
    plan = next((each for each in plans if str(each.pk) == data.get("plan")), None)
    context: dict[str, Any] = {"plan": plan, "plans": plans}
    if plan is None:
        return TemplateResponse(request, "web/associations/disassociate.html", context)
    form = _form(request, choices.today_at(request, provider))
    chooser = form.chooser = choose(
        data,
        lambda search: subscription_list(plan=plan, search=search, ended=False),
        lambda ids: subscription_list(plan=plan, ended=False).filter(pk__in=ids),
    )
    effect = None
    if form.is_bound and form.is_valid():
        chosen = chooser.chosen
        told = {name: form.cleaned_data[name] for name in ("last_day", "final_period")}

        def end() -> None:
            disassociate(chosen, **told, by=request.actor, now=request.now)

        if not chosen:
            form.add_error(None, _("Choose at least one customer."))
        elif form.is_agreed:
            if form.attempt(end):
                messages.success(request, _ended(plan, len(chosen)))
                return redirect("plan", plan.pk)
        else:
            since = told["last_day"]
            effect = form.look(
                lambda: effect_of(end, of=chosen, at=request.now, since=since, count=1, provider=provider)
            )
    context |= {"form": form, "chooser": chooser, "effect": effect}
    part = "_subscriptions" if request.htmx and request.htmx.target == "customers" else "disassociate"
    return TemplateResponse(request, f"web/associations/{part}.html", context)


@require_POST
@page(needs="bill")
def undo(request: Request, pk: int) -> HttpResponse:
    """Let an ended subscription go on, while nothing was billed because of its end."""
    subscription = found(find_subscription(pk))
    is_billed = held(lambda: end_is_billed(subscription), subscription_ids=[pk])
    said = _("%(plan)s goes on for %(customer)s, as if it had not been disassociated.")
    do(
        request,
        lambda: undo_disassociation(subscription, is_billed=is_billed, by=request.actor, now=request.now),
        told=said % {"plan": subscription.plan, "customer": subscription.customer},
    )
    return redirect("subscription", pk)


def _form(request: Request, today: date) -> DisassociateForm:
    initial: dict[str, Any] = {"last_day": today, "final_period": "prorated"}
    if request.method == "POST" and "search" not in request.POST:
        return DisassociateForm(request.POST, initial=initial)
    if request.method == "POST":
        initial = {name: request.POST.get(name, "") for name in DisassociateForm.base_fields}
    return DisassociateForm(initial=initial)


def _ended(plan: Any, count: int) -> str:
    said = ngettext(
        "%(plan)s is disassociated from %(n)d customer.", "%(plan)s is disassociated from %(n)d customers.", count
    )
    return said % {"plan": plan, "n": count} + " " + _("It can be taken back while nothing was billed for it.")
