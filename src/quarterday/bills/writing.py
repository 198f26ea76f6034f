"""Bills -> rows: content, lines with their evidence, taxes, facts, holds; then their issue, and mail that waits.

Set-based: the rows of a whole chunk go in by one COPY. Content is written once and never again; a number is given last,
when the database has checked everything else.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from quarterday.bills.content import BillContent, LineContent, Party
from quarterday.bills.guards import Hold
from quarterday.bills.models import Bill, BillFacts, BillHold, BillLine, BillMail, BillTax, PartyCopy
from quarterday.bills.numbering import Issued, ToIssue, check_constraints, issue_bills
from quarterday.bills.staging import Target, allocate_ids, array, insert_staged
from quarterday.engine.canonical import plain
from quarterday.engine.periods import instant_of_local, local_date
from quarterday.outbox.actions import NewMessage, post_messages
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Actor

BILLS = Target(
    Bill,
    *("id", "customer", "run", "seller", "buyer", "kind", "currency", "billing_date", "net", "tax", "total"),
    *("due_days", "device_count", "recipients", "po_number", "buyer_reference", "reason", "corrects"),
    *("facts_digest", "content_digest", "calculated_at"),
)
FACTS = Target(BillFacts, "bill", "customer", "data")
LINES = Target(
    BillLine,
    *("bill", "customer", "position", "kind", "text", "net", "quantity", "unit", "unit_price", "per", "fraction"),
    *("subscription", "adjustment", "device_class", "start_on", "end_on", "tax_code", "tax_category", "tax_rate"),
    *("tax_reason", "tax_components", "revenue_account", "corrects_line", "corrects_bills", "device_ids"),
    "device_days",
)
TAXES = Target(BillTax, "bill", "customer", "position", "category", "rate", "base", "amount", "reason", "components")
HOLDS = Target(BillHold, "bill", "customer", "code", "message", "details", "raised_at")
PARTIES = Target(PartyCopy, "digest", "customer", "content", known="digest")
MAILS = Target(BillMail, "bill", "customer", "message")
AUDIT = Target(
    AuditEntry,
    *("at", "actor_kind", "actor_name", "user_id", "verb", "subject_kind", "subject_id", "subject_name"),
    *("customer_id", "details"),
)

Rows = defaultdict[Target, list[tuple[Any, ...]]]
Reached = Callable[[str], None]
"""Told the name of each point that the writing of a chunk has reached; tests make it fail there."""


def pass_by(point: str) -> None:
    """Nothing happens at a point, which is how it is outside of tests."""


@dataclass(slots=True)
class NewBill:
    """A bill on its way into the tables: what it says, what stands behind it, why it waits.

    `parties` are those that its content names by digest. A bill without holds is issued, on the customer's local
    date in `zone`. `corrects_lines` gives the id of each line that a line (by position) takes back. The bill's own id
    is set when it is written, its number when it is issued.
    """

    content: BillContent
    digest: bytes
    zone: str
    parties: Sequence[Party]
    holds: Sequence[Hold] = ()
    facts_digest: bytes | None = None
    facts: bytes | None = None
    corrects_lines: Mapping[int, int] = field(default_factory=dict)
    bill_id: int = 0
    issued: Issued | None = None


def new_rows() -> Rows:
    """No rows yet, for any target."""
    return defaultdict(list)


def rows_of_bills(bills: Sequence[NewBill], rows: Rows, *, at: datetime, by: Actor, run_id: int | None) -> None:
    """Give the bills their ids, and add all rows of their content to those that will be inserted."""
    for bill, bill_id in zip(bills, allocate_ids(Bill, len(bills)), strict=True):
        bill.bill_id = bill_id
    copies = _copies_of_parties(bills)
    corrected = _corrected_bills(bills)
    for bill in bills:
        content, key = bill.content, (bill.bill_id, bill.content.customer_id)
        rows[BILLS].append(
            (
                *(*key, run_id, copies[content.seller], copies[content.buyer], content.kind, content.currency),
                *(content.billing_on, content.net, content.tax, content.total, content.due_days),
                *(content.device_count, list(content.recipients), content.po_number, content.buyer_reference),
                *(content.reason, corrected.get(content.corrects), bill.facts_digest, bill.digest, at),
            )
        )
        if bill.facts is not None:
            rows[FACTS].append((*key, bill.facts))
        for position, line in enumerate(content.lines, start=1):
            rows[LINES].append((*key, position, *_line(line, bill.corrects_lines.get(position), corrected)))
        for position, tax in enumerate(content.taxes, start=1):
            components = [(name, plain(rate), plain(amount)) for name, rate, amount in tax.components]
            rows[TAXES].append((*key, position, *tax[:5], json.dumps(components) if components else "[]"))
        for hold in bill.holds:
            rows[HOLDS].append((*key, hold.code, hold.message, json.dumps(hold.details), at))
        verb = "drafted" if bill.holds else "issued"
        details = {"kind": content.kind, "total": f"{content.total} {content.currency}"}
        rows[AUDIT].append(audit_row(by, verb, bill.bill_id, content.customer_id, at=at, details=details))


def issue_written(
    bills: Sequence[NewBill], *, mail_hour: int, at: datetime, by: Actor, reached: Reached = pass_by
) -> None:
    """Issue those of the bills, which are in the tables, that nothing holds; their messages wait for the print."""
    free = [bill for bill in bills if not bill.holds]
    insert_staged({MAILS: list(_mails(free, mail_hour, at))})
    check_constraints()
    reached("checked")
    if not free:
        return
    issued = issue_bills(
        [
            ToIssue(
                bill.bill_id,
                bill.content.customer_id,
                bill.content.kind,
                local_date(at, bill.zone),
                bill.content.due_days,
                bill.digest,
            )
            for bill in free
        ],
        at=at,
        by=by,
    )
    for bill in free:
        bill.issued = issued[bill.bill_id]
    reached("numbered")


def audit_row(
    by: Actor, verb: str, bill_id: int, customer_id: int, *, at: datetime, details: Mapping[str, Any]
) -> tuple[Any, ...]:
    """One audit entry about a bill, as a row."""
    return (
        *(at, by.kind, by.name[:200], by.user_id, verb, Bill._meta.label, bill_id, f"bill {bill_id}"),
        *(customer_id, json.dumps(details)),
    )


def _line(line: LineContent, corrects_line: int | None, corrected: Mapping[str, int]) -> tuple[Any, ...]:
    """A line's values in the order of its target, after bill, customer and position."""
    components = [(name, plain(rate)) for name, rate in line.tax_components]
    return (
        *(line.kind, line.text, line.net, line.quantity, line.unit, line.unit_price, line.per, line.fraction),
        *(line.subscription_id, line.adjustment_id, line.device_class, line.start_on, line.end_on),
        *(line.tax_code, line.tax_category, line.tax_rate, line.tax_reason),
        *(json.dumps(components) if components else None, line.revenue_account, corrects_line),
        array(corrected[digest] for digest in line.corrects) if line.corrects else None,
        None if line.device_ids is None else array(line.device_ids),
        _days_kept(line),
    )


