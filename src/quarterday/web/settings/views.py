"""Settings: the provider, numbering, bank, reminders, users, appearance, mail."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.web.door import Request, page


@page(needs="settings")
def settings(request: Request) -> HttpResponse:
    return TemplateResponse(request, "web/settings/settings.html", {})
