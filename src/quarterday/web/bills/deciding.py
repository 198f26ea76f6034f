"""What people decide about one bill: release, recount, discard, add a charge, credit, mail again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterday.bills.actions import (
    adjust_draft,
    discard_bill,
    recount_bill,
    release_bill,
    resend_bill,
)
from quarterday.bills.estimate import undone
from quarterday.bills.queries import find_bill, shown_lines
from quarterday.bills.queries.creditable import left_to_credit
from quarterday.payments.actions import Proposal, credit_or_propose, waive_or_propose
from quarterday.web.acts import wait_for_second_person
from quarterday.web.bills.forms import CreditForm, DiscardForm, DraftChargeForm, ResendForm
from quarterday.web.bills.words import line_in_words
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Form
from quarterday.web.plans import choices
from quarterday.web.templatetags.quarterday import words


@require_POST
@page(needs="bill")
def release(request: Request, pk: int) -> HttpResponse:
    """Issue a draft exactly as it was reviewed."""
    bill = found(find_bill(pk))
    form = Form(request.POST)
    done: list[Any] = []
    if form.attempt(lambda: _release(request, bill, done)):
        if done[0] is None:
            messages.warning(request, _("Your word is kept. It takes two persons: another one has to release it too."))
        else:
            said = _("%(number)s is issued, due on %(day)s.")
            messages.success(request, said % {"number": done[0].number, "day": words().short_date(done[0].due_on)})
    _tell_problems(request, form)
    return redirect("bill", pk)


@require_POST
@page(needs="bill")
def recount(request: Request, pk: int) -> HttpResponse:
    """Calculate a draft anew from what is known now."""
    bill = found(find_bill(pk))
    form = Form(request.POST)
    done: list[Any] = []
    if not form.attempt(lambda: done.append(recount_bill(bill, now=request.now, by=request.actor))):
        _tell_problems(request, form)
        return redirect("bill", pk)
    return _to_new_draft(request, done[0])


@page(needs="bill")
def discard(request: Request, pk: int) -> HttpResponse:
    """Throw a draft away, and say what becomes of its periods."""
    bill = found(find_bill(pk))
    form = DiscardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.reason
        done: list[Any] = []

        def throw_away() -> None:
            if reason is None:
                discard_bill(bill, now=request.now, by=request.actor)
            else:
                done.append(waive_or_propose(bill, reason=reason, now=request.now, by=request.actor))

        if form.attempt(throw_away):
            if done and isinstance(done[0], Proposal):
                return wait_for_second_person(request, done[0].pk)
            said = _("The draft is discarded, and its periods are never billed.")
            again = _("The draft is discarded. The next run bills its periods again.")
            messages.success(request, said if reason is not None else again)
            return redirect("bills_waiting")
    return TemplateResponse(request, "web/bills/discard.html", {"bill": bill, "form": form, "here": _("Discard")})


@page(needs="bill")
def charge(request: Request, pk: int) -> HttpResponse:
    """Put a charge or a discount on a draft, which is counted anew; the new total is shown first."""
    bill = found(find_bill(pk))
    form = DraftChargeForm(request.POST or None, tax_codes=choices.codes())
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        done: list[Any] = []

        def add() -> None:
            done.append(adjust_draft(bill, **form.charged(), now=request.now, by=request.actor))

        if form.is_agreed:
            if form.attempt(add):
                return _to_new_draft(request, done[0])
        else:
            shown = form.look(lambda: _undone(add, done)) or {}
    context = {"bill": bill, "form": form, "after": shown.get("bill"), "here": _("Add a charge or discount")}
    return TemplateResponse(request, "web/bills/charge.html", context)


@page(needs="bill")
def credit(request: Request, pk: int) -> HttpResponse:
    """Correct an issued bill by a credit note; its total is shown first."""
    bill = found(find_bill(pk))
    issue = found(getattr(bill, "issue", None))
    lines = shown_lines(bill)
    form = CreditForm(request.POST or None, lines=lines, left=left_to_credit(bill))
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        done: list[Any] = []

        def write() -> None:
            note = credit_or_propose(
                bill,
                reason=form.cleaned_data["reason"],
                amounts=form.amounts,
                days_of=form.days,
                bill_again=form.cleaned_data["what"] == "again",
                now=request.now,
                by=request.actor,
            )
            done.append(note)

        if form.is_agreed:
            if form.attempt(write):
                said = _("%(note)s credits %(total)s of %(number)s.")
                note = done[0]
                if isinstance(note, Proposal):
                    return wait_for_second_person(request, note.pk)
                total = words().money(note.total, note.currency)
                messages.success(request, said % {"note": note.issue.number, "total": total, "number": issue.number})
                return redirect("bill", note.pk)
        else:
            shown = form.look(lambda: _noted(write, done)) or {}
    rows = [(line_in_words(line, bill.currency), left, field) for line, left, field in form.rows()]
    context = {"bill": bill, "issue": issue, "form": form, "rows": rows, "note": shown, "here": _("Credit")}
    return TemplateResponse(request, "web/bills/credit.html", context)


@page(needs="bill")
def resend(request: Request, pk: int) -> HttpResponse:
    """Mail an issued bill once more, to the same addresses or others."""
    bill = found(find_bill(pk))
    issue = found(getattr(bill, "issue", None))
    form = ResendForm(request.POST or None, initial={"to": bill.recipients})
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        if form.attempt(lambda: resend_bill(bill, to=to, now=request.now, by=request.actor)):
            said = _("%(number)s goes to %(addresses)s.")
            messages.success(request, said % {"number": issue.number, "addresses": ", ".join(to)})
            return redirect("bill", pk)
    return TemplateResponse(
        request, "web/bills/resend.html", {"bill": bill, "issue": issue, "form": form, "here": _("Resend")}
    )


def _release(request: Request, bill: Any, done: list[Any]) -> None:
    done.append(release_bill(bill, now=request.now, by=request.actor))


def _undone(act: Any, done: list[Any]) -> dict[str, Any]:
    """Do it, keep what it would give, and take it back."""
    with undone():
        act()
        bill = done.pop()
        total = Decimal(0) if bill is None else bill.total
        return {"bill": {"total": total, "net": bill.net if bill else total, "tax": bill.tax if bill else total}}


def _noted(act: Any, done: list[Any]) -> dict[str, Any]:
    """The sums of the credit note that would be issued; of one that takes two persons the total."""
    with undone():
        act()
        note = done.pop()
        if isinstance(note, Proposal):
            return {"total": note.amount, "takes_two": True}
        return {"total": note.total, "net": note.net, "tax": note.tax}


def _to_new_draft(request: Request, new: Any) -> HttpResponse:
    if new is None:
        messages.success(request, _("Counted anew: nothing is due any more."))
        return redirect("bills_waiting")
    said = _("Counted anew: it comes to %(total)s now. Look at it, then release it.")
    messages.success(request, said % {"total": words().money(new.total, new.currency)})
    return redirect("bill", new.pk)


def _tell_problems(request: Request, form: Form) -> None:
    for problem in form.non_field_errors():
        messages.error(request, str(problem))
