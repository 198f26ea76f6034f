"""Associate Service Plan: one plan, one or many customers, and their first two bills before anything is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterday.bills.first_bills import FirstBills, first_bills
from quarterday.customers.addressing import missing_addresses
from quarterday.customers.queries import customer_list
from quarterday.engine.periods import MONTHLY, Cycle
from quarterday.outbox.queries import mail_is_ready
from quarterday.plans.queries import plan_list, version_on, versions_of
from quarterday.provider.queries import find_provider
from quarterday.shared.asking import rows, together
from quarterday.subscriptions.actions import Proposal, associate, propose
from quarterday.subscriptions.queries import customers_without
from quarterday.web.associations.choosing import Chooser, choose
from quarterday.web.associations.forms import AssociateForm
from quarterday.web.class_names import class_names
from quarterday.web.door import Request, page
from quarterday.web.plans import choices
from quarterday.web.plans.words import Price, per_cycle, prices_in_words

LIVE = 100
"""How many customers the preview shows while one is still choosing; the Preview button shows all."""


@dataclass(frozen=True, slots=True)
class Preview(FirstBills):
    """The first two bills as the page shows them: in which currency, and what the plan's prices are for."""

    currency: str
    prices: Sequence[Price]
    cycle: Cycle

    @property
    def per_cycle(self) -> str:
        """What the plan's prices are for: per quarter."""
        return per_cycle(self.cycle.every, self.cycle.unit)

    @property
    def is_monthly(self) -> bool:
        """Whether they are what most would take a price for without being told."""
        return self.cycle == MONTHLY


@page(needs="bill")
def associate_plan(request: Request) -> HttpResponse:
    """The page, its list of customers alone, or its preview alone."""
    data = request.POST if request.method == "POST" else request.GET
    plans, provider, is_ready, names, versions = together(
        rows.asked(plan_list(archived=None)),
        find_provider.asked(),
        mail_is_ready.asked(),
        class_names.asked(),
        versions_of.asked(_number(data.get("plan", ""))),
    )
    plan = next((each for each in plans if str(each.pk) == data.get("plan")), None)
    form = _form(request, [each for each in plans if each.archived_on is None], choices.today_at(request, provider))
    chooser = form.chooser = choose(
        data,
        lambda search: customers_without(plan, search=search) if plan else customer_list(search=search),
        lambda ids: customer_list(archived=None).filter(pk__in=ids),
    )
    preview = None
    if form.is_bound and form.is_valid() and plan is not None:
        if not chooser.chosen:
            form.add_error(None, _("Choose at least one customer."))
        elif is_ready:
            proposals = form.look(lambda: _proposals(request, form, plan, chooser)) or []
            good = [proposal.customer for proposal in proposals if not proposal.problems]
            if form.is_agreed and good and form.attempt(lambda: _associate(request, form, plan, good, chooser)):
                messages.success(
                    request,
                    ngettext(
                        "%(plan)s is associated with %(n)d customer.",
                        "%(plan)s is associated with %(n)d customers.",
                        len(good),
                    )
                    % {"plan": plan, "n": len(good)},
                )
                return redirect("plan", plan.pk)
            if proposals:
                limit = LIVE if request.htmx else len(proposals)
                preview = form.look(lambda: _preview(request, form, plan, chooser, proposals, limit, provider))
        if preview is not None and (version := version_on(versions[plan.pk], form.cleaned_data["starts_on"])):
            preview = replace(preview, prices=prices_in_words(version, plan.currency, names))
    context = {
        "form": form,
        "plan": plan,
        "chooser": chooser,
        "preview": preview,
        "problems": _problems(preview),
        "missing": missing_addresses(provider, chooser.chosen) if preview is not None else None,
        "mail_is_ready": is_ready,
    }
    part = {"customers": "_customers", "preview": "_preview"}.get(request.htmx.target or "") if request.htmx else None
    return TemplateResponse(request, f"web/associations/{part or 'associate'}.html", context)


def _number(told: str) -> list[int]:
    return [int(told)] if told.isdecimal() and len(told) < 19 else []


def _form(request: Request, offered: Sequence[Any], today: date) -> AssociateForm:
    plans = [(str(plan.pk), f"{plan.name} ({plan.currency})") for plan in offered]
    initial: dict[str, Any] = {"starts_on": today.replace(day=1)}
    if request.method == "POST" and "search" not in request.POST:
        return AssociateForm(request.POST, plans=plans, initial=initial)
    if request.method == "POST":
        # Searching asks nothing of the fields: what was entered stays, without a word about what is missing.
        initial = {name: request.POST.get(name, "") for name in AssociateForm.base_fields}
    else:
        initial["plan"] = request.GET.get("plan") or (plans[0][0] if len(plans) == 1 else "")
    return AssociateForm(plans=plans, initial=initial)


def _proposals(request: Request, form: AssociateForm, plan: Any, chooser: Chooser) -> list[Proposal]:
    return propose(plan, chooser.chosen, emails=chooser.own_emails, now=request.now, **form.arrangement())


def _associate(
    request: Request, form: AssociateForm, plan: Any, customers: Sequence[Any], chooser: Chooser
) -> list[Any]:
    return associate(
        plan, customers, emails=chooser.own_emails, by=request.actor, now=request.now, **form.arrangement()
    )


def _preview(
    request: Request,
    form: AssociateForm,
    plan: Any,
    chooser: Chooser,
    proposals: Sequence[Proposal],
    limit: int,
    provider: Any,
) -> Preview:
    found = first_bills(
        proposals,
        lambda customers: _associate(request, form, plan, customers, chooser),
        at=request.now,
        limit=limit,
        provider=provider,
    )
    return Preview(found.rows, found.trouble, plan.currency, (), form.said_cycle)


def _problems(preview: Preview | None) -> dict[int, list[str]]:
    """Customer id -> what stands in its way, to be shown beside it."""
    if preview is None:
        return {}
    return {
        row.proposal.customer.pk: [problem.message for problem in row.proposal.problems]
        for row in preview.rows
        if row.proposal.problems
    }
