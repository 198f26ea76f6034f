"""What needs a person today, and how business goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.bills.queries import MonthRevenue, Unbilled, revenue_by_month, unbilled_devices
from quarterday.inventory.queries import ClassCounts, class_counts_on
from quarterday.payments.queries import Age, receivables_by_age
from quarterday.provider.queries import find_provider
from quarterday.upkeep.attention import attention
from quarterday.web.dashboard.figures import devices_chart, receivables_charts, revenue_charts
from quarterday.web.dashboard.tasks import tasks
from quarterday.web.days import month_starts
from quarterday.web.door import Request, page
from quarterday.web.remembering import remembered


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is added up over all bills and devices in scope."""

    ages: Sequence[Age]
    revenue: Sequence[MonthRevenue]
    counts: Sequence[ClassCounts]
    unbilled: Sequence[Unbilled]


@page()
def dashboard(request: Request) -> HttpResponse:
    """Tasks for those who bill; revenue, devices and receivables of the customers in scope for everybody."""
    provider = find_provider()
    today = request.today(provider.time_zone if provider else "UTC")
    months = month_starts(today)
    is_staff = request.scope.everything
    told = remembered(
        "dashboard",
        lambda: _Figures(
            receivables_by_age(on=today),
            revenue_by_month(since=months[0], until=today),
            class_counts_on([*months, today]),
            unbilled_devices(on=today) if is_staff else (),
        ),
        within=request.scope,
        on=today,
        now=request.now,
        anew="count" in request.GET,
    )
    figures = told.answer
    revenues = revenue_charts(months, figures.revenue, is_ours=is_staff)
    receivables = receivables_charts(figures.ages, is_ours=is_staff)
    devices = devices_chart([*months, today], figures.counts)
    context = {
        "today": today,
        "is_staff": is_staff,
        "provider": provider,
        "tasks": tasks(request, attention(today=today), figures.unbilled, figures.ages) if is_staff else [],
        "ages": figures.ages,
        "charts": [*revenues[:1], *([devices] if devices else []), *receivables[:1]],
        "other_currencies": [*revenues[1:], *receivables[1:]],
        "is_new": not figures.revenue,
        "kept_since": told.kept_since,
    }
    return TemplateResponse(request, "web/dashboard/dashboard.html", context)
