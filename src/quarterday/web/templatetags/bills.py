"""What only the pages of bills show: periods."""

from __future__ import annotations

from django import template

from quarterday.engine.periods import Period
from quarterday.web.templatetags.quarterday import words

register = template.Library()


@register.filter
def period(value: Period | None) -> str:
    """A period by its first and last day: 1–31 Mar 2026."""
    return "" if value is None else words().period(value)
