"""Modify: a plan's new prices, and taking back a version that charged nothing. The effect is shown first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.changeable import plan_settled_until, plan_version_is_used
from quarterday.bills.estimate import effect_of
from quarterday.plans.actions import modify_plan, withdraw_version
from quarterday.plans.queries import find_plan, versions_of
from quarterday.subscriptions.queries import subscriptions_charged_since
from quarterday.web.considered import Considered
from quarterday.web.door import Request, found, page
from quarterday.web.plans import choices
from quarterday.web.plans.forms import VersionForm, initial_prices
from quarterday.web.plans.words import prices_in_words


@page(needs="plan")
def modify(request: Request, pk: int) -> HttpResponse:
    """New prices from a day on; what they do to every open bill is shown before they are saved."""
    row = found(find_plan(pk))
    seen = row.revision
    latest = versions_of([row])[row.pk][-1]
    form = VersionForm(
        request.POST or None,
        classes=choices.classes(),
        tax_codes=choices.codes(),
        initial={
            "effective_on": choices.provider_today(request),
            "seen": seen,
            **initial_prices(latest.prices, latest.flat_fee, latest.flat_fee_tax_code),
        },
    )
    effect = None
    if request.method == "POST" and form.is_valid():
        version = form.version()

        def save() -> None:
            modify_plan(
                row,
                **version,
                settled_until=plan_settled_until(row),
                seen=form.cleaned_data["seen"],
                by=request.actor,
                now=request.now,
            )

        if form.is_agreed:
            if form.attempt(save):
                said = _("%(plan)s is modified: the new prices are saved.")
                messages.success(request, said % {"plan": row})
                return redirect("plan", row.pk)
        else:
            since = version["effective_on"]
            touched = subscriptions_charged_since(row, since)
            effect = form.look(lambda: effect_of(save, of=touched, at=request.now, since=since))
    context = {"plan": row, "form": form, "effect": effect, "latest": latest}
    return TemplateResponse(request, "web/plans/modify.html", context)


@page(needs="plan")
def withdraw(request: Request, pk: int, version_pk: int) -> HttpResponse:
    """Take back a version that charged nothing; what that does to every open bill is shown first."""
    row = found(find_plan(pk))
    version = found(next((each for each in versions_of([row]).get(row.pk, []) if each.pk == version_pk), None))
    form = Considered(request.POST or {})
    form.is_valid()

    def take_back() -> None:
        withdraw_version(version, is_used=plan_version_is_used(version), by=request.actor, now=request.now)

    effect = None
    if request.method == "POST":
        if form.is_agreed:
            if form.attempt(take_back):
                said = _("The prices of %(plan)s that were to count from that day are withdrawn.")
                messages.success(request, said % {"plan": row})
                return redirect("plan", row.pk)
        else:
            since = version.effective_on
            touched = subscriptions_charged_since(row, since)
            effect = form.look(lambda: effect_of(take_back, of=touched, at=request.now, since=since))
    context = {
        "plan": row,
        "version": version,
        "prices": prices_in_words(version, row.currency, dict(choices.classes())),
        "form": form,
        "effect": effect,
    }
    return TemplateResponse(request, "web/plans/withdraw.html", context)
