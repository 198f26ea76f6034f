"""What every response needs: a page instead of a trace when the database is away, and headers for signed-in pages."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from contextlib import suppress

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from quarterday.accounts.actions import LARGEST_UPLOAD
from quarterday.web.errors import AWAY, database_away, only_acts, too_large

Handler = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,36}")
"""What a proxy may have named the request; anything else is named anew."""

_ASKED_ALL_THE_TIME = frozenset({"health", "ready", "metrics"})


class RequestLog:
    """Each request has an id, which its log lines, its audit entries and its response carry; and a line when it ends.

    The line names the page and not its address: a search, a link's token or a name in it is nobody's business.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # read by the door
        began = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            page = (request.resolver_match.view_name if request.resolver_match else None) or "none"
            tell = log.debug if page in _ASKED_ALL_THE_TIME or request.path.startswith("/static/") else log.info
            tell(
                "request",
                method=request.method,
                page=page,
                status=response.status_code,
                milliseconds=round((time.monotonic() - began) * 1000),
            )
        response.headers["X-Request-ID"] = request_id
        return response


class BoundedBody:
    """What is far larger than any file that a page takes is not read at all: anybody may send it, signed in or not.

    Up to this size a form says it beside its field. Django reads no more of a body than its length announces.
    """

    LARGEST = 2 * LARGEST_UPLOAD

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > self.LARGEST):
            return too_large(request)
        return self.get_response(request)


class DatabaseAway:
    """A view that cannot reach the database gives a page that says so; what is before the views, errors.py answers."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return database_away(exception) if isinstance(exception, AWAY) else None


class ReadersLanguage:
    """Pages are in the language that the signed-in user chose, whatever the browser prefers."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = _pages_in(request.user.language) if request.user.is_authenticated else None
        if chosen is None:
            return self.get_response(request)
        # The thread serves somebody else next: the choice ends with the response.
        with translation.override(chosen):
            response = self.get_response(request)
        response.headers["Content-Language"] = chosen
        return response


class OnlyActs:
    """Who opens the address of a button as a page (a bookmark, a step back) reads what it is, not an empty page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        told = only_acts(request)
        told.headers["Allow"] = response.headers["Allow"]
        return told


class PrivatePages:
    """Pages of signed-in people are not kept by shared caches, nor by a browser that somebody else opens later."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


def _pages_in(language: str) -> str | None:
    """The language of the pages that fits, or None where there are none: the browser's choice stays."""
    with suppress(LookupError):
        return translation.get_supported_language_variant(language)
    return None
