"""Print issued bills: render, keep the bytes and their sha256, and make the waiting message ready. Repeatable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from quarterday.bills.models import Bill, BillMail, BillPrint, Parking
from quarterday.bills.paper import differences_of, papers_of, serials_of
from quarterday.customers.models import Customer
from quarterday.documents.letters import Letter, difference_in_letter, write_letter
from quarterday.documents.press import TooMuchToPrint
from quarterday.documents.printing import print_bill
from quarterday.documents.values import BillPaper, Difference
from quarterday.documents.wording import language
from quarterday.outbox.actions import Enclosure, Ready, make_ready
from quarterday.provider.models import Provider
from quarterday.provider.queries import get_provider
from quarterday.shared.database import acting
from quarterday.shared.scope import WORKER, Actor, Scope
from quarterday.shared.trail import record


def print_some(*, now: datetime, limit: int = 25) -> int:
    """Print up to `limit` issued bills that are not printed yet; answers how many.

    Bills that another process prints at this moment are left to it. Opens its own transaction.
    """
    with acting(Scope.all()):
        bill_ids = _unprinted(limit)
        if bill_ids:
            print_bills(bill_ids, now=now)
        return len(bill_ids)


@dataclass(slots=True)
class Printed:
    """How many bills were printed, and why others (by id) cannot be."""

    count: int = 0
    failures: dict[int, str] = field(default_factory=dict)


def print_waiting(*, clock: Callable[[], datetime], batch: int = 25, by: Actor = WORKER) -> Printed:
    """Print everything that is issued and not printed; a bill that cannot be printed holds up no other.

    One whose layout finds no end is not tried again: it is parked with its customer until somebody has looked. Bills
    that another process prints at this moment are left to it. Opens its own transactions, one a batch.
    """
    done = Printed()
    while True:
        with acting(Scope.all()):
            bill_ids = _unprinted(batch, without=done.failures)
            if not bill_ids:
                return done
            failures = _print_possible(bill_ids, now=clock())
            _park({key: error for key, error in failures.items() if isinstance(error, TooMuchToPrint)}, clock(), by)
        done.failures |= {key: f"{type(error).__name__}: {error}" for key, error in failures.items()}
        done.count += len(bill_ids) - len(failures)


def print_bills(bill_ids: Sequence[int], *, now: datetime) -> None:
    """Print these issued bills and ready their mail; one that is printed keeps its bytes."""
    provider = get_provider()
    papers = papers_of(bill_ids, provider)
    differences = differences_of(bill_ids) if provider.bridge_on_paper or provider.bridge_in_mail else {}
    if provider.bridge_on_paper:
        papers = {bill_id: replace(paper, difference=differences.get(bill_id)) for bill_id, paper in papers.items()}
    printed = {bill_id: print_bill(paper, font_folder=font_folder()) for bill_id, paper in papers.items()}
    customers = dict(Bill.objects.filter(pk__in=bill_ids).values_list("pk", "customer_id"))
    serials = serials_of(bill_ids)
    BillPrint.objects.bulk_create(
        [
            BillPrint(
                bill_id=bill_id,
                customer_id=customers[bill_id],
                content=content,
                sha256=hashlib.sha256(content).hexdigest(),
                printed_at=now,
                says_why=papers[bill_id].difference is not None,
                serials=serials.get(bill_id, {}),
            )
            for bill_id, content in printed.items()
        ],
        ignore_conflicts=True,
    )
    mails = BillMail.objects.filter(bill__in=bill_ids, message__ready_at=None).values_list("message_id", "bill_id")
    kept = {row.bill_id: bytes(row.content) for row in BillPrint.objects.filter(bill__in=[bill for _, bill in mails])}
    told = differences if provider.bridge_in_mail else {}
    make_ready(
        [_ready(message, papers[bill], kept[bill], provider, told.get(bill)) for message, bill in mails], now=now
    )


def papers_of_copies(bill_ids: Sequence[int], provider: Provider) -> list[BillPaper]:
    """The papers of issued bills, in their order, with reasons if the prints have them.

    What is not printed yet goes by what is set today. The prints' bytes are kept, but a copy is marked as one, so it is
    printed anew from the same content.
    """
    papers = papers_of(bill_ids, provider)
    says_why = dict(BillPrint.objects.filter(bill__in=bill_ids).values_list("bill_id", "says_why"))
    telling = [bill_id for bill_id in bill_ids if says_why.get(bill_id, provider.bridge_on_paper)]
    for bill_id, difference in differences_of(telling).items():
        papers[bill_id] = replace(papers[bill_id], difference=difference)
    return [papers[bill_id] for bill_id in bill_ids]


def draft_pdf(bill_id: int) -> bytes:
    """The PDF of a draft, marked as one; it is not kept."""
    provider = get_provider()
    paper = papers_of([bill_id], provider)[bill_id]
    if provider.bridge_on_paper:
        paper = replace(paper, difference=differences_of([bill_id]).get(bill_id))
    return print_bill(paper, font_folder=font_folder())


def printed_pdf(bill_id: int, *, now: datetime) -> bytes:
    """The kept bytes of an issued bill, which is printed now if it was not before."""
    row = BillPrint.objects.filter(pk=bill_id).first()
    if row is None:
        with acting(Scope.all()):
            print_bills([bill_id], now=now)
        row = BillPrint.objects.get(pk=bill_id)
    return bytes(row.content)


def printed_bills() -> Iterator[tuple[str, bytes]]:
    """The number and bytes of every printed bill in scope, oldest first, a few at a time."""
    rows = BillPrint.objects.order_by("bill_id").values_list("bill__issue__number", "content")
    for number, content in rows.iterator(chunk_size=20):
        yield number, bytes(content)


def filename_of(paper: BillPaper) -> str:
    """INV-2026-00001.pdf; whatever a number pattern holds, it stays one safe file name."""
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in paper.number or "draft")
    return f"{safe}.pdf"


def font_folder() -> Path | None:
    """Further fonts, for scripts that the installed ones do not have."""
    folder: Path | None = settings.QUARTERDAY.font_folder
    return folder


def _print_possible(bill_ids: Sequence[int], *, now: datetime) -> dict[int, Exception]:
    """Print bills, together or, if that fails, one by one; answers those that cannot be printed, and why."""
    try:
        with transaction.atomic():
            print_bills(bill_ids, now=now)
    # Whatever is wrong with one bill's paper must not keep the others in the house.
    except Exception as error:
        if len(bill_ids) == 1:
            return {bill_ids[0]: error}
        return {key: why for each in bill_ids for key, why in _print_possible([each], now=now).items()}
    return {}


def _park(failures: Mapping[int, Exception], now: datetime, by: Actor) -> None:
    """Leave these bills, and whatever else their customers would get, to a person."""
    rows = Bill.objects.filter(pk__in=failures).values_list("pk", "customer_id", "customer__name", "issue__number")
    for bill_id, customer_id, name, number in rows:
        reason = f"{number} cannot be printed: {failures[bill_id]}"[:500]
        parked = Parking.objects.filter(customer=customer_id, resolved_at=None)
        if not parked.update(bill=bill_id, reason=reason):
            Parking.objects.create(customer_id=customer_id, bill_id=bill_id, reason=reason, parked_at=now)
        record(by, "parked", Customer(pk=customer_id, name=name), at=now, details={"reason": reason})


def _unprinted(limit: int, *, without: Collection[int] = ()) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.bill_id FROM bills_billissue i
            WHERE NOT EXISTS (SELECT FROM bills_billprint p WHERE p.bill_id = i.bill_id) AND i.bill_id <> ALL (%s)
              AND NOT EXISTS (SELECT FROM bills_parking k
                              WHERE k.customer_id = i.customer_id AND k.bill_id IS NOT NULL AND k.resolved_at IS NULL)
            ORDER BY i.bill_id LIMIT %s FOR UPDATE OF i SKIP LOCKED
            """,
            [list(without), limit],
        )
        return [row[0] for row in cursor.fetchall()]


def _ready(
    message_id: int, paper: BillPaper, content: bytes, provider: Provider, difference: Difference | None
) -> Ready:
    letter = _letter(paper, provider)
    body = letter.body
    if difference is not None:
        body += "\n" + difference_in_letter(difference, paper.currency, language(paper.language))
    return Ready(message_id, letter.subject, body, [Enclosure(filename_of(paper), content)])


def _letter(paper: BillPaper, provider: Provider) -> Letter:
    words = language(paper.language)
    own = (provider.reminder_texts or {}).get(f"{paper.kind if paper.kind == 'credit_note' else 'bill'}.{words.code}")
    names = {
        "provider": provider.name,
        "customer": paper.customer.name,
        "number": paper.number or "",
        "issued": words.long_date(paper.issued_on),
        "due": words.long_date(paper.due_on) if paper.due_on else "",
        "amount": words.money(paper.total, paper.currency),
        "periods": ", ".join(words.period(period) for period in paper.service_periods),
    }
    return write_letter("credit_note" if paper.kind == "credit_note" else "bill", words, names, own=own)
