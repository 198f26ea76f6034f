"""Where allauth's account pages and axes' counting of failures are told how we want them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterday.accounts.actions import note_new_browser, set_password
from quarterday.accounts.queries import actor_for
from quarterday.accounts.roles import SEES_EVERYTHING
from quarterday.outbox.secrets import decrypt, encrypt
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.web.sign_in.browsers import is_known, remember
from quarterday.web.site import site_address, site_name

ONE_SUBSCRIBERS = 64
"""The bits of an IPv6 address that name a network; the others its owner chooses, and may choose anew each time."""


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Users are made by an admin; whoever fails too often is locked out for a while."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth would count failures here, in each process by itself; axes counts them for all, in the database."""

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a mail about a forgotten password."""
        address = urlsplit(super().get_reset_password_from_key_url(key))
        return site_address(self.request, address.path)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth's letters name the site; its name is not what the request says either."""
        name = site_name(self.request)
        super().send_mail(template_prefix, email, {"current_site": {"name": name, "domain": name}, **context})

    def set_password(self, user: Any, password: str) -> None:
        """A password that was changed or reset leaves an audit entry."""
        with acting(Scope.all()):
            set_password(user, password=password, by=actor_for(user), now=datetime.now(UTC))

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        """Whoever sees all customers is known by their browsers; of a new one the other admins learn."""
        response: HttpResponse = super().post_login(request, user, **more)
        if user.role in SEES_EVERYTHING and not is_known(request, user):
            with acting(Scope.all()):
                note_new_browser(
                    user,
                    by=replace(actor_for(user), address=request.META.get("REMOTE_ADDR", "")),
                    now=datetime.now(UTC),
                )
            remember(request, response, user)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """What second factors are made of is kept sealed."""

    def encrypt(self, text: str) -> str:
        return encrypt(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text.encode())


def username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """Under which name axes counts a failure: the e-mail address, however its capitals were typed."""
    given = (credentials or {}).get("email") or (credentials or {}).get("username") or request.POST.get("login")
    return given.strip().lower()[:255] if isinstance(given, str) else None


def whence(request: HttpRequest) -> str:
    """Under which address axes counts a failure: of IPv6 the network, since whoever has one address has all of it."""
    address: str = request.META.get("REMOTE_ADDR", "")
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, ONE_SUBSCRIBERS), strict=False).network_address)


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """What a person sees who is locked out: for how long."""
    last = (
        AccessAttempt.objects.filter(username=username(request, credentials), ip_address=whence(request))
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    left = cool_off if last is None else last + cool_off - datetime.now(UTC)
    minutes = max(1, -(-int(left.total_seconds()) // 60))
    context = {"minutes": minutes, "tries": settings.AXES_FAILURE_LIMIT}
    return render(request, "web/sign_in/locked_out.html", context, status=429)
