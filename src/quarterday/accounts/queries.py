"""Who may sign in, what they may do, and whose rows they see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db.models import BooleanField, Func, QuerySet

from quarterday.accounts.models import Assignment, Role, Upload, User
from quarterday.accounts.roles import ABILITIES, SEES_EVERYTHING, Ability
from quarterday.shared.database import acting
from quarterday.shared.refusal import NotFound
from quarterday.shared.scope import Actor, Scope

__all__ = [
    "Ability",
    "Entrance",
    "abilities_of",
    "actor_for",
    "assignments_of",
    "entrance_of",
    "factor_kinds",
    "find_upload",
    "find_user",
    "get_user",
    "roles_that_may",
    "user_list",
]

UPLOADS_LAST = timedelta(days=1)
"""How long a file waits on somebody's desk."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """What somebody comes upon: whose rows they see, and whether this is a restored copy of the real installation."""

    scope: Scope
    is_copy: bool


def entrance_of(user: User) -> Entrance:
    """The user's scope and what every page says besides it, asked anew each time: a changed assignment counts at once.

    It opens `acting` itself, because before it is answered nobody knows the scope. An inactive user sees nothing.
    """
    is_copy = Func(function="quarterday_is_copy", output_field=BooleanField())
    current = User.objects.filter(pk=user.pk, is_active=True).values_list("role", is_copy).first()
    if current is None:
        return Entrance(Scope.of(), is_copy=False)
    role, copied = current
    if Role(role) in SEES_EVERYTHING:
        return Entrance(Scope.all(), copied)
    with acting(Scope.all()):
        ids = Assignment.objects.filter(user=user.pk).values_list("customer", flat=True)
        return Entrance(Scope.of(*ids), copied)


def abilities_of(user: User) -> frozenset[Ability]:
    """All that the user's role may do; nothing for a user who may not sign in."""
    return ABILITIES.get(user.role, frozenset()) if user.is_active else frozenset()


def roles_that_may(ability: str) -> list[str]:
    """The roles that have an ability, the most able first."""
    return [role for role, abilities in ABILITIES.items() if ability in abilities]


def actor_for(user: User) -> Actor:
    """The user as the audit trail names them."""
    return Actor("person", user.name or user.email, user.pk)


def find_user(email: str) -> User | None:
    """The user of an e-mail address, or None."""
    return User.objects.filter(email=email.strip().lower()).first()


def get_user(email: str) -> User:
    """The user of an e-mail address; NotFound when there is none."""
    user = find_user(email)
    if user is None:
        raise NotFound("user", f"{email!r} is not known: see `quarterday users list`.")
    return user


def user_list(*, active: bool | None = None) -> QuerySet[User]:
    """All users by e-mail address, or only those who may (or may not) sign in."""
    listed = User.objects.order_by("email")
    return listed if active is None else listed.filter(is_active=active)


def assignments_of(users: Iterable[User]) -> dict[int, list[str]]:
    """User id -> the numbers of the customers assigned to them; inside `acting(Scope.all())`."""
    found: dict[int, list[str]] = {}
    rows = Assignment.objects.filter(user__in=list(users)).order_by("customer__number")
    for user_id, number in rows.values_list("user", "customer__number"):
        found.setdefault(user_id, []).append(number)
    return found


def find_upload(key: uuid.UUID, *, user: User, purpose: str, now: datetime) -> Upload | None:
    """The file that this user laid on their desk for a purpose within the last day, or None."""
    kept = Upload.objects.filter(user=user.pk, purpose=purpose, kept_at__gt=now - UPLOADS_LAST)
    return kept.filter(key=key).first()


def factor_kinds(user_id: int) -> list[str]:
    """The kinds of a user's second factors, one for each: `totp`, `webauthn` (a key), `recovery_codes`."""
    return list(Authenticator.objects.filter(user=user_id).values_list("type", flat=True))
