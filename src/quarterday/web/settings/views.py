"""Settings: all sections at a glance."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.web.door import Request, page
from quarterday.web.settings.sections import SECTIONS


@page(needs="settings")
def settings(request: Request) -> HttpResponse:
    """All sections, each with what is to be found there."""
    return TemplateResponse(request, "web/settings/settings.html", {"sections": SECTIONS})
