"""Whoever bills or sets up comes in with two factors: the password alone, or a mailed link, opens no page of theirs.

Asked of the session, so that it costs no query once the second factor was given in it.
"""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest
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
