"""A browser without a screen in which somebody is signed in already; what signing in does stands in test_sign_in.py."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from quarterday.accounts.models import User


def signed_in(user: User, **options: Any) -> Client:
    """Django's `force_login` signs in in earnest, with its signals and rows, which takes as long as a page."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    client = Client(**options)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return client
