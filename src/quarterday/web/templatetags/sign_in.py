"""What the account pages need."""

from __future__ import annotations

from django import template
from django.forms import BoundField

from quarterday.accounts.queries import user_list
from quarterday.web.forms import css_class

register = template.Library()


@register.simple_tag
def nobody_can_sign_in() -> bool:
    """Whether this installation has no users yet."""
    return not user_list().exists()


@register.filter
def dressed(field: BoundField) -> BoundField:
    """A field of a form that is not ours, in our look."""
    field.field.widget.attrs.setdefault("class", css_class(field.field.widget))
    return field
