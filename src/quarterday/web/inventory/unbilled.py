"""What is there and not billed: agreed exceptions, silent devices, and devices that no plan of theirs prices."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.bills.queries import exception_register, unbilled_devices
from quarterday.provider.queries import find_provider
from quarterday.subscriptions.queries import pause_list
from quarterday.web.class_names import class_names
from quarterday.web.door import Request, page
from quarterday.web.paging import one_page


@page()
def exceptions(request: Request) -> HttpResponse:
    """The register of exceptions: why, who agreed, until when, and what each costs a month; or those that end soon."""
    provider = find_provider()
    days = provider.exception_notice_days if provider else 0
    search, soon = request.GET.get("q", ""), days if request.GET.get("soon") else None
    today = request.today(provider.time_zone if provider else "UTC")
    shown = one_page(
        request,
        lambda start, end: exception_register(today=today, search=search, start=start, end=end, within_days=soon),
    )
    context = {"page": shown, "search": search, "soon": soon, "classes": class_names(), "days": days}
    return TemplateResponse(request, "web/inventory/exceptions.html", context)


@page()
def paused(request: Request) -> HttpResponse:
    """Devices that a plan does not charge because nothing was heard of them."""
    search, today = request.GET.get("q", ""), _today(request)
    listed = pause_list(on=today, search=search)
    shown = one_page(request, lambda start, end: list(listed[start:end]))
    return TemplateResponse(request, "web/inventory/paused.html", {"page": shown, "search": search})


@page()
def unbilled(request: Request) -> HttpResponse:
    """Devices that no plan of their customer prices, counted by customer and class."""
    rows = unbilled_devices(on=_today(request))
    shown = one_page(request, lambda start, end: rows[start:end])
    context = {"page": shown, "classes": class_names(), "device_count": sum(row.device_count for row in rows)}
    return TemplateResponse(request, "web/inventory/unbilled.html", context)


def _today(request: Request) -> date:
    provider = find_provider()
    return request.today(provider.time_zone if provider else "UTC")
