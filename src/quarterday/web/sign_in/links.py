"""A link by mail that signs in once, within half an hour: for customers' people, who come seldom."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core import signing
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from quarterday.accounts.entrance import fingerprint, user_for_link
from quarterday.outbox.actions import NewMessage, Ready, make_ready, post_messages
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.web.site import site_address

LASTS = timedelta(minutes=30)
AGAIN_AFTER = timedelta(minutes=2)
SALT = "quarterday.sign-in-link"


def post_link(email: str, request: HttpRequest, *, now: datetime) -> None:
    """Mail a link to the user of this address, at most every two minutes; nothing happens for other addresses."""
    with acting(Scope.all()):
        user = user_for_link(email)
        if user is None:
            return
        token = signing.dumps([user.pk, fingerprint(user)], salt=SALT)
        address = site_address(request, reverse("sign_in_by_link", args=[token]))
        with translation.override(user.language):
            subject = _("Your link to sign in")
            body = render_to_string("web/sign_in/link_mail.txt", {"address": address, "minutes": LASTS.seconds // 60})
        # The outbox takes a key once, so the key is the bound: one mail per user and two minutes.
        key = f"sign-in-link/{user.pk}/{int(now.timestamp() // AGAIN_AFTER.total_seconds())}"
        number = post_messages([NewMessage(key, "notice", None, [user.email], not_before=now)], now=now)[key]
        make_ready([Ready(number, subject, body, is_secret=True)], now=now)


def read_link(token: str) -> tuple[int, str] | None:
    """The user's id and the fingerprint that a link carries, or None when it is forged or too old."""
    try:
        user_id, carried = signing.loads(token, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(user_id), str(carried)
