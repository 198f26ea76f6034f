"""What needs a person today, and how business goes."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.bills.queries import revenue_by_month, unbilled_devices
from quarterday.inventory.queries import class_counts_on
from quarterday.payments.queries import receivables_by_age
from quarterday.provider.queries import find_provider
from quarterday.upkeep.attention import attention
from quarterday.web.dashboard.figures import devices_chart, month_starts, receivables_charts, revenue_charts
from quarterday.web.dashboard.tasks import tasks
from quarterday.web.door import Request, page


@page()
def dashboard(request: Request) -> HttpResponse:
    """Tasks for those who bill; revenue, devices and receivables of the customers in scope for everybody."""
    provider = find_provider()
    today = request.today(provider.time_zone if provider else "UTC")
    months = month_starts(today)
    is_staff = request.scope.everything
    ages = receivables_by_age(on=today)
    revenue = revenue_by_month(since=months[0], until=today)
    revenues, receivables = revenue_charts(months, revenue), receivables_charts(ages)
    devices = devices_chart([*months, today], class_counts_on([*months, today]))
    context = {
        "today": today,
        "is_staff": is_staff,
        "provider": provider,
        "tasks": tasks(request, attention(), unbilled_devices(on=today), ages) if is_staff else [],
        "ages": ages,
        "charts": [*revenues[:1], *([devices] if devices else []), *receivables[:1]],
        "other_currencies": [*revenues[1:], *receivables[1:]],
        "is_new": not revenue,
    }
    return TemplateResponse(request, "web/dashboard/dashboard.html", context)
