"""People in the reader's words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

ROLES = {
    "admin": _("Admin"),
    "clerk": _("Billing clerk"),
    "auditor": _("Auditor"),
    "customer_admin": _("Customer admin"),
    "contact": _("Customer contact"),
}


@register.filter
def role_name(role: str) -> str:
    """A role by its name."""
    return str(ROLES.get(role, role))
