"""What only the pages of bills show: periods, and kinds of lines in words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from quarterday.engine.periods import Period
from quarterday.web.templatetags.quarterday import words

register = template.Library()


@register.filter
def period(value: Period | None) -> str:
    """A period by its first and last day: 1–31 Mar 2026."""
    return "" if value is None else words().period(value)


@register.filter
def line_kind(value: str) -> str:
    """A class of devices, or a kind of line, in words."""
    kinds = {
        "flat_fee": _("Flat fee"),
        "adjustment": _("Other charges and discounts"),
        "true_up": _("Difference to what was billed in advance"),
        "catch_up": _("For earlier periods"),
        "credit": _("Credited"),
        "minimum": _("Agreed minimum"),
    }
    return kinds.get(value) or words().class_name(value)
