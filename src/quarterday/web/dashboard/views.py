"""What needs a person today, and how business goes."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.bills.queries import revenue_by_month, unbilled_devices
from quarterday.inventory.queries import class_counts_on
from quarterday.payments.queries import receivables_by_age
from quarterday.provider.queries import find_provider
from quarterday.upkeep.attention import attention
from quarterday.web.dashboard.figures import devices_chart, month_starts, receivables_charts, revenue_charts
from quarterday.web.dashboard.remembering import remembered
from quarterday.web.dashboard.tasks import tasks
from quarterday.web.door import Request, page


@page()
def dashboard(request: Request) -> HttpResponse:
    """Tasks for those who bill; revenue, devices and receivables of the customers in scope for everybody."""
    provider = find_provider()
    today = request.today(provider.time_zone if provider else "UTC")
    months = month_starts(today)
    is_staff = request.scope.everything
    figure = partial(remembered, within=request.scope, on=today)
    ages = figure("ages", lambda: receivables_by_age(on=today))
    revenue = figure("revenue", lambda: revenue_by_month(since=months[0], until=today))
    counts = figure("devices", lambda: class_counts_on([*months, today]))
    unbilled = figure("unbilled", lambda: unbilled_devices(on=today)) if is_staff else []
    revenues, receivables = revenue_charts(months, revenue), receivables_charts(ages)
    devices = devices_chart([*months, today], counts)
    context = {
        "today": today,
        "is_staff": is_staff,
        "provider": provider,
        "tasks": tasks(request, attention(today=today), unbilled, ages) if is_staff else [],
        "ages": ages,
        "charts": [*revenues[:1], *([devices] if devices else []), *receivables[:1]],
        "other_currencies": [*revenues[1:], *receivables[1:]],
        "is_new": not revenue,
    }
    return TemplateResponse(request, "web/dashboard/dashboard.html", context)
