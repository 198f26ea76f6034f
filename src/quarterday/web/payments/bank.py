"""The bank's statement: upload it, see what each line probably is, confirm one or all that are sure, or ignore."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from quarterday.connectors.bankfile import read_bank_file
from quarterday.payments.actions import (
    Proposal,
    confirm_line,
    confirm_or_propose,
    confirm_suggestion,
    confirm_sure_lines,
    ignore_line,
    import_bank_lines,
)
from quarterday.payments.queries import find_bank_line, payments_for_line, suggestions, waiting_lines
from quarterday.web.acts import wait_for_second_person
from quarterday.web.customers.choosing import customer_options
from quarterday.web.digits import numbers_in
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Form
from quarterday.web.paging import one_page
from quarterday.web.payments.forms import AboutPaymentForm, BankFileForm, IgnoreForm, WhoPaidForm
from quarterday.web.payments.reports import only_staff
from quarterday.web.templatetags.quarterday import words

PROBABLY = {
    "payment": gettext_lazy("payment of"),
    "recorded": gettext_lazy("recorded by hand before, of"),
    "refund": gettext_lazy("money given back to"),
    "bounce": gettext_lazy("payment that came back, of"),
}
AGREES = {
    "number": gettext_lazy("bill number"),
    "payer": gettext_lazy("payer"),
    "amount": gettext_lazy("amount"),
}


@page(needs="bill")
def bank(request: Request) -> HttpResponse:
    """The lines that wait, oldest first, each with what it probably is; and the way in for another file."""
    only_staff(request)
    form = BankFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        done: list[Any] = []
        file = form.cleaned_data["file"]

        def take_over() -> None:
            content = file.read()
            told = form.cleaned_data
            entries = read_bank_file(content, columns=form.columns, currency=told["currency"], first=told["first"])
            taken = import_bank_lines(entries, content=content, name=file.name, now=request.now, by=request.actor)
            done.append(taken)

        if form.attempt(take_over):
            _tell_import(request, done[0])
            return redirect("bank")
    listed = waiting_lines()
    shown = one_page(request, lambda start, end: list(listed[start:end]))
    rows = [_row(suggestion) for suggestion in suggestions(shown.rows)]
    context = {
        "tab": "bank",
        "form": form,
        "page": shown,
        "rows": rows,
        "sure_count": sum(row["suggestion"].is_sure for row in rows),
    }
    return TemplateResponse(request, "web/payments/bank.html", context)


@require_POST
@page(needs="bill")
def confirm_sure(request: Request) -> HttpResponse:
    """Confirm every line on the page that is sure."""
    only_staff(request)
    form = Form(request.POST)
    done: list[Any] = []
    ids = numbers_in(request.POST.getlist("line"))
    if form.attempt(lambda: done.extend(confirm_sure_lines(now=request.now, by=request.actor, only=ids))):
        said = ngettext("%(n)d line is confirmed.", "%(n)d lines are confirmed.", len(done)) % {"n": len(done)}
        messages.success(request, said)
    _tell_problems(request, form)
    return redirect("bank")


@require_POST
@page(needs="bill")
def confirm(request: Request, pk: int) -> HttpResponse:
    """Confirm one line as it was suggested."""
    only_staff(request)
    form = Form(request.POST)
    line = found(find_bank_line(pk))
    (suggestion,) = suggestions([line])
    shown, done = request.POST.get("shown"), list[Any]()
    if shown is not None and shown != _fingerprint(suggestion):
        messages.error(request, _("Something happened since you looked: this is what the line probably is now."))
    elif form.attempt(lambda: done.append(confirm_suggestion(suggestion, now=request.now, by=request.actor))):
        if isinstance(done[0], Proposal):
            return wait_for_second_person(request, done[0].pk)
        messages.success(request, _("The line is confirmed."))
    _tell_problems(request, form)
    return redirect("bank")


@page(needs="bill")
def decide(request: Request, pk: int) -> HttpResponse:
    """Say what a line is where the suggestion is wrong or nobody knows: who paid, which payment, or no customer's."""
    only_staff(request)
    line = found(find_bank_line(pk))
    payments = {payment.pk: payment for payment in payments_for_line(line)}
    chosen = next((name for name in ("ignore", "about") if name in request.POST), "who")
    told = request.POST or None
    who = WhoPaidForm(told if chosen == "who" else None)
    about = AboutPaymentForm(
        told if chosen == "about" else None,
        has_come=line.amount > 0,
        payments=[(payment.pk, _payment_in_words(payment)) for payment in payments.values()],
    )
    away = IgnoreForm(told if chosen == "ignore" else None)
    is_put_away = chosen == "ignore"
    if is_put_away and away.is_valid():
        reason = away.cleaned_data["reason"]
        if away.attempt(lambda: ignore_line(line, reason=reason, now=request.now, by=request.actor)):
            messages.success(request, _("The line is put away."))
            return redirect("bank")
    elif about.is_bound and about.is_valid():
        kind, payment = about.cleaned_data["kind"], payments[about.cleaned_data["payment"]]
        done: list[Any] = []

        def say() -> None:
            done.append(confirm_or_propose(line, kind=kind, payment=payment, now=request.now, by=request.actor))

        if about.attempt(say):
            if isinstance(done[0], Proposal):
                return wait_for_second_person(request, done[0].pk)
            messages.success(request, _("The line is confirmed."))
            return redirect("bank")
    elif who.is_bound and who.is_valid():
        customer, bills = who.cleaned_data["customer"], who.cleaned_data["bills"]

        def act() -> None:
            confirm_line(line, kind="payment", customer=customer, bills=bills, now=request.now, by=request.actor)

        if who.attempt(act):
            messages.success(request, _("The line is confirmed."))
            return redirect("bank")
    context = {
        "tab": "bank",
        "line": line,
        "who": who,
        "about": about if payments else None,
        "away": away,
        "options": customer_options(),
    }
    return TemplateResponse(request, "web/payments/bank_line.html", context)


def _row(suggestion: Any) -> dict[str, Any]:
    return {
        "suggestion": suggestion,
        "line": suggestion.line,
        "probably": PROBABLY.get(suggestion.kind, ""),
        "agrees": [AGREES[word] for word in suggestion.because],
        "short": -suggestion.over if suggestion.over < 0 else None,
        "over": suggestion.over if suggestion.over > 0 else None,
        "fingerprint": _fingerprint(suggestion),
    }


def _payment_in_words(payment: Any) -> str:
    """A payment as one chooses it: 12 June 2026, North Dental, EUR 119.00, its reference."""
    said = words()
    parts = [said.long_date(payment.received_on), payment.customer.name, said.money(payment.amount, payment.currency)]
    return ", ".join([*parts, payment.reference] if payment.reference else parts)


def _fingerprint(suggestion: Any) -> str:
    """What was shown, so that nothing else is confirmed."""
    bills = ",".join(str(bill.bill_id) for bill in suggestion.bills)
    return f"{suggestion.kind}/{suggestion.customer_id}/{suggestion.payment_id}/{bills}/{suggestion.over.normalize()}"


def _tell_import(request: Request, done: Any) -> None:
    if done.is_known:
        messages.warning(request, _("This file was imported before: nothing is new."))
        return
    said = ngettext("%(n)d line of the file is new.", "%(n)d lines of the file are new.", done.new_count) % {
        "n": done.new_count
    }
    messages.success(request, said)


def _tell_problems(request: Request, form: Form) -> None:
    for problem in form.non_field_errors():
        messages.error(request, str(problem))
