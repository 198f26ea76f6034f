"""Mistakes that a racing process makes on request, each in itself enough for wrong bills: `PLANTED[name]()`.

Each process crashes once, at the moment at which its mistake costs something: by dice alone some races would go well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Crash(Exception):
    """The process ends between two steps that belong together."""


def numbers_outside_the_transaction() -> None:
    """Numbers are taken for good before it is known whether their bills are; the first bills never are."""
    import psycopg
    from django.db import connection

    from quarterday.bills import numbering
    from quarterday.shared.database import STAFF

    own = psycopg.connect(**connection.get_connection_params(), autocommit=True)
    own.execute(f"SET ROLE {STAFF}")
    crashes = [Crash("the numbers are taken, the bills not written")]

    def counters(keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Any]:
        taken = {}
        for kind, year in keys:
            own.execute(
                "INSERT INTO bills_numbercounter (kind, year, last_number) VALUES (%s, %s, 0) ON CONFLICT DO NOTHING",
                [kind, year],
            )
            # As many as a chunk has at most, so that no two processes give the same number.
            row = own.execute(
                "UPDATE bills_numbercounter SET last_number = last_number + 7 WHERE kind = %s AND year = %s"
                " RETURNING last_number - 7",
                [kind, year],
            ).fetchone()
            assert row is not None
            taken[kind, year] = numbering._Counter(row[0], None, None)
        if crashes:
            raise crashes.pop()
        return taken

    numbering._locked_counters = counters  # type: ignore[assignment]
    numbering._save_counters = lambda counters: None


def claims_after_the_bills() -> None:
    """Bills are committed first and their periods claimed afterwards; the first time the process ends in between."""
    from django.db import transaction

    from quarterday.bills import settling
    from quarterday.bills.staging import Target, insert_staged
    from quarterday.shared.database import acting
    from quarterday.shared.scope import Scope

    crashes = [Crash("the bills are written, their periods not claimed")]

    def insert(rows: Mapping[Target, Sequence[Sequence[Any]]]) -> None:
        claims = rows[settling.CLAIMS]
        insert_staged({target: of_target for target, of_target in rows.items() if target is not settling.CLAIMS})

        def claim() -> None:
            if crashes:
                raise crashes.pop()
            with acting(Scope.all()):
                insert_staged({settling.CLAIMS: claims})

        transaction.on_commit(claim)

    settling.insert_staged = insert


PLANTED: dict[str, Callable[[], None]] = {
    "numbers outside": numbers_outside_the_transaction,
    "claims later": claims_after_the_bills,
}
