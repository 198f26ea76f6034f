"""Numbers without gaps, dates that never fall, and the chain of hashes: all under the lock of the series' one row.

A series is a kind of document and, where it restarts, a year. Whoever holds its row gives the next numbers and commits;
a transaction that rolls back gives its numbers back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from string import Formatter
from typing import NamedTuple

from django.db import connection

from quarterday.bills.models import BillIssue, NumberCounter
from quarterday.bills.staging import Target, insert_staged
from quarterday.engine.periods import due_date
from quarterday.provider.actions.numbering import check_pattern
from quarterday.provider.defaults import SERIES
from quarterday.provider.queries import number_patterns, refuse_copy
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor

_ISSUES = Target(
    BillIssue,
    *("bill", "customer", "kind", "year", "sequence", "number", "issued_on", "due_on"),
    *("issued_at", "issued_by", "previous_hash", "hash"),
)


class ToIssue(NamedTuple):
    """A written bill that is to get its number: `today` is the customer's local date, `digest` that of its content."""

    bill_id: int
    customer_id: int
    kind: str
    today: date
    due_days: int
    digest: bytes


class Issued(NamedTuple):
    """A bill with its number and dates."""

    bill_id: int
    number: str
    issued_on: date
    due_on: date


@dataclass(slots=True)
class _Series:
    pattern: str
    restarts: bool


@dataclass(slots=True)
class _Counter:
    number: int
    issued_on: date | None
    hash: bytes | None


def check_constraints() -> None:
    """Have everything that was written checked now: after this only the numbers can fail."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def issue_bills(bills: Sequence[ToIssue], *, at: datetime, by: Actor) -> dict[int, Issued]:
    """Give written bills their numbers, dates and places in the chain; by bill id.

    The issue date is the customer's local date, or the last date of its series if that is later; the due date counts
    from it. Keep what follows short: until the transaction ends no other process can issue in these series. Refused on
    a restored copy, whoever asks.
    """
    refuse_copy()
    series = _all_series()
    # By date, so that within one run no date is lifted by one that comes later.
    ordered = sorted(bills, key=lambda bill: (bill.today, bill.customer_id, bill.bill_id))
    keys = {bill.bill_id: (bill.kind, bill.today.year if series[bill.kind].restarts else 0) for bill in ordered}
    counters = _locked_counters(sorted(set(keys.values())))
    rows, issued = [], {}
    for bill in ordered:
        kind, year = keys[bill.bill_id]
        counter = counters[kind, year]
        counter.number += 1
        counter.issued_on = max(bill.today, counter.issued_on or bill.today)
        due_on = due_date(counter.issued_on, bill.due_days)
        number = series[kind].pattern.format(year=counter.issued_on.year, number=counter.number)
        previous, counter.hash = counter.hash, chain_hash(counter.hash, number, counter.issued_on, due_on, bill.digest)
        issued[bill.bill_id] = Issued(bill.bill_id, number, counter.issued_on, due_on)
        rows.append(
            (
                *(bill.bill_id, bill.customer_id, kind, year, counter.number, number, counter.issued_on, due_on),
                *(at, by.name, previous, counter.hash),
            )
        )
    insert_staged({_ISSUES: rows})
    _save_counters(counters)
    return issued


def next_numbers(*, on: date) -> dict[str, str]:
    """Kind of document -> the number that the next one would get if it were issued on a day. Takes no number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, year, last_number FROM bills_numbercounter WHERE year IN (0, %s)", [on.year])
        last = {(kind, year): number for kind, year, number in cursor.fetchall()}
    return {
        kind: series.pattern.format(year=on.year, number=last.get((kind, on.year if series.restarts else 0), 0) + 1)
        for kind, series in _all_series().items()
    }


def number_given_twice(*, kind: str, pattern: str, restarts_yearly: bool, on: date) -> str | None:
    """The first number that was given already and that a series so numbered would give again, from a day on.

    None if there is none, and for a pattern that is refused anyway.
    """
    try:
        check_pattern(pattern, restarts_yearly=restarts_yearly)
    except Refused:
        return None
    fields = list(Formatter().parse(pattern))
    # Somewhere the year before may last for some hours.
    first_year = (on - timedelta(days=1)).year
    shape = re.compile("".join(re.escape(text) + (r"( *\d+)" if name else "") for text, name, _, _ in fields))
    names = [name for _, name, _, _ in fields if name]
    last = {(c.kind, c.year): c.last_number for c in NumberCounter.objects.all()}
    begun = BillIssue.objects.filter(number__startswith=fields[0][0])
    for number in begun.order_by("issued_on", "sequence").values_list("number", flat=True).iterator(chunk_size=5_000):
        if (found := shape.fullmatch(number)) is None:
            continue
        told = {"year": first_year, "number": 0, **dict(zip(names, map(int, found.groups()), strict=True))}
        is_to_come = told["number"] > last.get((kind, told["year"] if restarts_yearly else 0), 0)
        if is_to_come and told["year"] >= first_year and pattern.format(**told) == number:
            return str(number)
    return None


def chain_hash(previous: bytes | None, number: str, issued_on: date, due_on: date, digest: bytes) -> bytes:
    """sha256 over the previous document's hash, the number, the dates and the content's digest."""
    said = f"{number}\n{issued_on.isoformat()}\n{due_on.isoformat()}\n".encode()
    return hashlib.sha256((previous or b"") + said + digest).digest()


def _all_series() -> dict[str, _Series]:
    configured = number_patterns()
    return {
        kind: _Series(configured[kind].pattern, configured[kind].restarts_yearly)
        if kind in configured
        else _Series(pattern, True)
        for kind, pattern in SERIES.items()
    }


def _locked_counters(keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], _Counter]:
    """The counters of some series, locked in one order by everybody, so that nobody waits in a circle."""
    counters = {}
    with connection.cursor() as cursor:
        for kind, year in keys:
            cursor.execute(
                "INSERT INTO bills_numbercounter (kind, year, last_number) VALUES (%s, %s, 0) ON CONFLICT DO NOTHING",
                [kind, year],
            )
            cursor.execute(
                "SELECT last_number, last_issued_on, last_hash FROM bills_numbercounter"
                " WHERE kind = %s AND year = %s FOR UPDATE",
                [kind, year],
            )
            number, issued_on, last_hash = cursor.fetchone()
            counters[kind, year] = _Counter(number, issued_on, None if last_hash is None else bytes(last_hash))
    return counters


def _save_counters(counters: Mapping[tuple[str, int], _Counter]) -> None:
    with connection.cursor() as cursor:
        for (kind, year), counter in counters.items():
            cursor.execute(
                "UPDATE bills_numbercounter SET last_number = %s, last_issued_on = %s, last_hash = %s"
                " WHERE kind = %s AND year = %s",
                [counter.number, counter.issued_on, counter.hash, kind, year],
            )
