"""Where somebody comes back to after they have signed in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def page_to_come_back_to(request: HttpRequest) -> str:
    """The page that was open: not a part of it that htmx asked for, nor an address that only acts."""
    htmx: Any = getattr(request, "htmx", None)
    if htmx and htmx.current_url_abs_path:
        return str(htmx.current_url_abs_path)
    if request.method == "GET":
        return request.get_full_path()
    form = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(form, {request.get_host()}, require_https=request.is_secure())
    return urlsplit(form)._replace(scheme="", netloc="", fragment="").geturl() if form and is_ours else "/"
