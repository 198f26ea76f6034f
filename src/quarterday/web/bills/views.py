"""The tab Billing: bills, charges, payments, the run."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.web.door import Request, page


@page(needs="read")
def bills(request: Request) -> HttpResponse:
    return TemplateResponse(request, "web/bills/bills.html", {})
