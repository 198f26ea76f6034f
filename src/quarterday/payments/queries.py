"""What is open: derived from bills, allocations and refunds, never stored. All inside `acting(scope)`.

`open` of an invoice is its total less what was allocated to it; of a credit note and of a payment, what is not used
yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from quarterday.bills.queries import Condition
from quarterday.customers.models import Customer
from quarterday.payments.models import Payment
from quarterday.shared.refusal import NotFound

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one issued bill stands on a day. `status` is open, partly paid, paid, overdue or credited."""

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
    status: str

    @property
    def open(self) -> Decimal:
        return self.total - self.settled


@dataclass(frozen=True, slots=True)
class Balance:
    """A customer's account in one currency: bills less credits and payments, plus refunds; below 0 is credit."""

    customer_id: int
    currency: str
    billed: Decimal
    credited: Decimal
    paid: Decimal
    refunded: Decimal

    @property
    def amount(self) -> Decimal:
        return self.billed - self.credited - self.paid + self.refunded


@dataclass(frozen=True, slots=True)
class Age:
    """Receivables of one currency by how long they are overdue (days)."""

    currency: str
    not_due: Decimal
    up_to_30: Decimal
    up_to_60: Decimal
    up_to_90: Decimal
    older: Decimal
    open_count: int
    overdue_count: int

    @property
    def overdue(self) -> Decimal:
        """All that should have been paid by now."""
        return self.up_to_30 + self.up_to_60 + self.up_to_90 + self.older


# One statement of how a bill is settled; each question below adds only which bills it asks for.
_SETTLEMENT = """
    SELECT i.bill_id, i.customer_id, i.kind, i.number, b.currency, i.issued_on, i.due_on, b.total,
           coalesce(s.settled, 0), coalesce(s.credited, 0)
    FROM bills_billissue i
    JOIN bills_bill b ON b.id = i.bill_id
    LEFT JOIN LATERAL (
        SELECT sum(a.amount) AS settled, sum(a.amount) FILTER (WHERE a.credit_note_id IS NOT NULL) AS credited
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
    """A part of an invoice that was settled: by a payment with its reference, or by a credit note with its number."""

    on: date
    amount: Decimal
    reference: str
    credit_note_id: int | None


def settled_by(bill_id: int) -> list[Settled]:
    """What settled an invoice, oldest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.allocated_on, a.amount, coalesce(nullif(p.reference, ''), p.method, i.number, ''), a.credit_note_id
            FROM payments_allocation a
            LEFT JOIN payments_payment p ON p.id = a.payment_id
            LEFT JOIN bills_billissue i ON i.bill_id = a.credit_note_id
            WHERE a.bill_id = %s AND a.undone_at IS NULL ORDER BY a.allocated_on, a.id
            """,
            [bill_id],
        )
        return [Settled(*row) for row in cursor.fetchall()]


def settled_condition(status: str, *, on: date) -> Condition | None:
    """For the list of bills: open (overdue ones too), overdue, partly paid or paid invoices; None for another word."""
    settled = (
        "coalesce((SELECT sum(a.amount) FROM payments_allocation a WHERE a.undone_at IS NULL AND a.bill_id = b.id), 0)"
    )
    match status:
        case "open":
            return Condition(f"b.kind = 'invoice' AND b.total > {settled}")
        case "overdue":
            return Condition(f"b.kind = 'invoice' AND i.due_on < %s AND b.total > {settled}", (on,))
        case "partly paid":
            return Condition(f"b.kind = 'invoice' AND b.total > {settled} AND {settled} > 0")
        case "paid":
            return Condition(f"b.kind = 'invoice' AND b.total <= {settled}")
    return None


def open_balance(customer_id: int, currency: str) -> Decimal:
    """What the customer owes in a currency; below 0 is the customer's credit."""
    balance = balances([customer_id]).get((customer_id, currency))
    return balance.amount if balance else ZERO


