"""The tab Service Plan: plans and their versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills import queries as bills
from quarterday.plans import actions
from quarterday.plans.queries import find_plan, version_on, versions_of
from quarterday.provider.queries import class_names, provider_zone, tax_code_names
from quarterday.subscriptions.queries import plan_overview, subscription_list
from quarterday.web.door import Request, found, page
from quarterday.web.plans.forms import PlanForm, VersionForm, initial_prices
from quarterday.web.plans.pictures import RULES, pictures


@page()
def plans(request: Request) -> HttpResponse:
    """All plans: currency, prices, customers on them, what they bring in."""
    archived = request.GET.get("archived") == "yes"
    search = request.GET.get("q", "")
    listed = plan_overview(today=_today(request), search=search, archived=archived)
    context = {
        "plans": listed,
        "values": bills.monthly_values([row.plan.pk for row in listed]),
        "classes": dict(class_names()),
        "search": search,
        "archived": archived,
    }
    return TemplateResponse(request, "web/plans/plans.html", context)


@page(needs="plan")
def add(request: Request) -> HttpResponse:
    """Add Service Plan."""
    form = PlanForm(
        request.POST or None,
        classes=class_names(),
        tax_codes=tax_code_names(),
        counting=[(rule, title) for rule, title, _explanation in RULES],
        initial={"effective_on": _today(request).replace(day=1)},
    )
    if request.method == "POST" and form.is_valid():
        fields = ("name", "description", "currency", "effective_on", "timing", "counting", "late_policy")
        told = {name: form.cleaned_data[name] for name in fields}
        made: list[Any] = []
        if form.attempt(
            lambda: made.append(
                actions.create_plan(
                    **told, prices=form.prices(), **form.flat_fee(), by=request.actor, now=request.now
                )
            )
        ):
            messages.success(request, _("%(plan)s is made. Now associate it with customers.") % {"plan": made[0].name})
            return redirect("plan", made[0].pk)
    return TemplateResponse(request, "web/plans/add.html", {"form": form, "pictures": pictures()})


@page()
def plan(request: Request, pk: int) -> HttpResponse:
    """One plan: its terms now and over time, and who has it."""
    row = found(find_plan(pk))
    versions = versions_of([row]).get(row.pk, [])
    today = _today(request)
    context = {
        "plan": row,
        "picture": next(picture for picture in pictures() if picture.rule == row.counting),
        "versions": list(reversed(versions)),
        "now": version_on(versions, today),
        "today": today,
        "classes": dict(class_names()),
        "subscriptions": subscription_list(plan_id=row.pk, served_on=today),
    }
    return TemplateResponse(request, "web/plans/plan.html", context)


@page(needs="plan")
def modify(request: Request, pk: int) -> HttpResponse:
    """Modify: new prices from a day on; what they do to every open bill is shown before they are saved."""
    row = found(find_plan(pk))
    today = _today(request)
    latest = version_on(versions_of([row]).get(row.pk, []), today + timedelta(days=36500))
    initial = {"effective_on": today, **initial_prices(latest.prices, latest.flat_fee, latest.flat_fee_tax_code)}
    form = VersionForm(
        request.POST or None, classes=class_names(), tax_codes=tax_code_names(), initial=initial if latest else {}
    )
    effects = None
    if request.method == "POST" and form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("effective_on", "applies", "note")}
        told |= {"prices": form.prices(), **form.flat_fee()}
        if "save" in request.POST:
            if form.attempt(
                lambda: actions.modify_plan(
                    row,
                    **told,
                    settled_until=bills.settled_until(row.pk),
                    by=request.actor,
                    now=request.now,
                    seen=int(request.POST["seen"]),
                )
            ):
                messages.success(request, _("The new prices of %(plan)s are saved.") % {"plan": row.name})
                return redirect("plan", row.pk)
        else:
            shown: list[Any] = []
            form.attempt(lambda: shown.extend(bills.preview_version(row, **told, now=request.now)))
            effects = shown if not form.errors else None
    context = {"plan": row, "form": form, "effects": effects, "classes": dict(class_names())}
    return TemplateResponse(request, "web/plans/modify.html", context)


def _today(request: Request) -> Any:
    return request.today(provider_zone())
