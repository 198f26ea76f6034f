"""Under which address people find this site, when a link is written into a mail."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def site_address(request: HttpRequest, path: str) -> str:
    """The whole address of a path: below the public address that is set, whatever the request calls this host.

    Who asks for a mail writes the Host header of that request, and its port leads to any service of this machine.
    Without a public address the site is for this machine alone, and the link leads to where it was asked for.
    """
    public: str = settings.QUARTERDAY.public_address
    return f"{public}{path}" if public else request.build_absolute_uri(path)


def site_name(request: HttpRequest) -> str:
    """The host's name in that address."""
    return urlsplit(site_address(request, "/")).netloc
