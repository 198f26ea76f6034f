"""Where every device-day of a month went: billed, held, excepted, unbilled; and that they add up to the ledger."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.conservation import CustomerDays, month_of, month_overview
from quarterday.provider.queries import get_provider
from quarterday.web.door import Request, page
from quarterday.web.paging import one_page


@page()
def conservation(request: Request) -> HttpResponse:
    """A month's device-days by bucket, in total and by customer."""
    provider = get_provider()
    today = request.today(provider.time_zone)
    month = month_of(_asked(request) or today)
    found = month_overview(month, at=request.now, provider=provider)
    rows = _chosen(found.customers, request.GET.get("q", ""))
    shown = one_page(request, lambda start, end: rows[start:end])
    totals = found.days
    context = {
        "month": month,
        "found": found,
        "totals": [(title, totals[bucket]) for bucket, title in _titles().items()],
        "titles": list(_titles().values()),
        "page": shown,
        "rows": [(row, [(title, row.days[bucket]) for bucket, title in _titles().items()]) for row in shown.rows],
        "search": request.GET.get("q", ""),
        "previous": month_of(month.start - timedelta(days=1)).start,
        "next": month.end if month.end <= today else None,
    }
    return TemplateResponse(request, "web/bills/conservation.html", context)


def _asked(request: Request) -> date | None:
    """The month in the address, as 2026-04; None for one that cannot be read."""
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None


def _chosen(rows: list[CustomerDays], search: str) -> list[CustomerDays]:
    words = search.casefold().split()
    return [row for row in rows if all(word in row.customer.casefold() for word in words)]


def _titles() -> dict[str, str]:
    """The buckets as people read them, in the order in which they are shown."""
    return {
        "billed": _("Billed"),
        "covered": _("Not counted by the rule"),
        "not_due": _("Not yet due"),
        "held": _("Held"),
        "excepted": _("Excepted"),
        "paused": _("Paused"),
        "unbilled": _("Unbilled"),
    }
