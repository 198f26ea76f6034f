"""The queue of what was learned late: which device, how many days, how much money, and what each answer does."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterday.bills.actions import decide_late_truth
from quarterday.bills.queries import find_late_truth, late_truths
from quarterday.web.acts import do
from quarterday.web.class_names import class_names
from quarterday.web.door import Request, found, page
from quarterday.web.paging import one_page

TO_BILL = ("catch_up", "credit")


@page()
def late(request: Request) -> HttpResponse:
    """The open questions, oldest first, and what waits for the next bill."""
    shown = one_page(request, lambda start, end: list(late_truths()[start:end]))
    waiting = list(late_truths(decisions=TO_BILL)[:100])
    context = {"page": shown, "to_bill": waiting, "classes": class_names()}
    return TemplateResponse(request, "web/bills/late.html", context)


@require_POST
@page(needs="bill")
def decide(request: Request, pk: int) -> HttpResponse:
    """Answer the question of a late truth: the next bill charges it, or it is forgiven."""
    truth = found(find_late_truth(pk))
    decision = request.POST.get("decision", "")
    told = {
        "catch_up": _("It is charged on the next bill of %(customer)s."),
        "forgiven": _("It is forgiven; %(customer)s is not charged for it."),
    }
    do(
        request,
        lambda: decide_late_truth(truth, decision=decision, now=request.now, by=request.actor),
        told=told.get(decision, "%(customer)s") % {"customer": truth.customer.name},
    )
    return redirect("late_truths")
