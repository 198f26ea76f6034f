"""What needs a person today, and how business goes."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.web.door import Request, page


@page()
def dashboard(request: Request) -> HttpResponse:
    return TemplateResponse(request, "web/dashboard/dashboard.html", {})
