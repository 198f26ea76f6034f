"""Proofs: a bill calculated again from its stored facts, and the chain of issued documents link by link."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from quarterday.bills.content import BillContent, content_of_draft
from quarterday.bills.models import Bill, BillFacts, BillIssue, NumberCounter
from quarterday.bills.numbering import chain_hash
from quarterday.bills.packing import UnreadableFacts, unpack
from quarterday.bills.stored import stored_contents
from quarterday.engine.calculate import calculate_bill
from quarterday.engine.facts import BillingFacts
from quarterday.engine.stored_facts import facts_from_bytes, facts_to_bytes


class Fault(NamedTuple):
    """Something that is not as it was written: a code for programs, the bill it is about, a sentence for people."""

    code: str
    bill_id: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A bill recomputed: the digests as noted, the content's as it comes out now, and what does not agree.

    Of a bill that has no facts (a credit by hand), or none that can be read, it comes out from its rows.
    """

    facts_digest: str
    content_digest: str
    recomputed_content_digest: str
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Whether every byte came out the same."""
        return not self.faults


def recompute(bill: Bill) -> Proof:
    """Calculate a bill again from nothing but its stored facts, and compare it with its rows and digests."""
    [again] = _calculated_again([bill.pk])
    return Proof(
        facts_digest=bytes(bill.facts_digest or b"").hex(),
        content_digest=bytes(bill.content_digest).hex(),
        recomputed_content_digest=again.content.digest().hex(),
        faults=again.faults,
    )


def faults_of_bills(bill_ids: Sequence[int]) -> Iterator[Fault]:
    """Whatever is wrong with these bills' rows, facts and arithmetic; five queries for any number."""
    for again in _calculated_again(bill_ids):
        yield from again.faults


class _Again(NamedTuple):
    """What a bill says when it is calculated again, and what is wrong with what is stored of it."""

    content: BillContent
    faults: tuple[Fault, ...]


def _calculated_again(bill_ids: Sequence[int]) -> Iterator[_Again]:
    noted = {
        bill_id: (bytes(content), None if facts is None else bytes(facts))
        for bill_id, content, facts in Bill.objects.filter(pk__in=bill_ids).values_list(
            "pk", "content_digest", "facts_digest"
        )
    }
    kept = {row.bill_id: _unpacked(row) for row in BillFacts.objects.filter(bill__in=bill_ids)}
    for bill_id, content in stored_contents(bill_ids).items():
        content_digest, facts_digest = noted[bill_id]
        faults = list(_faults_of_rows(bill_id, content, content_digest))
        again, facts = content, kept.get(bill_id)
        if facts_digest is not None and (facts is None or hashlib.sha256(facts).digest() != facts_digest):
            faults.append(Fault("facts", bill_id, "its facts are not those that it was calculated from"))
        elif facts_digest is not None and facts is not None:
            known = facts_from_bytes(facts)
            again = _calculated(content, known)
            if facts_to_bytes(known) != facts:
                faults.append(Fault("form", bill_id, "its facts are not in their canonical form"))
            if again != content:
                faults.append(Fault("arithmetic", bill_id, "calculated again from its facts it comes out differently"))
        yield _Again(again, tuple(faults))


def _faults_of_rows(bill_id: int, content: BillContent, digest: bytes) -> Iterator[Fault]:
    if content.digest() != digest:
        yield Fault("content", bill_id, "its rows are not what was written")
    if sum(line.net for line in content.lines) != content.net or content.net + content.tax != content.total:
        yield Fault("sums", bill_id, f"its lines and taxes do not add up to {content.total} {content.currency}")


def _calculated(content: BillContent, facts: BillingFacts) -> BillContent:
    """What a bill says when it is calculated again; what no calculation tells, such as its parties, is as it is."""
    return content_of_draft(
        calculate_bill(facts),
        accounts={line.tax_code: line.revenue_account for line in content.lines},
        recipients=content.recipients,
        seller=content.seller,
        buyer=content.buyer,
        po_number=content.po_number,
        buyer_reference=content.buyer_reference,
    )


def _unpacked(row: BillFacts) -> bytes | None:
    try:
        return unpack(bytes(row.data))
    except UnreadableFacts:
        return None


def faults_of_chain() -> Iterator[Fault]:
    """Whatever is wrong with numbers, dates and hashes of all series, from the first document to the last."""
    counters = {(counter.kind, counter.year): counter for counter in NumberCounter.objects.all()}
    last: dict[tuple[str, int], BillIssue] = {}
    for issue, digest in _issues():
        key = (issue.kind, issue.year)
        before = last.get(key)
        if issue.sequence != (before.sequence + 1 if before else 1):
            yield Fault(
                "gap", issue.bill_id, f"{issue.number} does not follow {before.number if before else 'nothing'}"
            )
        if before is not None and issue.issued_on < before.issued_on:
            yield Fault("date", issue.bill_id, f"{issue.number} is dated before {before.number}")
        previous = None if before is None else bytes(before.hash)
        own = None if issue.previous_hash is None else bytes(issue.previous_hash)
        if own != previous:
            yield Fault("chain", issue.bill_id, f"{issue.number} is not chained to the document before it")
        if chain_hash(own, issue.number, issue.issued_on, issue.due_on, digest) != bytes(issue.hash):
            yield Fault("hash", issue.bill_id, f"{issue.number}: number, dates or content were changed")
        last[key] = issue
    for key, counter in counters.items():
        issued = last.get(key)
        if counter.last_number != (issued.sequence if issued else 0):
            yield Fault("counter", None, f"the counter of {key[0]} {key[1]} stands at {counter.last_number}")


def heads_of_series() -> dict[str, str]:
    """Series ("invoice 2026") -> number and hash of its last document, which prove all that came before."""
    last = BillIssue.objects.order_by("kind", "year", "-sequence").distinct("kind", "year")
    return {f"{issue.kind} {issue.year}": f"{issue.sequence} {bytes(issue.hash).hex()}" for issue in last}


def _issues() -> Iterator[tuple[BillIssue, bytes]]:
    issues = BillIssue.objects.select_related("bill").order_by("kind", "year", "sequence")
    for issue in issues.only(
        *("kind", "year", "sequence", "number", "issued_on", "due_on", "previous_hash", "hash", "bill__content_digest")
    ).iterator(chunk_size=5_000):
        yield issue, bytes(issue.bill.content_digest)


def bill_ids_page(*, after: int = 0, limit: int = 1_000) -> list[int]:
    """The ids of all bills and drafts, also discarded ones, page by page, for who checks them all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM bills_bill WHERE id > %s ORDER BY id LIMIT %s", [after, limit])
        return [bill_id for (bill_id,) in cursor.fetchall()]
