"""How invoices and credit notes stand: derived from allocations, never stored. All inside `acting(scope)`.

`open` of an invoice is its total less what was allocated to it; of a credit note, what is not used yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from quarterday.bills.queries import Condition


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one issued bill stands on a day. `status` is open, partly paid, paid, overdue, credited or
    written off."""

    bill_id: int
    customer_id: int
    kind: str
    number: str
    currency: str
    issued_on: date
    due_on: date
    total: Decimal
    settled: Decimal
    credited: Decimal
    written_off: Decimal
    status: str

    @property
    def open(self) -> Decimal:
        return self.total - self.settled


# One statement of how a bill is settled; each question below adds only which bills it asks for.
_SETTLEMENT = """
    SELECT i.bill_id, i.customer_id, i.kind, i.number, b.currency, i.issued_on, i.due_on, b.total,
           coalesce(s.settled, 0), coalesce(s.credited, 0), coalesce(s.written_off, 0)
    FROM bills_billissue i
    JOIN bills_bill b ON b.id = i.bill_id
    LEFT JOIN LATERAL (
        SELECT sum(a.amount) AS settled, sum(a.amount) FILTER (WHERE a.credit_note_id IS NOT NULL) AS credited,
               sum(a.amount) FILTER (WHERE a.write_off_id IS NOT NULL) AS written_off
        FROM payments_allocation a
        WHERE a.undone_at IS NULL
          AND (a.bill_id = i.bill_id OR a.credit_note_id = i.bill_id)
    ) s ON true
"""


def settlements(bill_ids: Iterable[int], *, on: date) -> dict[int, Settlement]:
    """How these issued bills stand on a day, by bill id. Drafts have no entry."""
    return {row.bill_id: row for row in _settlements("WHERE i.bill_id = ANY(%s)", [list(bill_ids)], on)}


def open_invoices(customer_ids: Iterable[int] | None = None, *, on: date) -> list[Settlement]:
    """Every invoice with something open, oldest due first; of all customers in scope unless some are named."""
    where = "WHERE i.kind = 'invoice' AND b.total > coalesce(s.settled, 0)"
    chosen = None if customer_ids is None else list(customer_ids)
    return _settlements(f"{where} AND (%s::bigint[] IS NULL OR i.customer_id = ANY(%s))", [chosen, chosen], on)


def open_credit_notes(customer_ids: Iterable[int], *, on: date) -> list[Settlement]:
    """Credit notes with something unused, oldest first."""
    where = "WHERE i.kind = 'credit_note' AND b.total > coalesce(s.settled, 0) AND i.customer_id = ANY(%s)"
    return _settlements(where, [list(customer_ids)], on)


@dataclass(frozen=True, slots=True)
class Settled:
    """What settled a part of an invoice: a payment (its reference), a credit note (number) or a write-off (reason)."""

    on: date
    amount: Decimal
    reference: str
    credit_note_id: int | None
    write_off_id: int | None


def settled_by(bill_id: int) -> list[Settled]:
    """What settled an invoice, oldest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.allocated_on, a.amount, coalesce(nullif(p.reference, ''), p.method, i.number, w.reason, ''),
                   a.credit_note_id, a.write_off_id
            FROM payments_allocation a
            LEFT JOIN payments_payment p ON p.id = a.payment_id
            LEFT JOIN bills_billissue i ON i.bill_id = a.credit_note_id
            LEFT JOIN payments_writeoff w ON w.id = a.write_off_id
            WHERE a.bill_id = %s AND a.undone_at IS NULL ORDER BY a.allocated_on, a.id
            """,
            [bill_id],
        )
        return [Settled(*row) for row in cursor.fetchall()]


def settled_condition(status: str, *, on: date) -> Condition | None:
    """For the list of bills: open (overdue ones too), overdue, partly paid, paid or written off invoices; else None."""
    settled = (
        "coalesce((SELECT sum(a.amount) FROM payments_allocation a WHERE a.undone_at IS NULL AND a.bill_id = b.id), 0)"
    )
    match status:
        case "open":
            return Condition(f"b.kind = 'invoice' AND b.total > {settled}")
        case "overdue":
            return Condition(f"b.kind = 'invoice' AND i.due_on < %s AND b.total > {settled}", (on,))
        case "partly paid":
            return Condition(f"b.kind = 'invoice' AND b.id = ANY (ARRAY({_PARTLY_PAID}))")
        case "paid":
            return Condition(f"b.kind = 'invoice' AND b.total <= {settled}")
        case "written off":
            lost = "SELECT FROM payments_writeoff w WHERE w.undone_at IS NULL AND w.bill_id = b.id"
            return Condition(f"b.kind = 'invoice' AND EXISTS ({lost})")
    return None


# Added up once for all bills, into an array: few of them are partly paid, and a list of those would look into every
# other. What settles a whole bill settles it alone.
_PARTLY_PAID = """
    SELECT a.bill_id FROM payments_allocation a JOIN bills_bill whole ON whole.id = a.bill_id
    WHERE a.undone_at IS NULL AND a.amount < whole.total
    GROUP BY a.bill_id, whole.total HAVING sum(a.amount) < whole.total"""


def _settlements(where: str, values: Sequence[Any], on: date) -> list[Settlement]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SETTLEMENT} {where} ORDER BY i.due_on, i.issued_on, i.bill_id", values)
        return [Settlement(*(*row, _status(row, on))) for row in cursor.fetchall()]


def _status(row: tuple[object, ...], on: date) -> str:
    _, _, kind, _, _, _, due_on, total, settled, credited, written_off = row
    assert isinstance(total, Decimal)
    assert isinstance(settled, Decimal)
    assert isinstance(due_on, date)
    if settled >= total:
        if written_off:
            return "written off"
        return "credited" if credited == total and total and kind == "invoice" else "paid"
    if kind == "invoice" and due_on < on:
        return "overdue"
    return "partly paid" if settled else "open"
