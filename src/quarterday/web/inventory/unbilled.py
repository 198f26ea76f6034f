"""What is there and not billed: agreed exceptions, and devices that no plan of their customer prices."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.bills.queries import exception_costs, unbilled_devices
from quarterday.inventory.queries import exception_list
from quarterday.provider.queries import class_names, find_provider
from quarterday.web.door import Request, page
from quarterday.web.paging import one_page


@page()
def exceptions(request: Request) -> HttpResponse:
    """The exceptions in force: why, who agreed, until when, and what they cost a month."""
    today = _today(request)
    search = request.GET.get("q", "")
    listed = exception_list(from_day=today, search=search)
    shown = one_page(request, lambda start, end: list(listed[start:end]))
    costs = exception_costs({row.customer_id for row in shown.rows}, today=today)
    context = {
        "page": shown,
        "rows": [{"exception": row, "is_now": today in row.valid} for row in shown.rows],
        "costs": costs,
        "search": search,
        "classes": class_names(),
    }
    return TemplateResponse(request, "web/inventory/exceptions.html", context)


@page()
def unbilled(request: Request) -> HttpResponse:
    """Devices that no plan of their customer prices, counted by customer and class."""
    rows = unbilled_devices(on=_today(request))
    shown = one_page(request, lambda start, end: rows[start:end])
    context = {"page": shown, "classes": class_names(), "device_count": sum(row.device_count for row in rows)}
    return TemplateResponse(request, "web/inventory/unbilled.html", context)


def _today(request: Request):  # type: ignore[no-untyped-def]
    provider = find_provider()
    return request.today(provider.time_zone if provider else "UTC")
