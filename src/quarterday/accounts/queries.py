"""Whose rows a user may see, and what a role may do; asked anew at each request, so a change counts at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from quarterday.accounts.models import Assignment, Role, User
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope

# What a role may do. `read` is limited by the scope; `inventory` covers devices, syncs and mappings.
ABILITIES: Mapping[str, frozenset[str]] = {
    Role.ADMIN: frozenset({"read", "inventory", "bill", "plan", "customers", "settings"}),
    Role.CLERK: frozenset({"read", "inventory", "bill", "plan", "customers"}),
    Role.AUDITOR: frozenset({"read"}),
    Role.CUSTOMER_ADMIN: frozenset({"read"}),
    Role.CONTACT: frozenset({"read"}),
}
SEES_ALL = frozenset({Role.ADMIN, Role.CLERK, Role.AUDITOR})


def scope_of(user: User | AnonymousUser) -> Scope:
    """The customers whose rows the user may see: all for the provider's own people, else those assigned to them."""
    if not isinstance(user, User) or not user.is_active:
        return Scope()
    if user.role in SEES_ALL:
        return Scope.all()
    with acting(Scope.all()):
        return Scope.of(*Assignment.objects.filter(user=user).values_list("customer_id", flat=True))


def abilities_of(user: User | AnonymousUser) -> frozenset[str]:
    """What the user's role may do; nothing for strangers and disabled users."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return ABILITIES[user.role]


def users() -> QuerySet[User]:
    """Everybody who may sign in, by name."""
    return User.objects.order_by("-is_active", "name", "email")


def assignments_of(user_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The customers assigned to these users, by user: {"id": ..., "name": ...}."""
    found: dict[int, list[dict[str, Any]]] = {user_id: [] for user_id in user_ids}
    rows = Assignment.objects.filter(user_id__in=user_ids).select_related("customer").order_by("customer__name")
    for row in rows:
        found[row.user_id].append({"id": row.customer_id, "name": row.customer.name})
    return found
