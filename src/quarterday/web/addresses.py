"""The addresses of the rows of a long list: Django is asked for one, and the others have another id in it."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

_SOME_ID = 987_654_321_987_654_321
"""An id that no other part of an address has in it."""


def address_by_id(name: str) -> Callable[[int], str]:
    """Where the page of that name is for each id: `address_by_id("bill")(17) == "/billing/bills/17/"`."""
    before, after = reverse(name, args=[_SOME_ID]).split(str(_SOME_ID))
    return lambda row_id: f"{before}{row_id}{after}"
