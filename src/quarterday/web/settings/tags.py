"""The menu of Settings."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from quarterday.web.settings.sections import SECTIONS

register = template.Library()


@register.inclusion_tag("web/settings/_menu.html", takes_context=True)
def settings_menu(context: Context) -> dict[str, Any]:
    """The sections, with the present one marked; a page below a section is the section's."""
    return {"sections": _sections(context)}


@register.inclusion_tag("web/settings/_crumb.html", takes_context=True)
def settings_crumb(context: Context) -> dict[str, Any]:
    """The present section as a step of the way: as the page itself, or as the link that leads up to it."""
    present = next((each for each in _sections(context) if each["current"]), None)
    return {"present": present, "path": context["request"].path}


def _sections(context: Context) -> list[dict[str, Any]]:
    path = context["request"].path
    return [
        {"section": each, "address": (address := reverse(each.name)), "current": path.startswith(address)}
        for each in SECTIONS
    ]
