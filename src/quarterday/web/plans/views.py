"""The tab Service Plan: the list, Add Service Plan, a plan's page, and what of a plan may change at any time."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterday.bills.recurring import PlanValue, plan_values, recurring_values
from quarterday.plans import actions
from quarterday.plans.queries import find_plan, plan_list, version_on, versions_of
from quarterday.shared.trail import trail_of
from quarterday.subscriptions.queries import subscription_list
from quarterday.web.acts import do
from quarterday.web.addresses import address_by_id
from quarterday.web.class_names import class_names
from quarterday.web.door import Request, found, page
from quarterday.web.paging import one_page
from quarterday.web.plans import choices
from quarterday.web.plans.forms import PlanChangeForm, PlanForm
from quarterday.web.plans.pictures import pictures
from quarterday.web.plans.words import acts_in_words, cycle_in_words, history, prices_in_words


@page()
def plans(request: Request) -> HttpResponse:
    """All plans: currency, prices, customers on them, what they bring in."""
    today = choices.provider_today(request)
    archived = request.GET.get("archived") == "yes"
    search = request.GET.get("q", "")
    listed = list(plan_list(search=search, archived=archived))
    versions = versions_of(listed)
    values = plan_values([plan.pk for plan in listed], today=today)
    classes = dict(class_names())
    rows = []
    for plan in listed:
        known = versions.get(plan.pk, [])
        now = version_on(known, today)
        rows.append(
            {
                "plan": plan,
                "prices": prices_in_words(now, plan.currency, classes) if now else (),
                "next": next((version for version in known if version.effective_on > today), None),
                "value": values.get(plan.pk, PlanValue()),
            }
        )
    context = {"rows": rows, "search": search, "archived": archived, "today": today}
    return TemplateResponse(request, "web/plans/plans.html", context)


@page(needs="plan")
def add(request: Request) -> HttpResponse:
    """Add Service Plan."""
    classes = choices.classes()
    if not classes:
        said = _("First say who sends the bills: with that come the device classes that a plan prices.")
        messages.info(request, said)
        return redirect("start" if "settings" in request.abilities else "billing")
    form = PlanForm(
        request.POST or None,
        classes=classes,
        tax_codes=choices.codes(),
        initial={
            "effective_on": choices.provider_today(request).replace(day=1),
            "currency": choices.usual_currency(),
        },
    )
    if request.method == "POST" and form.is_valid():
        plan = form.look(
            lambda: actions.create_plan(**form.own_terms(), **form.terms(), by=request.actor, now=request.now)
        )
        if plan is not None:
            messages.success(request, _("%(plan)s is added. Now associate it with customers.") % {"plan": plan})
            return redirect("plan", plan.pk)
    return TemplateResponse(request, "web/plans/add.html", {"form": form, "pictures": pictures()})


@page()
def plan(request: Request, pk: int) -> HttpResponse:
    """One plan: its terms now and over time, and who has it."""
    row = found(find_plan(pk))
    zone = choices.provider_zone()
    today = request.today(zone)
    versions = versions_of([row]).get(row.pk, [])
    classes = dict(class_names())
    now = version_on(versions, today)
    values = recurring_values(today=today, plan_ids=[row.pk])
    search = request.GET.get("q", "")
    listed = one_page(request, lambda start, end: list(subscription_list(plan=row, search=search)[start:end]))
    subscription_address = address_by_id("subscription")
    context = {
        "plan": row,
        "today": today,
        "picture": pictures()[row.counting],
        "now": now,
        "prices": prices_in_words(now, row.currency, classes) if now else (),
        "next": next((version for version in versions if version.effective_on > today), None),
        "history": history(versions, row.currency, classes),
        "zone": zone,
        "trail": acts_in_words(trail_of(row)) if "plan" in request.abilities else (),
        "customer_count": len(values),
        "device_count": sum(value.device_count for value in values.values()),
        "month": sum((value.month for value in values.values()), start=0),
        "subscriptions": [
            {
                "subscription": each,
                "address": subscription_address(each.pk),
                "cycle": cycle_in_words(each.cycle_every, each.cycle_unit),
                "value": values.get(each.pk),
                "has_ended": each.ends_on is not None and each.ends_on <= today,
            }
            for each in listed.rows
        ],
        "search": search,
        "associate_address": f"{reverse('associate')}?plan={row.pk}",
        "page": listed,
    }
    return TemplateResponse(request, "web/plans/plan.html", context)


@page(needs="plan")
def change(request: Request, pk: int) -> HttpResponse:
    """A plan's name, description and policies."""
    row = found(find_plan(pk))
    names = ("name", "description", "late_policy", "pause_after_days")
    initial = {**{name: getattr(row, name) for name in names}, "seen": row.revision}
    form = PlanChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if form.attempt(lambda: actions.change_plan(row, **form.cleaned_data, by=request.actor, now=request.now)):
            messages.success(request, _("%(plan)s is changed.") % {"plan": row})
            return redirect("plan", row.pk)
        row = found(find_plan(pk))
    return TemplateResponse(request, "web/plans/change.html", {"plan": row, "form": form})


@require_POST
@page(needs="plan")
def archive(request: Request, pk: int) -> HttpResponse:
    """Offer a plan no longer."""
    row = found(find_plan(pk))
    today = choices.provider_today(request)
    do(
        request,
        lambda: actions.archive_plan(row, on=today, by=request.actor, now=request.now),
        told=_("%(plan)s is offered no longer; the customers who have it keep it.") % {"plan": row},
    )
    return redirect("plan", row.pk)


@require_POST
@page(needs="plan")
def restore(request: Request, pk: int) -> HttpResponse:
    """Offer an archived plan again."""
    row = found(find_plan(pk))
    do(
        request,
        lambda: actions.restore_plan(row, by=request.actor, now=request.now),
        told=_("%(plan)s is offered again.") % {"plan": row},
    )
    return redirect("plan", row.pk)
