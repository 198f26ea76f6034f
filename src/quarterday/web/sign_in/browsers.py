"""Which browsers a user has signed in with before: a signed cookie says so, for a year."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "known_browser"
SALT = "quarterday.known-browser"
A_YEAR = 365 * 24 * 60 * 60


def is_known(request: HttpRequest, user: Any) -> bool:
    """Whether this browser has signed this user in within a year; several people may share one."""
    return user.pk in _known(request)


def remember(request: HttpRequest, response: HttpResponse, user: Any) -> None:
    """Let this browser be known of the user from now on."""
    known = signing.dumps(sorted({*_known(request), user.pk})[-20:], salt=SALT)
    response.set_cookie(
        COOKIE, known, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure(), path="/account/"
    )


def _known(request: HttpRequest) -> set[int]:
    try:
        return set(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=A_YEAR))
    except signing.BadSignature:
        return set()