def balances(customer_ids: Iterable[int] | None = None) -> dict[tuple[int, str], Balance]:
    """Accounts by (customer, currency), in one query."""
    chosen = None if customer_ids is None else list(customer_ids)
    sums: dict[tuple[int, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.customer_id, b.currency, b.kind, sum(b.total)
            FROM bills_bill b JOIN bills_billissue i ON i.bill_id = b.id
            WHERE %(some)s::bigint[] IS NULL OR b.customer_id = ANY(%(some)s) GROUP BY 1, 2, 3
            UNION ALL
            SELECT customer_id, currency, 'paid', sum(amount) FROM payments_payment
            WHERE withdrawn_at IS NULL AND (%(some)s::bigint[] IS NULL OR customer_id = ANY(%(some)s)) GROUP BY 1, 2
            UNION ALL
            SELECT r.customer_id, p.currency, 'refunded', sum(r.amount)
            FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
            WHERE %(some)s::bigint[] IS NULL OR r.customer_id = ANY(%(some)s) GROUP BY 1, 2
            """,
            {"some": chosen},
        )
        for customer_id, currency, what, amount in cursor.fetchall():
            sums[customer_id, currency][what] += amount
    return {
        (customer_id, currency): Balance(
            customer_id, currency, row["invoice"], row["credit_note"], row["paid"], row["refunded"]
        )
        for (customer_id, currency), row in sums.items()
    }


def free_credit(customer_ids: Iterable[int]) -> dict[tuple[int, str], Decimal]:
    """Credit that no invoice has used yet, by (customer, currency): unallocated payments and credit notes."""
    ids = list(customer_ids)
    credit: dict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    for payment in payments_with_rest(ids):
        credit[payment.customer_id, payment.currency] += payment.rest
    for note in open_credit_notes(ids, on=date.max):
        credit[note.customer_id, note.currency] += note.open
    return dict(credit)


@dataclass(frozen=True, slots=True)
class PaymentRest:
    """A payment and what is left of it after allocations and refunds."""

    payment_id: int
    customer_id: int
    currency: str
    amount: Decimal
    received_on: date
    rest: Decimal


def payments_with_rest(customer_ids: Iterable[int], *, payment_id: int | None = None) -> list[PaymentRest]:
    """Payments that are not used up, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.id, p.customer_id, p.currency, p.amount, p.received_on,
                   p.amount - coalesce(a.used, 0) - coalesce(r.given_back, 0) AS rest
            FROM payments_payment p
            LEFT JOIN LATERAL (SELECT sum(amount) AS used FROM payments_allocation
                               WHERE payment_id = p.id AND undone_at IS NULL) a ON true
            LEFT JOIN LATERAL (SELECT sum(amount) AS given_back FROM payments_refund WHERE payment_id = p.id) r ON true
            WHERE p.customer_id = ANY(%s) AND p.withdrawn_at IS NULL AND (%s::bigint IS NULL OR p.id = %s)
              AND p.amount > coalesce(a.used, 0) + coalesce(r.given_back, 0)
            ORDER BY p.received_on, p.id
            """,
            [list(customer_ids), payment_id, payment_id],
        )
        return [PaymentRest(*row) for row in cursor.fetchall()]


def payments_of(customer_id: int | None = None) -> QuerySet[Payment]:
    """Payments, newest first, with their allocations and refunds."""
    rows = Payment.objects.select_related("customer").prefetch_related("allocations", "refunds")
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    return rows.order_by("-received_on", "-pk")


def receivables_by_age(*, on: date) -> list[Age]:
    """What is open, by currency and by how many days it is overdue, and how many bills that are; added up in one go."""
    with connection.cursor() as cursor:
        cursor.execute(_AGES, {"on": on})
        return [Age(*row) for row in cursor.fetchall()]


# Allocations are added up once for all bills: a look for each of 50,000 bills takes three times as long.
_AGES = """
    WITH settled AS (
        SELECT bill_id, sum(amount) AS amount FROM payments_allocation WHERE undone_at IS NULL GROUP BY 1
    ), due AS (
        SELECT b.currency, b.total - coalesce(s.amount, 0) AS rest, %(on)s::date - i.due_on AS late
        FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id LEFT JOIN settled s ON s.bill_id = i.bill_id
        WHERE i.kind = 'invoice' AND b.total > coalesce(s.amount, 0)
    )
    SELECT currency,
           coalesce(sum(rest) FILTER (WHERE late <= 0), 0),
           coalesce(sum(rest) FILTER (WHERE late BETWEEN 1 AND 30), 0),
           coalesce(sum(rest) FILTER (WHERE late BETWEEN 31 AND 60), 0),
           coalesce(sum(rest) FILTER (WHERE late BETWEEN 61 AND 90), 0),
           coalesce(sum(rest) FILTER (WHERE late > 90), 0),
           count(*), count(*) FILTER (WHERE late > 0)
    FROM due GROUP BY currency ORDER BY currency
"""


def _settlements(where: str, values: Sequence[Any], on: date) -> list[Settlement]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SETTLEMENT} {where} ORDER BY i.due_on, i.issued_on, i.bill_id", values)
        return [Settlement(*(*row, _status(row, on))) for row in cursor.fetchall()]


def _status(row: tuple[object, ...], on: date) -> str:
    _, _, kind, _, _, _, due_on, total, settled, credited = row
    assert isinstance(total, Decimal)
    assert isinstance(settled, Decimal)
    assert isinstance(due_on, date)
    if settled >= total:
        return "credited" if credited == total and total and kind == "invoice" else "paid"
    if kind == "invoice" and due_on < on:
        return "overdue"
    return "partly paid" if settled else "open"


class PaymentUnknown(NotFound):
    """There is no such payment in scope."""


def get_payment(payment_id: int) -> Payment:
    """One payment; PaymentUnknown when the scope does not hold it."""
    row = Payment.objects.select_related("customer").filter(pk=payment_id).first()
    if row is None:
        raise PaymentUnknown("payment", f"There is no payment {payment_id}: see quarterday payments list.")
    return row


def payment_list(customer_id: int | None = None, *, limit: int = 200) -> list[dict[str, Any]]:
    """Payments as a list shows them, newest first: what came, what is unused, and whether it was withdrawn."""
    rows = list(payments_of(customer_id)[:limit])
    rests = {rest.payment_id: rest.rest for rest in payments_with_rest({row.customer_id for row in rows})}
    return [
        {
            "id": row.pk,
            "customer_id": row.customer_id,
            "customer": row.customer.name,
            "received_on": row.received_on,
            "amount": row.amount,
            "currency": row.currency,
            "rest": rests.get(row.pk, ZERO),
            "refunded": sum((refund.amount for refund in row.refunds.all()), ZERO),
            "reference": row.reference,
            "method": row.method,
            "state": "withdrawn" if row.withdrawn_at else "received",
        }
        for row in rows
    ]


def balance_list() -> list[dict[str, Any]]:
    """Every customer's account by currency, by name."""
    found = balances()
    names = dict(Customer.objects.filter(pk__in={key[0] for key in found}).values_list("pk", "name"))
    rows = [
        {
            "customer_id": customer_id,
            "customer": names[customer_id],
            "currency": currency,
            "billed": row.billed,
            "credited": row.credited,
            "paid": row.paid,
            "refunded": row.refunded,
            "balance": row.amount,
        }
        for (customer_id, currency), row in found.items()
    ]
    return sorted(rows, key=lambda row: (row["customer"], row["currency"]))
