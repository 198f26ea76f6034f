"""The audit: every promise of the books is asked, and each row that breaks one is named.

Called outside `acting`: each promise is asked in a transaction of its own, so that an audit of years keeps no snapshot
open under the workers. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import connection

from quarterday.audit import books, devicedays, ledger, paper, post, rows
from quarterday.audit.desks import ask_at_desks
from quarterday.audit.promise import Promise
from quarterday.bills.queries.proving import bill_ids_page
from quarterday.customers.queries import customers_by_id
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope

PROMISES: Sequence[Promise] = (
    Promise("sums", "Lines and taxes add up to each bill's total.", books.sums),
    Promise(
        "balances",
        "Each account is bills less credits, payments and write-offs plus refunds; nothing is used twice.",
        books.balances,
    ),
    Promise("ledger", "The general ledger is what the documents say, and holds what is left open.", ledger.ledger),
    Promise(
        "periods", "A subscription's periods are settled once, without gaps, never before they are due.", books.periods
    ),
    Promise("conservation", "Every device-day is in exactly one bucket.", devicedays.conservation),
    Promise("currencies", "No amount is without a currency, or finer than it.", books.currencies),
    Promise("numbers", "Numbers run 1 to n in each series, and dates never fall.", paper.numbers),
    Promise("chain", "Issued documents are chained by unbroken hashes.", paper.chain),
    Promise("contents", "Bills are as they were written, and come out the same from their facts.", paper.contents),
    Promise("prints", "PDFs and attachments are the bytes that were printed.", paper.prints),
    Promise("mails", "Each bill is mailed once to each recipient: done, or visibly pending.", post.mails),
    Promise("overdue", "Nothing is due for more than 15 minutes.", post.overdue),
    Promise("owners", "Every row leads to one customer.", rows.owners),
    Promise("trail", "Every change has an audit entry with its actor.", rows.trail),
    Promise("seals", "Audit entries are what was sealed.", rows.seals),
)
"""The invariants that hold of an installation at every moment while workers run."""

ASKED = "quarterday.audit.queries:ask_named"
"""What another process is to call."""

MOST_TOLD = 1_000
"""Rows that are named for each promise; beyond that something is broken that no list helps with."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One row that breaks a promise."""

    promise: str
    row: str
    words: str
    customer: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What asking one promise gave: it holds if there is no breach."""

    promise: str
    sentence: str
    breaches: Sequence[Breach]

    @property
    def holds(self) -> bool:
        """Whether no row breaks it."""
        return not self.breaches


Progress = Callable[[str, int, int], None]
"""Told the sentence that was asked last, how many are done, of how many."""


MANY_BILLS = 5_000
"""From here on it pays to ask at several desks."""


def audit(*, now: datetime, only: Sequence[str] = (), progress: Progress | None = None) -> list[Kept]:
    """Ask every promise (or those named), at an instant; each answer names at most 1,000 rows."""
    chosen = [promise for promise in PROMISES if not only or promise.name in only]
    # What a transaction has changed is seen by its own connection only.
    if connection.in_atomic_block or not _has_many_bills():
        answers: Iterable[Kept] = (ask(promise, now) for promise in chosen)
    else:
        names = [promise.name for promise in chosen]
        answers = ask_at_desks(ASKED, names, now=now, database=connection.settings_dict)
    return list(_counted(answers, len(chosen), progress))


def ask(promise: Promise, now: datetime) -> Kept:
    """Ask one promise, in a transaction of its own."""
    with acting(Scope.all()):
        found = list(islice(promise.broken(now), MOST_TOLD))
        names = customers_by_id({each.customer_id for each in found if each.customer_id is not None})
    breaches = []
    for each in found:
        owner = names.get(each.customer_id) if each.customer_id is not None else None
        breaches.append(Breach(promise.name, each.row, each.words, owner.name if owner else ""))
    return Kept(promise.name, promise.sentence, breaches)


def ask_named(name: str, now: datetime) -> Kept:
    """Ask one promise by its name."""
    return ask(next(promise for promise in PROMISES if promise.name == name), now)


def _has_many_bills() -> bool:
    with acting(Scope.all()):
        return bool(bill_ids_page(after=0, limit=MANY_BILLS)[MANY_BILLS - 1 :])


def _counted(answers: Iterable[Kept], of: int, progress: Progress | None) -> Iterator[Kept]:
    for done, kept in enumerate(answers, start=1):
        if progress is not None:
            progress(kept.sentence, done, of)
        yield kept
