"""Pages outside any subject: errors, and the way home."""

from __future__ import annotations

import sys

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

AWAY = (OperationalError, InterfaceError)
log = structlog.get_logger(__name__)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A foreign and a missing thing look alike."""
    return render(request, "web/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke, and the page says that nothing was half done; or that it is the database that is away."""
    error = sys.exc_info()[1]
    if isinstance(error, AWAY):
        return database_away(error)
    return HttpResponse(render_to_string("web/500.html"), status=500)


def database_away(error: BaseException) -> HttpResponse:
    """A page that says so, and tries again."""
    log.error("database away", error=str(error).splitlines()[0] if str(error) else type(error).__name__)
    return HttpResponse(render_to_string("web/database_away.html"), status=503, headers={"Retry-After": "10"})


def not_this_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: another site sent it, or it is of before somebody signed in or out."""
    log.warning("form refused", reason=reason)
    return render(request, "web/old_form.html", status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """Somebody, or something, asks too often."""
    return render(request, "web/429.html", status=429)


def too_large(request: HttpRequest) -> HttpResponse:
    """Somebody, signed in or not, sends more than any page takes."""
    return HttpResponse(render_to_string("web/413.html"), status=413)


def only_acts(request: HttpRequest) -> HttpResponse:
    """An address that a button sends to was opened as a page, or asked in a way that it does not answer."""
    return render(request, "web/405.html", status=405)