def _days_kept(line: LineContent) -> str | None:
    """The devices' days, unless they all are all days of the line, as most are."""
    if line.device_days is None or line.start_on is None or line.end_on is None:
        return None
    whole = (line.end_on - line.start_on).days
    return None if all(days == whole for days in line.device_days) else array(line.device_days)


def _mails(bills: Sequence[NewBill], mail_hour: int, at: datetime) -> Iterator[tuple[Any, ...]]:
    """Post one message a bill; it waits for the print, and for the customer's hour of the day."""
    by_key = {f"bill/{bill.bill_id}": bill for bill in bills if bill.content.recipients}
    messages = [
        NewMessage(
            key=key,
            kind="bill",
            customer_id=bill.content.customer_id,
            recipients=bill.content.recipients,
            not_before=max(at, instant_of_local(local_date(at, bill.zone), mail_hour, bill.zone)),
        )
        for key, bill in by_key.items()
    ]
    ids = post_messages(messages, now=at) if messages else {}
    for key, bill in by_key.items():
        yield bill.bill_id, bill.content.customer_id, ids[key]


def _copies_of_parties(bills: Sequence[NewBill]) -> dict[bytes, int]:
    """Digest -> id of the copies of all parties that the bills name; new ones are written first."""
    named = {
        party.digest: (
            party.digest,
            bill.content.customer_id if party.digest == bill.content.buyer else None,
            party.told,
        )
        for bill in bills
        for party in bill.parties
    }
    known = _known_copies(list(named))
    missing = [digest for digest in named if digest not in known]
    if missing:
        # Sorted, so that two processes that write the same copies do not wait for each other in a circle.
        insert_staged({PARTIES: [named[digest] for digest in sorted(missing)]})
        known |= _known_copies(missing)
    return known


def _known_copies(digests: list[bytes]) -> dict[bytes, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest, id FROM bills_partycopy WHERE digest = ANY (%s)", [digests])
        return {bytes(digest): copy for digest, copy in cursor.fetchall()}


def _corrected_bills(bills: Sequence[NewBill]) -> dict[str, int]:
    """Content digest -> id of the bills that these correct: written before, or beside them."""
    wanted = {digest for bill in bills for line in bill.content.lines for digest in line.corrects}
    wanted |= {bill.content.corrects for bill in bills if bill.content.corrects}
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(b.content_digest, 'hex'), b.id FROM bills_bill b"
            " WHERE b.customer_id = ANY (%s) AND b.content_digest = ANY (%s)"
            " AND NOT EXISTS (SELECT FROM bills_billdiscard d WHERE d.bill_id = b.id) ORDER BY b.id",
            [list({bill.content.customer_id for bill in bills}), [bytes.fromhex(digest) for digest in wanted]],
        )
        found = dict(cursor.fetchall())
    return found | {bill.digest.hex(): bill.bill_id for bill in bills if bill.digest.hex() in wanted}
