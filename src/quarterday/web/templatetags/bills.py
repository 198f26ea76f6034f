"""What only the pages of bills show: periods."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from quarterday.engine.periods import Period
from quarterday.web.templatetags.quarterday import words

register = template.Library()


@register.filter
def period(value: Period | None) -> str | SafeString:
    """A period by its first and last day: 1–31 Mar 2026; within a month it stands on one line.

    A line may end after a dash, and "1.–" would stand there alone; between two months it may.
    """
    if value is None:
        return ""
    said, first, last = words().period(value), value.start, value.last_day
    is_a_months = (first.year, first.month) == (last.year, last.month)
    return format_html('<span class="q-nowrap">{}</span>', said) if is_a_months else said
