"""What every response needs: a page instead of a trace when the database is away, and headers for signed-in pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from quarterday.web.errors import AWAY, database_away

Handler = Callable[[HttpRequest], HttpResponse]


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


class PrivatePages:
    """Pages of signed-in people are not kept by shared caches, nor by a browser that somebody else opens later."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response


def _pages_in(language: str) -> str | None:
    """The language of the pages that fits, or None where there are none: the browser's choice stays."""
    with suppress(LookupError):
        return translation.get_supported_language_variant(language)
    return None
