"""A customer's statement of account: on the page, as PDF and as CSV, always over the same days in the same currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.customers.queries import find_customer
from quarterday.engine.periods import Period
from quarterday.payments.export import csv_of_statement
from quarterday.payments.statements import currencies_of, statement_of, statement_pdf
from quarterday.web.days import day_asked, month_starts, through
from quarterday.web.door import Request, found, page
from quarterday.web.files import csv_file, pdf_file


@page()
def account(request: Request, pk: int) -> HttpResponse:
    """What moved the account, with the balance after each."""
    asked = _asked(request, pk)
    statement = statement_of(asked.customer, asked.period, currency=asked.currency)
    context = {
        "customer": asked.customer,
        "tab": "account",
        "statement": statement,
        "movements": list(statement.running()),
        "first": asked.first,
        "last": asked.last,
        "currency": asked.currency,
        "currencies": asked.currencies,
        "is_backwards": asked.is_backwards,
    }
    return TemplateResponse(request, "web/customers/account.html", context)


@page()
def as_pdf(request: Request, pk: int) -> HttpResponse:
    """The paper that a customer is sent."""
    asked = _asked(request, pk)
    content = statement_pdf(asked.customer, asked.period, now=request.now, currency=asked.currency)
    return pdf_file(content, f"{asked.customer.number}-{_('statement')}-{asked.first}-{asked.last}", as_file=True)


@page()
def as_csv(request: Request, pk: int) -> HttpResponse:
    """The same for a spreadsheet."""
    asked = _asked(request, pk)
    content = csv_of_statement(statement_of(asked.customer, asked.period, currency=asked.currency))
    return csv_file(content, f"{asked.customer.number}-{asked.first}-{asked.last}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose account is to be shown, over which days, both in it, in which of its currencies."""

    customer: Any
    first: date
    last: date
    currency: str
    currencies: list[str]
    is_backwards: bool
    """Whether the last day that was asked for is before the first, so that the usual days are shown."""

    @property
    def period(self) -> Period:
        """The days as a statement takes them."""
        return through(self.first, self.last)


def _asked(request: Request, pk: int) -> Asked:
    """What the address asks for; without both of its days, the last thirteen months in the customer's own currency."""
    customer = found(find_customer(pk))
    first, last = day_asked(request, "first"), day_asked(request, "last")
    is_backwards = first is not None and last is not None and first > last
    if first is None or last is None or is_backwards:
        last = request.today(customer.time_zone)
        first = month_starts(last)[0]
    currencies = currencies_of(customer)
    currency = request.GET.get("currency", "")
    chosen = currency if currency in currencies else customer.currency
    return Asked(customer, first, last, chosen, currencies, is_backwards)
