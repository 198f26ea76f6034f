"""Choosing one customer by typing its number or name, with a list that the browser offers.

    customer = CustomerField(label=_("Customer"))
    {% include "web/customers/_options.html" %}     once a page, with `options` from `customer_options`

The list holds the first customers only; with a script it follows what is typed, without one the number is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from quarterday.customers.queries import customer_list, customers_named
from quarterday.shared.asking import Asking, question
from quarterday.shared.refusal import NotFound
from quarterday.web.sentences import in_readers_language

OFFERED = 200
"""How many customers a list offers at once."""

OPTIONS_ID = "customer-options"


class CustomerField(forms.CharField):
    """A customer of the reader's scope, by number or exact name; cleaned to the customer."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("Its number or its exact name."))
        super().__init__(**options)
        self.widget.attrs |= {
            "list": OPTIONS_ID,
            "autocomplete": "off",
            "hx-get": reverse_lazy("customer_options"),
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{OPTIONS_ID}",
        }

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            (customer,) = customers_named([text])
        except NotFound as missing:
            raise ValidationError([in_readers_language(problem.message) for problem in missing.problems]) from None
        return customer

    def prepare_value(self, value: Any) -> Any:
        return getattr(value, "number", value)


@question
def customer_options(search: str = "") -> Asking[Sequence[tuple[str, str]]]:
    """Numbers and names of the first customers that a search finds."""
    rows: list[tuple[str, str]] = yield customer_list(search=search).values_list("number", "name")[:OFFERED]
    return rows


def likely(name: str, *, count: int = 5) -> list[Any]:
    """Customers whose names share words with a name that nobody mapped, most words first; as suggestions."""
    wanted = [word for word in name.split() if len(word) > 2][:5]
    found: dict[int, Any] = {}
    times: dict[int, int] = {}
    for customer in _with_any(wanted):
        found[customer.pk] = customer
        times[customer.pk] = sum(word.casefold() in customer.name.casefold() for word in wanted)
    return [found[pk] for pk in sorted(found, key=lambda pk: (-times[pk], found[pk].name))][:count]


def _with_any(words: Iterable[str]) -> Iterable[Any]:
    rows = customer_list().none()
    for word in words:
        rows = rows | customer_list(search=word)
    return rows[:50]
