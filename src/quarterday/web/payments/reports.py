"""What the accounts office reads: who owes what since when, the general ledger, a statement as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from quarterday.customers.queries import find_customer
from quarterday.engine.periods import Period
from quarterday.payments.export import csv_of_ageing, csv_of_ledger, csv_of_statement
from quarterday.payments.queries import CustomerAge, ages_by_customer, ledger_postings, ledger_sums
from quarterday.payments.statements import currencies_of, statement_of
from quarterday.web.door import Request, found, page
from quarterday.web.files import csv_file, csv_in_pieces
from quarterday.web.paging import one_page
from quarterday.web.plans.choices import provider_today

ACCOUNTS = {
    "receivables": (_("Receivables"), _("what is open of bills")),
    "customer_credit": (_("Customers' credit"), _("paid or credited, and not used yet: owed to customers, below 0")),
    "revenue": (_("Revenue"), _("billed net, less credit notes, below 0")),
    "tax": (_("Tax"), _("billed, less credit notes, below 0")),
    "bank": (_("Money received"), _("less what was given back")),
    "bad_debts": (_("Bad debts"), _("written off")),
}
AGES = {
    "open": _("Open"),
    "not_due": _("not due"),
    "up_to_30": _("1–30 days"),
    "up_to_60": _("31–60"),
    "up_to_90": _("61–90"),
    "older": _("older"),
    "credit": _("Unused credit"),
}


@page()
def ageing(request: Request) -> HttpResponse:
    """Open bills by customer and days overdue, today or at the end of a day in the past."""
    on = _day(request, "on") or provider_today(request)
    ages = ages_by_customer(on=on)
    shown = one_page(request, lambda start, end: ages[start:end])
    context = {"tab": "ageing", "on": on, "page": shown, "sums": list(_sums(ages))}
    return TemplateResponse(request, "web/payments/ageing.html", context)


@page()
def export_ageing(request: Request) -> HttpResponse:
    """The same as CSV."""
    on = _day(request, "on") or provider_today(request)
    return csv_file(csv_of_ageing(ages_by_customer(on=on)), f"ageing-{on}")


@page()
def ledger(request: Request) -> HttpResponse:
    """The accounts over some days: what they held before, both sides of what was booked, what they hold."""
    only_staff(request)
    first, last = _range(request)
    rows = [
        {"sum": row, "name": ACCOUNTS[row.account][0], "meaning": ACCOUNTS[row.account][1]}
        for row in ledger_sums(Period(first, last + timedelta(days=1)))
    ]
    asked = (_day(request, "first"), _day(request, "last"))
    context = {
        "tab": "ledger",
        "rows": rows,
        "first": first,
        "last": last,
        "is_backwards": None not in asked and asked != (first, last),
    }
    return TemplateResponse(request, "web/payments/ledger.html", context)


@page()
def export_ledger(request: Request) -> HttpResponse:
    """Every posting of some days as CSV, as long as it is."""
    only_staff(request)
    first, last = _range(request)
    period = Period(first, last + timedelta(days=1))
    return csv_in_pieces(lambda: csv_of_ledger(ledger_postings(period)), f"ledger-{first}-{last}", within=request.scope)


@page()
def statement(request: Request, pk: int) -> HttpResponse:
    """A customer's statement of account as CSV."""
    customer = found(find_customer(pk))
    today = request.today(customer.time_zone)
    first = _day(request, "first") or today.replace(month=1, day=1)
    last = max(_day(request, "last") or today, first)
    asked = request.GET.get("currency", "")
    currency = asked if asked in currencies_of(customer) else customer.currency
    content = csv_of_statement(statement_of(customer, Period(first, last + timedelta(days=1)), currency=currency))
    return csv_file(content, f"{customer.number}-{first}-{last}")


def only_staff(request: Request) -> None:
    """Our own books: who sees some customers only finds no such page."""
    found(request.scope.everything or None)


def _sums(ages: Sequence[CustomerAge]) -> Iterator[dict[str, Any]]:
    """What all customers owe, by currency, in the order of the columns."""
    for currency in sorted({age.currency for age in ages}):
        theirs = [age for age in ages if age.currency == currency]
        amounts = [(name, sum((getattr(age, column) for age in theirs), Decimal(0))) for column, name in AGES.items()]
        yield {"currency": currency, "amounts": amounts}


def _range(request: Request) -> tuple[date, date]:
    """The asked days; without any, or for a range that ends before it starts, this month."""
    today = provider_today(request)
    first, last = _day(request, "first") or today.replace(day=1), _day(request, "last") or today
    return (first, last) if first <= last else (today.replace(day=1), today)


def _day(request: Request, name: str) -> date | None:
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return day if day < date.max else None
