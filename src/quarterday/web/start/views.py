"""First run: from an empty installation to the first dry run."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.web.door import Request, page


@page(needs="settings")
def start(request: Request) -> HttpResponse:
    return TemplateResponse(request, "web/start/start.html", {})
