"""A list of customers to choose one or many from; those chosen stand first, and all that a search finds can be taken.

The choice travels in the form itself (`customer`, `everyone`, `q`), so searching again loses nothing, without a script
too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict

from quarterday.shared.asking import row_count, rows, together

LISTED = 50
"""How many customers that are not chosen are listed; a search finds the others."""


@dataclass(frozen=True, slots=True)
class Chooser:
    """What is chosen, and what else there is. `emails` are those written beside the customers, by customer id."""

    search: str
    everyone: bool
    chosen: list[Any]
    others: list[Any]
    found_count: int
    emails: Mapping[int, str] = field(default_factory=dict)

    @property
    def chosen_ids(self) -> list[int]:
        """The ids of what is chosen, in order."""
        return sorted(row.pk for row in self.chosen)

    @property
    def unlisted_count(self) -> int:
        """How many the search found besides those listed."""
        return max(self.found_count - len(self.others), 0)

    @property
    def own_emails(self) -> dict[int, list[str]]:
        """Customer id -> the addresses that were written, for `associate`."""
        return {pk: text.replace(";", ",").replace("\n", ",").split(",") for pk, text in self.emails.items()}


def choose(
    data: MultiValueDict[str, str],
    listed: Callable[[str], QuerySet[Any]],
    by_id: Callable[[Sequence[int]], QuerySet[Any]],
) -> Chooser:
    """Read the choice from a request's data. `listed` are those that a search finds, `by_id` those of some ids."""
    search = data.get("q") or ""
    found = listed(search)
    if data.get("everyone") == "yes":
        everyone = list(found)
        return Chooser(search, True, everyone, [], len(everyone), _emails(data))
    ids = {int(pk) for pk in data.getlist("customer") if pk.isdecimal() and len(pk) < 19}
    chosen, others, count = together(
        rows.asked(by_id(sorted(ids))), rows.asked(found[: LISTED + len(ids)]), row_count.asked(found)
    )
    known = {row.pk for row in chosen}
    others = [row for row in others if row.pk not in known][:LISTED]
    return Chooser(search, False, chosen, others, count, _emails(data))


def _emails(data: MultiValueDict[str, str]) -> dict[int, str]:
    return {
        int(name.removeprefix("emails.")): str(data[name])
        for name in data
        if name.startswith("emails.") and name.removeprefix("emails.").isdecimal()
    }
