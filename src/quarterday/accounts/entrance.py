"""The ways in that need no password yet: the first admin's, and a link by mail."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.crypto import constant_time_compare, salted_hmac

from quarterday.accounts.actions import create_user
from quarterday.accounts.models import Role, User
from quarterday.accounts.queries import find_user
from quarterday.accounts.roles import SEES_EVERYTHING
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor

__all__ = ["create_first_admin", "fingerprint", "user_for_link", "user_of_link"]


def create_first_admin(*, email: str, name: str, password: str, language: str, now: datetime) -> User:
    """Make the admin of an installation that has no users; Refused as soon as it has one.

    All inside `acting(Scope.all())`. Whoever calls it has made sure that the person owns the installation.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('quarterday.first_admin'))")
    if User.objects.exists():
        raise Refused("", "There is a user already: sign in, or ask an admin to let you in.")
    by = Actor("person", name or email)
    return create_user(email=email, name=name, role=Role.ADMIN, password=password, language=language, by=by, now=now)


def user_for_link(email: str) -> User | None:
    """The active user who may come in by a mailed link, or None.

    Only those who see no more than the customers assigned to them: a mailbox that somebody else reads must not open
    everybody's bills.
    """
    user = find_user(email)
    return user if user is not None and user.is_active and Role(user.role) not in SEES_EVERYTHING else None


def fingerprint(user: User) -> str:
    """What a link carries so that it works once: another one after a sign-in, with a new password, once closed."""
    last_login = user.last_login.isoformat() if user.last_login else ""
    said = f"{user.pk}/{user.email}/{user.password}/{user.session_round}/{last_login}"
    return salted_hmac("quarterday.sign-in-link", said).hexdigest()[:32]


def user_of_link(user_id: int, carried: str) -> User | None:
    """The user whose link carries this fingerprint, or None when it was used; locked until the transaction ends."""
    user = User.objects.select_for_update().filter(pk=user_id, is_active=True).first()
    if user is None or Role(user.role) in SEES_EVERYTHING:
        return None
    return user if constant_time_compare(fingerprint(user), carried) else None
