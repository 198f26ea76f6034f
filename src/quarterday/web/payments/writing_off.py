"""Give up what is open of a bill, after a look at what it does; and take that back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.estimate import undone
from quarterday.bills.queries import find_bill
from quarterday.engine.money import in_currency
from quarterday.payments.actions import Proposal, undo_write_off, write_off_or_propose
from quarterday.payments.queries import every_write_off, find_write_off, open_balance, settlements
from quarterday.web.acts import wait_for_second_person
from quarterday.web.door import Request, found, page
from quarterday.web.paging import one_page
from quarterday.web.payments.forms import TakeBackForm, WriteOffForm
from quarterday.web.payments.reports import only_staff
from quarterday.web.templatetags.quarterday import words


@page()
def write_offs(request: Request) -> HttpResponse:
    """What was given up, newest first, and what of it was taken back."""
    only_staff(request)
    listed = every_write_off()
    shown = one_page(request, lambda start, end: list(listed[start:end]))
    return TemplateResponse(request, "web/payments/write_offs.html", {"tab": "write_offs", "page": shown})


@page(needs="bill")
def give_up(request: Request, pk: int) -> HttpResponse:
    """Write off what is open of a bill; what stays open and owed is shown first."""
    bill = found(find_bill(pk))
    today = request.today(bill.customer.time_zone)
    standing = found(settlements([pk], on=today).get(pk))
    amount = format(in_currency(standing.open, bill.currency), "f")
    form = WriteOffForm(request.POST or None, initial={"amount": amount, "written_off_on": today})
    after = None
    done: list[Any] = []
    if request.method == "POST" and form.is_valid():

        def act() -> None:
            done.append(write_off_or_propose(bill, **form.cleaned_data, now=request.now, by=request.actor))

        if form.is_agreed:
            if form.attempt(act):
                if isinstance(done[0], Proposal):
                    return wait_for_second_person(request, done[0].pk)
                said = _("%(amount)s of %(number)s are written off.")
                amount = words().money(form.cleaned_data["amount"], bill.currency)
                messages.success(request, said % {"amount": amount, "number": standing.number})
                return redirect("bill", pk)
        else:
            after = form.look(lambda: _after(bill, act, done, request))
    context = {"bill": bill, "issue": bill.issue, "standing": standing, "form": form, "after": after}
    return TemplateResponse(request, "web/payments/write_off.html", {**context, "here": _("Write off")})


@page(needs="bill")
def take_back(request: Request, pk: int) -> HttpResponse:
    """Take a write-off back: the bill is open again."""
    row = found(find_write_off(pk))
    form = TakeBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if form.attempt(lambda: undo_write_off(row, reason=reason, now=request.now, by=request.actor)):
            said = _("The write-off is taken back: %(amount)s of %(number)s are open again.")
            amount = words().money(row.amount, row.bill.currency)
            messages.success(request, said % {"amount": amount, "number": row.bill.issue.number})
            return redirect("bill", row.bill_id)
    context = {"bill": row.bill, "issue": row.bill.issue, "row": row, "form": form, "here": _("Take back")}
    return TemplateResponse(request, "web/payments/take_back.html", context)


def _after(bill: Any, act: Any, done: list[Any], request: Request) -> dict[str, Any]:
    """What is open of the bill, and owed by the customer, once it is written off; nothing is."""
    with undone():
        act()
        takes_two = isinstance(done.pop(), Proposal)
        on = request.today(bill.customer.time_zone)
        standing = settlements([bill.pk], on=on)[bill.pk]
        owed = open_balance(bill.customer_id, bill.currency)
        return {"open": standing.open, "owed": owed, "takes_two": takes_two}
