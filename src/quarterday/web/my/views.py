"""The reader's own account."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.web.door import Request, page


@page(needs="read")
def my_account(request: Request) -> HttpResponse:
    return TemplateResponse(request, "web/my/my_account.html", {})
