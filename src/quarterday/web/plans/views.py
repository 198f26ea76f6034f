"""The tab Service Plan: plans, their versions, associating and disassociating."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.web.door import Request, page


@page(needs="read")
def billing(request: Request) -> HttpResponse:
    return TemplateResponse(request, "web/plans/billing.html", {})
