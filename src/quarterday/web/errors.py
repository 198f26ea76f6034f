"""Pages outside any subject: errors, and the way home."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A foreign and a missing thing look alike."""
    return render(request, "web/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke; the page says that nothing was half done."""
    return render(request, "web/500.html", status=500)


def too_many(request: HttpRequest) -> HttpResponse:
    """Somebody, or something, asks too often."""
    return render(request, "web/429.html", status=429)
