"""The tab Service Plan: plans and their versions."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.web.door import Request, page


@page()
def plans(request: Request) -> HttpResponse:
    """All plans: currency, prices, customers on them, what they bring in."""
    return TemplateResponse(request, "web/plans/billing.html", {})
