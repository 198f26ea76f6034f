"""What a bank's statement says, as values: the shape in which every format hands it over."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One movement of our account: above 0 it came, below 0 it went. `text` is what the transfer said.

    `name` and `iban` are the other party's, `reference` is the bank's own, `account` is ours; "" where nothing is said.
    """

    booked_on: date
    amount: Decimal
    currency: str
    text: str = ""
    name: str = ""
    iban: str = ""
    reference: str = ""
    account: str = ""
    is_returned: bool = False


def keyed(entries: Iterable[BankEntry]) -> Iterator[tuple[bytes, BankEntry]]:
    """Each entry with what it is known by, so that a file of the day and one of the month store it once.

    Two movements that are alike in everything are told apart by their order on that day.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for entry in entries:
        said = (
            entry.account,
            entry.booked_on.isoformat(),
            format(entry.amount.normalize(), "f"),
            entry.currency,
            entry.reference,
            " ".join(entry.text.split()),
            " ".join(entry.name.split()),
            entry.iban,
        )
        seen[said] += 1
        yield hashlib.sha256("\n".join((*said, str(seen[said]))).encode()).digest(), entry
