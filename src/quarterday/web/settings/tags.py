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
    request = context["request"]
    return {
        "sections": [
            {"section": each, "address": reverse(each.name), "current": request.path.startswith(reverse(each.name))}
            for each in SECTIONS
        ]
    }
