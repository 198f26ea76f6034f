"""Papers to take along: a bill's PDF, a customer's bills of some days as one, a statement of account."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.actions import record_download
from quarterday.bills.printing import draft_pdf, printed_pdf
from quarterday.bills.queries import Wanted, every_bill, find_bill
from quarterday.customers.queries import find_customer
from quarterday.engine.periods import Period
from quarterday.payments.statements import consolidated_pdf, currencies_of, statement_pdf
from quarterday.web.bills.forms import RangeForm
from quarterday.web.customers.choosing import customer_options
from quarterday.web.door import Request, found, page
from quarterday.web.files import safe_name
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
    return _pdf(content, issue.number if issue else f"draft-{pk}", as_file=is_taken)


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
        content = consolidated_pdf(customer, Period(first, last + timedelta(days=1)), now=request.now)
        taken = every_bill(Wanted(customer_id=customer.pk, since=first, until=last))
        record_download(taken, now=request.now, by=request.actor)
        return _pdf(content, f"{customer.number}-{first}-{last}", as_file=True)
    context = {"form": form, "options": customer_options()}
    return TemplateResponse(request, "web/bills/consolidated.html", context)


@page()
def statement(request: Request, pk: int) -> HttpResponse:
    """A customer's statement of account as PDF."""
    customer = found(find_customer(pk))
    today = request.today(customer.time_zone)
    first = _day(request.GET.get("first")) or today.replace(month=1, day=1)
    last = max(_day(request.GET.get("last")) or today, first)
    asked = request.GET.get("currency", "")
    currency = asked if asked in currencies_of(customer) else customer.currency
    content = statement_pdf(customer, Period(first, last + timedelta(days=1)), now=request.now, currency=currency)
    return _pdf(content, f"{customer.number}-{_('statement')}-{first}-{last}", as_file=True)


def _named(request: Request) -> object:
    """The customer that the address names by id, or by number when it comes from the list."""
    said = request.GET.get("customer", "")
    return find_customer(int(said)) if said.isascii() and said.isdigit() and len(said) < 19 else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _pdf(content: bytes, name: str, *, as_file: bool) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'{"attachment" if as_file else "inline"}; filename="{safe_name(name)}.pdf"'
    return answer
