"""The pages' menu, as far as the reader's role reaches; Admin > Customers > Billing of the model is Billing here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

# icon, title, URL name, address that marks it as the present one, ability
ITEMS = [
    ("layout-dashboard", "Dashboard", "dashboard", "/", "read"),
    ("building-2", "Customers", "customers", "/customers/", "read"),
    ("receipt-text", "Billing", "billing", "/billing/", "read"),
    ("monitor", "Inventory", "inventory", "/inventory/", "read"),
    ("settings", "Settings", "settings", "/settings/", "settings"),
]


def menu(request: HttpRequest) -> dict[str, Any]:
    """A context processor: `menu`, for pages behind the door."""
    abilities = getattr(request, "abilities", None)
    if abilities is None:
        return {"menu": []}
    return {
        "menu": [
            {
                "icon": icon,
                "title": _(title),
                "address": reverse(name),
                "current": request.path == start if start == "/" else request.path.startswith(start),
            }
            for icon, title, name, start, needs in ITEMS
            if needs in abilities
        ],
        "abilities": abilities,
    }
