"""Leave a disputed bill, or a line of it, out of the reminders."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.queries import find_bill, shown_lines
from quarterday.payments.actions import pause_reminders, resume_reminders
from quarterday.payments.queries import pauses_of
from quarterday.web.bills.words import line_in_words
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Form
from quarterday.web.payments.forms import PauseForm


@page(needs="bill")
def pause(request: Request, pk: int) -> HttpResponse:
    """What is paused of a bill, and the form to pause all of it or a line, or to end that."""
    bill = found(find_bill(pk))
    issue = found(getattr(bill, "issue", None))
    lines = [(line.position, line_in_words(line, bill.currency).title) for line in shown_lines(bill)]
    is_resumed = "resume" in request.POST
    form = PauseForm(None if is_resumed else request.POST or None, lines=lines)
    if is_resumed:
        end = Form(request.POST)
        if end.attempt(lambda: resume_reminders(bill, now=request.now, by=request.actor)):
            messages.success(request, _("What is open of %(number)s is reminded of again.") % {"number": issue.number})
        for problem in end.non_field_errors():
            messages.error(request, str(problem))
        return redirect("bill", pk)
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        line = int(told["line"]) if told["line"] else None

        def act() -> None:
            pause_reminders(
                bill, reason=told["reason"], line=line, until=told["until"], now=request.now, by=request.actor
            )

        if form.attempt(act):
            messages.success(request, _("Nobody is reminded of it while the pause lasts."))
            return redirect("bill", pk)
    pauses = list(pauses_of(pk))
    context = {"bill": bill, "issue": issue, "form": form, "pauses": pauses, "here": _("Pause reminders")}
    return TemplateResponse(request, "web/payments/pause.html", context)
