"""The audit: every promise of the books is asked, and each row that breaks one is named.

Called outside `acting`: each promise is asked in a transaction of its own, so that an audit of years keeps no snapshot
open under the workers. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import connection

from quarterday.audit import books, devicedays, paper, post, rows
from quarterday.audit.promise import Promise
from quarterday.customers.queries import customers_by_id
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope

PROMISES: Sequence[Promise] = (
    Promise("sums", "Lines and taxes add up to each bill's total.", books.sums),
    Promise(
        "balances", "Each account is bills less credits and payments plus refunds, nothing used twice.", books.balances
    ),
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
)
"""The invariants that hold of an installation at every moment while workers run."""

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
    """What asking one promise gave: it is kept if there is no breach."""

    promise: Promise
    breaches: Sequence[Breach]


Progress = Callable[[str, int, int], None]
"""Told the sentence that was asked last, how many are done, of how many."""


AT_ONCE = 2
"""Promises that are asked at the same time: while PostgreSQL hashes PDFs, Python calculates bills."""


def audit(*, now: datetime, only: Sequence[str] = (), progress: Progress | None = None) -> list[Kept]:
    """Ask every promise (or those named), at an instant; each answer names at most 1,000 rows."""
    chosen = [promise for promise in PROMISES if not only or promise.name in only]
    if connection.in_atomic_block:
        # Only this connection sees what the transaction has changed.
        answers: Iterable[Kept] = (_ask(promise, now) for promise in chosen)
        return list(_counted(answers, len(chosen), progress))
    with ThreadPoolExecutor(AT_ONCE) as desks:
        slowest_first = sorted(chosen, key=lambda promise: promise.broken is not paper.contents)
        begun = {promise.name: desks.submit(_ask_alone, promise, now) for promise in slowest_first}
        answers = (begun[promise.name].result() for promise in chosen)
        return list(_counted(answers, len(chosen), progress))


def _counted(answers: Iterable[Kept], of: int, progress: Progress | None) -> Iterator[Kept]:
    for done, kept in enumerate(answers, start=1):
        if progress is not None:
            progress(kept.promise.sentence, done, of)
        yield kept


def _ask_alone(promise: Promise, now: datetime) -> Kept:
    """Ask in a thread of its own, which has its own connection."""
    try:
        return _ask(promise, now)
    finally:
        connection.close()


def _ask(promise: Promise, now: datetime) -> Kept:
    with acting(Scope.all()):
        found = list(islice(promise.broken(now), MOST_TOLD))
        names = customers_by_id({each.customer_id for each in found if each.customer_id is not None})
    breaches = []
    for each in found:
        owner = names.get(each.customer_id) if each.customer_id is not None else None
        breaches.append(Breach(promise.name, each.row, each.words, owner.name if owner else ""))
    return Kept(promise, breaches)
