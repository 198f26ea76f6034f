"""Prices agreed with one customer: its own, an uplift by a percentage, and taking agreed prices back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.changeable import held, own_terms_are_used, settled_until
from quarterday.bills.estimate import effect_of
from quarterday.provider.queries import find_provider, tax_codes
from quarterday.shared.asking import rows, together
from quarterday.subscriptions.actions import agree_terms, uplift, withdraw_terms
from quarterday.subscriptions.queries import find_subscription, own_terms_list
from quarterday.web.associations.forms import OwnPricesForm, UpliftForm
from quarterday.web.class_names import class_names
from quarterday.web.considered import Considered
from quarterday.web.door import Request, found, page
from quarterday.web.plans import choices
from quarterday.web.plans.words import prices_in_words


@page(needs="bill")
def agree(request: Request, pk: int) -> HttpResponse:
    """Agree prices with this customer from a day on."""
    row, settled, provider, names, codes = together(
        find_subscription.asked(pk),
        settled_until.asked([pk]),
        find_provider.asked(),
        class_names.asked(),
        rows.asked(tax_codes()),
    )
    form = OwnPricesForm(
        request.POST or None,
        classes=list(names.items()),
        tax_codes=[("", _("as in the plan")), *((code.code, code.name) for code in codes)],
        initial={"effective_on": _first_open_day(request, found(row), settled[pk])},
    )

    def agree_on(settled: Mapping[int, date | None] = settled) -> None:
        agree_terms(row, **form.agreed(), settled_until=settled[pk], by=request.actor, now=request.now)

    return _considered(request, row, form, agree_on, "agree", _("Agree prices"), provider)


@page(needs="bill")
def raise_prices(request: Request, pk: int) -> HttpResponse:
    """Raise or lower all prices of this customer by a percentage."""
    row, settled, provider = together(find_subscription.asked(pk), settled_until.asked([pk]), find_provider.asked())
    first = _first_open_day(request, found(row), settled[pk])
    form = UpliftForm(request.POST or None, initial={"effective_on": first})

    def lift(settled: Mapping[int, date | None] = settled) -> None:
        told = {name: form.cleaned_data[name] for name in ("percent", "effective_on", "applies", "note")}
        uplift([row], **told, settled_until=settled, by=request.actor, now=request.now)

    return _considered(request, row, form, lift, "uplift", _("Raise or lower the prices"), provider)


@page(needs="bill")
def withdraw(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    """Take back agreed prices that charged nothing; what that does to the bills is shown first."""
    row = found(find_subscription(pk))
    terms = found(own_terms_list(row).filter(pk=terms_pk).first())
    form = Considered(request.POST or {})
    form.is_valid()

    def take_back() -> None:
        is_used = held(lambda: own_terms_are_used(terms), subscription_ids=[pk])
        withdraw_terms(terms, is_used=is_used, by=request.actor, now=request.now)

    effect = None
    if request.method == "POST":
        if form.is_agreed:
            if form.attempt(take_back):
                messages.success(request, _("The agreed prices are withdrawn; those before them count again."))
                return redirect("subscription", pk)
        else:
            since = terms.effective_on
            effect = form.look(lambda: effect_of(take_back, of=[row], at=request.now, since=since))
    context = {
        "here": _("Withdraw agreed prices"),
        "act": _("Withdraw these prices"),
        "subscription": row,
        "terms": terms,
        "prices": prices_in_words(terms, row.plan.currency, dict(choices.classes())),
        "form": form,
        "effect": effect,
    }
    return TemplateResponse(request, "web/associations/withdraw.html", context)


def _considered(
    request: Request, row: Any, form: Considered, act: Callable[..., None], name: str, here: str, provider: Any
) -> HttpResponse:
    effect = None
    if request.method == "POST" and form.is_valid():
        if form.is_agreed:
            # Bills may have been made since the page was asked for.
            if form.attempt(lambda: act(held(lambda: settled_until([row.pk]), subscription_ids=[row.pk]))):
                messages.success(request, _("The agreed prices are saved."))
                return redirect("subscription", row.pk)
        else:
            since = form.cleaned_data["effective_on"]
            effect = form.look(lambda: effect_of(act, of=[row], at=request.now, since=since, provider=provider))
    said = {"here": here, "act": _("Save the agreed prices")}
    context = {"subscription": row, "form": form, "effect": effect, **said}
    return TemplateResponse(request, f"web/associations/{name}.html", context)


def _first_open_day(request: Request, row: Any, settled: date | None) -> date:
    """Today, or the first day that no bill has settled."""
    return max(day for day in (request.today(row.customer.time_zone), row.starts_on, settled) if day is not None)
