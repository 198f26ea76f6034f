"""What was issued is what was written: content, numbers, hashes, and the bytes that were printed and mailed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from quarterday.audit.promise import Broken, asked, by
from quarterday.bills.models import Bill
from quarterday.bills.queries.proving import Fault, bill_ids_page, faults_of_bills, faults_of_chain

_PAGE = 500
_TOLD_ELSEWHERE = "sums"

numbers = by(
    """
    SELECT customer_id, format('bill %s', bill_id), format('%s is number %s of its series, but the document before it '
           'is number %s', number, sequence, coalesce(before, 0))
    FROM (SELECT *, lag(sequence) OVER (PARTITION BY kind, year ORDER BY sequence) AS before FROM bills_billissue) i
    WHERE sequence <> coalesce(before, 0) + 1
    """,
    """
    SELECT customer_id, format('bill %s', bill_id), format('%s is dated %s, the document before it %s',
           number, issued_on, before)
    FROM (SELECT *, lag(issued_on) OVER (PARTITION BY kind, year ORDER BY sequence) AS before FROM bills_billissue) i
    WHERE issued_on < before
    """,
    """
    SELECT NULL::bigint, format('series %s %s', coalesce(c.kind, i.kind), coalesce(c.year, i.year)),
           format('its counter stands at %s of %s, the last document is %s of %s', c.last_number, c.last_issued_on,
                  i.last_number, i.last_issued_on)
    FROM bills_numbercounter c
    FULL JOIN (
        SELECT kind, year, max(sequence) AS last_number, max(issued_on) AS last_issued_on
        FROM bills_billissue GROUP BY 1, 2
    ) i ON (i.kind, i.year) = (c.kind, c.year)
    WHERE coalesce(c.last_number, 0) <> coalesce(i.last_number, 0) OR c.last_issued_on <> i.last_issued_on
    """,
    """
    SELECT i.customer_id, format('bill %s', i.bill_id), format('%s is issued as a %s and was calculated as a %s',
           i.number, i.kind, b.kind)
    FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id WHERE i.kind <> b.kind
    """,
    """
    SELECT i.customer_id, format('bill %s', i.bill_id), format('%s is issued, and discarded', i.number)
    FROM bills_billissue i JOIN bills_billdiscard d ON d.bill_id = i.bill_id
    """,
)
"""Each series runs 1, 2, 3 without a gap, its dates never fall, and its counter is where it ended."""

prints = by(
    """
    SELECT p.customer_id, format('bill %s', p.bill_id), 'its PDF is not the one that was printed'
    FROM bills_billprint p WHERE encode(sha256(p.content), 'hex') <> p.sha256
    """,
    """
    SELECT a.customer_id, format('attachment %s', a.id), 'its file is not the one that was attached'
    FROM outbox_attachment a
    LEFT JOIN bills_billmail m ON m.message_id = a.message_id
    LEFT JOIN bills_billprint p ON p.bill_id = m.bill_id AND p.sha256 = a.sha256
    -- To compare bytes with those of the print, which are hashed anyway, takes a tenth of hashing them again.
    WHERE CASE WHEN p.content = a.content THEN false ELSE encode(sha256(a.content), 'hex') <> a.sha256 END
    """,
    """
    SELECT p.customer_id, format('bill %s', p.bill_id), 'the PDF that was mailed is not the one that was printed'
    FROM bills_billprint p JOIN bills_billmail m ON m.bill_id = p.bill_id
    JOIN outbox_message o ON o.id = m.message_id AND o.ready_at IS NOT NULL
    WHERE NOT EXISTS (SELECT FROM outbox_attachment a WHERE a.message_id = m.message_id AND a.sha256 = p.sha256)
    """,
    """
    SELECT p.customer_id, format('bill %s', p.bill_id), 'it is printed, but not issued'
    FROM bills_billprint p LEFT JOIN bills_billissue i ON i.bill_id = p.bill_id WHERE i.bill_id IS NULL
    """,
)
"""The printed and mailed bytes are those whose digest was noted, and they are the same."""


def chain(now: datetime) -> Iterator[Broken]:
    """Each issued document carries the hash of the one before it, over number, dates and content."""
    faults = [fault for fault in faults_of_chain() if fault.code in ("chain", "hash")]
    yield from _told(faults)
    yield from asked(
        """
        SELECT NULL::bigint, format('series %s %s', c.kind, c.year),
               'the hash that its counter keeps is not that of its last document'
        FROM bills_numbercounter c
        JOIN bills_billissue i ON (i.kind, i.year, i.sequence) = (c.kind, c.year, c.last_number)
        WHERE c.last_hash IS DISTINCT FROM i.hash
        """
    )


def contents(now: datetime) -> Iterator[Broken]:
    """Every bill's rows have the digest that was noted, and its facts, calculated again, give the same rows."""
    page = bill_ids_page(limit=_PAGE)
    while page:
        yield from _told(faults_readable(page))
        page = bill_ids_page(after=page[-1], limit=_PAGE)


def faults_readable(bill_ids: Sequence[int]) -> list[Fault]:
    """The faults of some bills; one whose rows cannot even be read is a fault too."""
    try:
        return [fault for fault in faults_of_bills(bill_ids) if fault.code != _TOLD_ELSEWHERE]
    # Damaged rows can fail in any way; the audit names them and goes on.
    except Exception as error:
        if len(bill_ids) == 1:
            words = f"its rows cannot be read: {type(error).__name__}: {error}"
            return [Fault("unreadable", bill_ids[0], words[:300])]
        middle = len(bill_ids) // 2
        return [*faults_readable(bill_ids[:middle]), *faults_readable(bill_ids[middle:])]


def _told(faults: Sequence[Fault]) -> Iterator[Broken]:
    owners = dict(Bill.objects.filter(pk__in={fault.bill_id for fault in faults}).values_list("pk", "customer_id"))
    for fault in faults:
        yield Broken(owners.get(fault.bill_id or 0), f"bill {fault.bill_id}", fault.message)
