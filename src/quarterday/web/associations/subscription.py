"""A subscription's page: its terms, the next bills, what counts from the next bill on, and another plan or cycle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.changeable import end_is_billed
from quarterday.bills.estimate import effect_of, open_bills
from quarterday.bills.reading import adjustment_cases
from quarterday.bills.recurring import recurring_values
from quarterday.plans.queries import plan_list, version_on, versions_of
from quarterday.provider.queries import find_provider
from quarterday.shared.asking import rows, together
from quarterday.subscriptions.actions import change_subscription, restart
from quarterday.subscriptions.queries import find_subscription, own_terms_list
from quarterday.web.associations.forms import RestartForm, SubscriptionForm, cycle_initial
from quarterday.web.class_names import class_names
from quarterday.web.door import Request, found, page
from quarterday.web.plans.words import cycle_in_words, prices_in_words

CHANGEABLE = ("due_days", "emails", "po_number", "bill_separately", "review_first_bill")


@page()
def subscription(request: Request, pk: int) -> HttpResponse:
    """One customer's association with one plan."""
    row = found(find_subscription(pk))
    plan, customer = row.plan, row.customer
    today = request.today(customer.time_zone)
    now = version_on(versions_of([plan]).get(plan.pk, []), today)
    classes = dict(class_names())
    has_ended = row.ends_on is not None and row.ends_on <= today
    of_this = (None, row.pk, row.continues_id)
    context = {
        "subscription": row,
        "plan": plan,
        "customer": customer,
        "today": today,
        "cycle": cycle_in_words(row.cycle_every, row.cycle_unit),
        "prices": prices_in_words(now, plan.currency, classes) if now else (),
        "agreements": [(each, prices_in_words(each, plan.currency, classes)) for each in own_terms_list(row)],
        "charges": [each for each in adjustment_cases([customer.pk]) if each.subscription_id in of_this],
        "value": None if has_ended else recurring_values(today=today, subscription_ids=[row.pk]).get(row.pk),
        "has_ended": has_ended,
        "can_undo": row.ends_on is not None and "bill" in request.abilities and not end_is_billed(row),
    }
    return TemplateResponse(request, "web/associations/subscription.html", context)


@page()
def next_bills(request: Request, pk: int) -> HttpResponse:
    """The next two bills, estimated; a part of the page, or a page of its own without a script."""
    row = found(find_subscription(pk))
    outlook = open_bills([row], at=request.now)
    context = {
        "subscription": row,
        "here": _("Next bills"),
        "bills": [(bill, bill.shares[row.pk]) for bill in outlook.of_subscription(row.pk)],
        "troubles": outlook.troubles,
    }
    name = "_next_bills" if request.htmx else "next_bills"
    return TemplateResponse(request, f"web/associations/{name}.html", context)


@page(needs="bill")
def change(request: Request, pk: int) -> HttpResponse:
    """Due days, addresses, PO number: from the next bill on."""
    row = found(find_subscription(pk))
    initial: dict[str, Any] = {**{name: getattr(row, name) for name in CHANGEABLE}, "seen": row.revision}
    form = SubscriptionForm(request.POST or None, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.attempt(lambda: change_subscription(row, **form.cleaned_data, by=request.actor, now=request.now))
    ):
        messages.success(request, _("Changed; it counts from the next bill on."))
        return redirect("subscription", pk)
    context = {"subscription": row, "form": form, "here": _("Due days, e-mail addresses, PO number")}
    return TemplateResponse(request, "web/associations/change.html", context)


@page(needs="bill")
def restart_subscription(request: Request, pk: int) -> HttpResponse:
    """Another plan, cycle or billing day from a day on; what that does to the bills is shown first."""
    row, provider, plans = together(
        find_subscription.asked(pk), find_provider.asked(), rows.asked(plan_list(archived=None))
    )
    today = request.today(found(row).customer.time_zone)
    initial: dict[str, Any] = {
        **cycle_initial(row.cycle_every, row.cycle_unit),
        **{name: getattr(row, name) for name in ("billing_day", "due_days", "po_number", "bill_separately")},
        "plan": row.plan_id,
        "on": max(today, row.starts_on),
    }
    form = RestartForm(request.POST or None, plans=_plans_for(row, plans), initial=initial)
    effect = None
    if request.method == "POST" and form.is_valid():
        plan = found(next((each for each in plans if str(each.pk) == form.cleaned_data["plan"]), None))

        def start_anew() -> list[Any]:
            return [restart(row, plan=plan, **form.arrangement(), by=request.actor, now=request.now)]

        if form.is_agreed:
            started = form.look(start_anew)
            if started:
                messages.success(request, _("Restarted: the new terms are below, and the old ones have ended."))
                return redirect("subscription", started[0].pk)
        else:
            since = form.cleaned_data["on"]
            effect = form.look(lambda: effect_of(start_anew, of=[row], at=request.now, since=since, provider=provider))
    said = {"here": _("Another plan or cycle"), "act": _("End the present terms and start the new ones")}
    context = {"subscription": row, "form": form, "effect": effect, **said}
    return TemplateResponse(request, "web/associations/restart.html", context)


def _plans_for(row: Any, plans: Iterable[Any]) -> list[tuple[str, str]]:
    """The plan it has, and all others that are offered."""
    others = (plan for plan in plans if plan.archived_on is None and plan.pk != row.plan_id)
    offered = [(str(plan.pk), f"{plan.name} ({plan.currency})") for plan in others]
    return [(str(row.plan_id), f"{row.plan.name} ({row.plan.currency})"), *offered]
