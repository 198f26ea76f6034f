"""Whoever sees all customers comes in with two factors: the password alone, or a mailed link, opens no page of theirs.

Asked of the session, so that it costs no query once the second factor was given in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from quarterday.accounts.queries import factor_kinds
from quarterday.web.coming_back import page_to_come_back_to


def missing_step(request: HttpRequest) -> str | None:
    """The address at which a user sets their second factor up, or gives it, before any page opens; None when done.

    A session that began before the second factor was set up has to give it, too.
    """
    user = request.user
    if not user.is_authenticated or user.role not in settings.SECOND_FACTOR_FOR:
        return None
    records = get_authentication_records(request, user)
    if any(record.get("method") == "mfa" for record in records):
        return None
    kinds = factor_kinds(user.pk)
    if not {"totp", "webauthn"} & set(kinds):
        return reverse("set_up_second_factor")
    name = "mfa_reauthenticate" if "totp" in kinds else "mfa_reauthenticate_webauthn"
    return f"{reverse(name)}?{urlencode({'next': page_to_come_back_to(request)})}"


class SecondFactorFirst:
    """The account's own pages are the framework's and have no door of ours: they ask for the second factor here.

    It would take a password for enough to show the recovery codes, or to take the second factor away. Who has none yet
    may set it up.
    """

    OPEN = frozenset({"mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        found = request.resolver_match
        if found is None or not found.route.startswith("account/") or found.view_name in self.OPEN:
            return None
        step = missing_step(request)
        return redirect(step) if step and step != reverse("set_up_second_factor") else None
