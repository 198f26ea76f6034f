"""Whoever bills or sets up comes in with two factors: the password alone, or a mailed link, opens no page of theirs.

Asked of the session, so that it costs no query once the second factor was given in it.
"""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def missing_step(request: HttpRequest) -> str | None:
    """The address at which a user sets their second factor up, or gives it, before any page opens; None when done.

    A session that began before the second factor was set up has to give it, too.
    """
    user = request.user
    if user.role not in settings.SECOND_FACTOR_FOR:  # type: ignore[union-attr]  # the door has let nobody else in
        return None
    records = get_authentication_records(request, user)
    if any(record.get("method") == "mfa" for record in records):
        return None
    kinds = set(Authenticator.objects.filter(user=user.pk).values_list("type", flat=True))
    if not kinds & {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}:
        return reverse("set_up_second_factor")
    name = "mfa_reauthenticate" if Authenticator.Type.TOTP in kinds else "mfa_reauthenticate_webauthn"
    return f"{reverse(name)}?{urlencode({'next': request.get_full_path() if request.method == 'GET' else '/'})}"
