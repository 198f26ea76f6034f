"""Customers: who is billed."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.web.door import Request, page


@page(needs="read")
def customers(request: Request) -> HttpResponse:
    return TemplateResponse(request, "web/customers/customers.html", {})
