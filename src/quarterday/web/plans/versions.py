"""Modify: a plan's new prices, and taking back a version that charged nothing. The effect is shown first."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.changeable import held, plan_settled_until, plan_version_is_used
from quarterday.bills.estimate import effect_of
from quarterday.plans.actions import modify_plan, withdraw_version
from quarterday.plans.queries import find_plan, versions_of
from quarterday.provider.queries import find_provider, tax_codes
from quarterday.shared.asking import Asking, rows, together
from quarterday.subscriptions.queries import charged_since, subscriptions_ever
from quarterday.web.class_names import class_names
from quarterday.web.considered import Considered
from quarterday.web.door import Request, found, page
from quarterday.web.plans import choices
from quarterday.web.plans.forms import VersionForm, initial_prices
from quarterday.web.plans.words import prices_in_words


@page(needs="plan")
def modify(request: Request, pk: int) -> HttpResponse:
    """New prices from a day on; what they do to every open bill is shown before they are saved."""
    row, versions, names, codes, provider, settled, *served = together(
        find_plan.asked(pk),
        versions_of.asked([pk]),
        class_names.asked(),
        rows.asked(tax_codes()),
        find_provider.asked(),
        plan_settled_until.asked(pk),
        *_looked_at(request, pk),
    )
    latest = versions[found(row).pk][-1]
    form = VersionForm(
        request.POST or None,
        classes=list(names.items()),
        tax_codes=[(code.code, code.name) for code in codes],
        initial={
            "effective_on": choices.today_at(request, provider),
            "seen": row.revision,
            **initial_prices(latest.prices, latest.flat_fee, latest.flat_fee_tax_code),
        },
    )
    effect = None
    if request.method == "POST" and form.is_valid():
        version = form.version()

        def save(settled_until: date | None = settled) -> None:
            modify_plan(
                row,
                **version,
                settled_until=settled_until,
                seen=form.cleaned_data["seen"],
                by=request.actor,
                now=request.now,
            )

        if form.is_agreed:
            if form.attempt(lambda: save(held(lambda: plan_settled_until(pk), plan=pk))):
                said = _("%(plan)s is modified: the new prices are saved.")
                messages.success(request, said % {"plan": row})
                return redirect("plan", row.pk)
        else:
            since = version["effective_on"]
            touched = charged_since(served[0], since)
            effect = form.look(lambda: effect_of(save, of=touched, at=request.now, since=since, provider=provider))
    context = {"plan": row, "form": form, "effect": effect, "latest": latest}
    return TemplateResponse(request, "web/plans/modify.html", context)


@page(needs="plan")
def withdraw(request: Request, pk: int, version_pk: int) -> HttpResponse:
    """Take back a version that charged nothing; what that does to every open bill is shown first."""
    row, versions, names, provider, is_used, *served = together(
        find_plan.asked(pk),
        versions_of.asked([pk]),
        class_names.asked(),
        find_provider.asked(),
        plan_version_is_used.asked(version_pk),
        *_looked_at(request, pk),
    )
    version = found(next((each for each in versions.get(pk, []) if each.pk == version_pk), None))
    version.plan = row
    form = Considered(request.POST or {})
    form.is_valid()

    def take_back(is_used: bool = is_used) -> None:
        withdraw_version(version, is_used=is_used, by=request.actor, now=request.now)

    effect = None
    if request.method == "POST":
        if form.is_agreed:
            if form.attempt(lambda: take_back(held(lambda: plan_version_is_used(version_pk), plan=pk))):
                said = _("The prices of %(plan)s that were to count from that day are withdrawn.")
                messages.success(request, said % {"plan": row})
                return redirect("plan", row.pk)
        else:
            since = version.effective_on
            touched = charged_since(served[0], since)
            effect = form.look(lambda: effect_of(take_back, of=touched, at=request.now, since=since, provider=provider))
    context = {
        "plan": row,
        "version": version,
        "prices": prices_in_words(version, row.currency, names),
        "form": form,
        "effect": effect,
    }
    return TemplateResponse(request, "web/plans/withdraw.html", context)


def _looked_at(request: Request, pk: int) -> list[Asking[Any]]:
    """All that the effect is about: thousands of subscriptions, which a form that is only opened does not need."""
    return [subscriptions_ever.asked(pk)] if request.method == "POST" else []
