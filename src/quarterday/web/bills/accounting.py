"""Where every device-day of a month went: billed, held, excepted, unbilled; and that they add up to the ledger.

A large shop's month takes a second or more to account for. Its page comes at once and asks for the account, by script
or by its link; what was counted is shown for ten minutes, with the moment of counting and a link to count anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import caches
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.conservation import CustomerDays, MonthOverview, month_of, month_overview
from quarterday.engine.periods import Period
from quarterday.inventory.queries import has_more_stays_than
from quarterday.provider.queries import get_provider
from quarterday.web.door import Request, page
from quarterday.web.paging import one_page
from quarterday.web.remembering import whose

LARGE = 10_000
"""With more stays than this in the ledger a month is counted when that is asked for, not while its page is opened."""

KEPT_SECONDS = 600


@page()
def conservation(request: Request) -> HttpResponse:
    """A month's device-days by bucket, in total and by customer."""
    provider = get_provider()
    today = request.today(provider.time_zone)
    month = month_of(_asked(request) or today)
    account = _account(request, month, provider)
    around = {
        "month": month,
        "search": request.GET.get("q", ""),
        "previous": month_of(month.start - timedelta(days=1)).start,
        "next": month.end if month.end <= today else None,
    }
    if account is None:
        return TemplateResponse(request, "web/bills/conservation_waits.html", around)
    found = account.found
    rows = _chosen(found.customers, request.GET.get("q", ""))
    shown = one_page(request, lambda start, end: rows[start:end])
    totals = found.days
    context = {
        **around,
        "found": found,
        "zone": provider.time_zone,
        "kept_since": account.at if account.is_kept else None,
        "totals": [(title, totals[bucket]) for bucket, title in _titles().items()],
        "titles": list(_titles().values()),
        "page": shown,
        "rows": [(row, [(title, row.days[bucket]) for bucket, title in _titles().items()]) for row in shown.rows],
    }
    return TemplateResponse(request, "web/bills/conservation.html", context)


@dataclass(frozen=True, slots=True)
class _Account:
    """A month as it was accounted for at a moment; kept ones are not of this request."""

    found: MonthOverview
    at: datetime
    is_kept: bool


def _account(request: Request, month: Period, provider: Any) -> _Account | None:
    """The month's account: at once, or as it was counted a while ago; None if it is large and nobody counted it yet."""
    key = f"conservation/{month.start}/{whose(request.scope)}"
    is_asked = "count" in request.GET
    if not is_asked:
        if kept := caches["process"].get(key):
            found, at = kept
            return _Account(found, at, is_kept=True)
        if has_more_stays_than(LARGE):
            return None
    found = month_overview(month, at=request.now, provider=provider)
    if is_asked:
        caches["process"].set(key, (found, request.now), timeout=KEPT_SECONDS)
    return _Account(found, request.now, is_kept=False)


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
