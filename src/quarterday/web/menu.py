"""The pages' menu, as far as the reader's role reaches; Admin > Customers > Billing of the model is Billing here."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from quarterday.accounts.queries import abilities_of

# icon, title, URL name, address that marks it as the present one, ability
ITEMS = [
    ("layout-dashboard", gettext_noop("Dashboard"), "dashboard", "/", "read"),
    ("building-2", gettext_noop("Customers"), "customers", "/customers/", "read"),
    ("receipt-text", gettext_noop("Billing"), "billing", "/billing/", "read"),
    ("monitor", gettext_noop("Inventory"), "inventory", "/inventory/", "read"),
    ("settings", gettext_noop("Settings"), "settings", "/settings/", "settings"),
    ("activity", gettext_noop("System"), "status", "/system/", "trail"),
]

LEFT = "first_steps_are_left"
"""The session's mark of who has begun the first steps and not seen their end (web/start)."""


def menu(request: HttpRequest) -> dict[str, Any]:
    """A context processor: `menu` and `abilities`, for pages behind the door and for allauth's.

    Both are found when a template asks for them: a page that says that the database is away must not ask it.
    """
    abilities = SimpleLazyObject(lambda: _abilities(request))
    return {"abilities": abilities, "menu": SimpleLazyObject(lambda: list(_items(request, abilities)))}


def _items(request: HttpRequest, abilities: Container[str]) -> Iterator[dict[str, Any]]:
    for icon, title, name, start, needs in ITEMS:
        if needs in abilities:
            is_current = request.path == start if start == "/" else request.path.startswith(start)
            yield {"icon": icon, "title": _(title), "address": reverse(name), "current": is_current}
    if "settings" in abilities and request.session.get(LEFT):
        address = reverse("start")
        yield {"icon": "rocket", "title": _("First steps"), "address": address, "current": request.path == address}


def _abilities(request: HttpRequest) -> frozenset[str]:
    found: frozenset[str] | None = getattr(request, "abilities", None)
    if found is not None:
        return found
    user: Any = getattr(request, "user", None)
    return abilities_of(user) if user is not None and user.is_authenticated else frozenset()
