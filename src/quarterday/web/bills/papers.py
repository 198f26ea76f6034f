"""Papers to take along: a bill's PDF, and a customer's bills of some days as one."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.bills.actions import record_download
from quarterday.bills.printing import draft_pdf, printed_pdf
from quarterday.bills.queries import Wanted, every_bill, find_bill
from quarterday.customers.queries import find_customer
from quarterday.payments.statements import consolidated_pdf
from quarterday.web.bills.forms import RangeForm
from quarterday.web.customers.choosing import customer_options
from quarterday.web.days import through
from quarterday.web.digits import number_in
from quarterday.web.door import Request, found, page
from quarterday.web.files import pdf_file
from quarterday.web.plans.choices import provider_today


@page()
def bill_pdf(request: Request, pk: int) -> HttpResponse:
    """The bill as printed: to look at, or with `?download=yes` to take along, which its history tells."""
    bill = found(find_bill(pk))
    issue = getattr(bill, "issue", None)
    is_taken = request.GET.get("download") == "yes"
    content = printed_pdf(pk, now=request.now) if issue else draft_pdf(pk)
    if is_taken and issue:
        record_download([pk], now=request.now, by=request.actor)
    return pdf_file(content, issue.number if issue else f"draft-{pk}", as_file=is_taken)


@page()
def consolidated(request: Request) -> HttpResponse:
    """A customer's bills of some days as one PDF: first which, then the file."""
    today = provider_today(request)
    first_of_year = today.replace(month=1, day=1)
    asked = request.GET if "first" in request.GET else None
    initial = {"customer": _named(request), "first": first_of_year, "last": today}
    form = RangeForm(asked, initial=initial)
    if asked is not None and form.is_valid():
        customer, first, last = (form.cleaned_data[name] for name in ("customer", "first", "last"))
        content = consolidated_pdf(customer, through(first, last), now=request.now)
        taken = every_bill(Wanted(customer_id=customer.pk, since=first, until=last))
        record_download(taken, now=request.now, by=request.actor)
        return pdf_file(content, f"{customer.number}-{first}-{last}", as_file=True)
    context = {"form": form, "options": customer_options()}
    return TemplateResponse(request, "web/bills/consolidated.html", context)


def _named(request: Request) -> object:
    """The customer that the address names by id, or by number when it comes from the list."""
    number = number_in(request.GET.get("customer", ""))
    return None if number is None else find_customer(number)
