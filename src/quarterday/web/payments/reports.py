"""What the accounts office reads: who owes what since when, and the general ledger."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from quarterday.payments.export import csv_of_ageing, csv_of_ledger
from quarterday.payments.queries import ages_by_customer, ledger_postings, ledger_sums, sums_of_ages
from quarterday.web.days import day_asked, through
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
    on = day_asked(request, "on") or provider_today(request)
    ages = ages_by_customer(on=on)
    shown = one_page(request, lambda start, end: ages[start:end])
    sums = [
        {"currency": currency, "amounts": [(name, amounts[column]) for column, name in AGES.items()]}
        for currency, amounts in sums_of_ages(ages).items()
    ]
    context = {"tab": "ageing", "on": on, "page": shown, "sums": sums}
    return TemplateResponse(request, "web/payments/ageing.html", context)


@page()
def export_ageing(request: Request) -> HttpResponse:
    """The same as CSV."""
    on = day_asked(request, "on") or provider_today(request)
    return csv_file(csv_of_ageing(ages_by_customer(on=on)), f"ageing-{on}")


@page()
def ledger(request: Request) -> HttpResponse:
    """The accounts over some days: what they held before, both sides of what was booked, what they hold."""
    only_staff(request)
    first, last = _range(request)
    rows = [
        {"sum": row, "name": ACCOUNTS[row.account][0], "meaning": ACCOUNTS[row.account][1]}
        for row in ledger_sums(through(first, last))
    ]
    asked = (day_asked(request, "first"), day_asked(request, "last"))
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
    period = through(first, last)
    return csv_in_pieces(lambda: csv_of_ledger(ledger_postings(period)), f"ledger-{first}-{last}", within=request.scope)


def only_staff(request: Request) -> None:
    """Our own books: who sees some customers only finds no such page."""
    found(request.scope.everything or None)


def _range(request: Request) -> tuple[date, date]:
    """The asked days; without any, or for a range that ends before it starts, this month."""
    today = provider_today(request)
    first, last = day_asked(request, "first") or today.replace(day=1), day_asked(request, "last") or today
    return (first, last) if first <= last else (today.replace(day=1), today)
