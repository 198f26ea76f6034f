"""What each customer owes, and which credit no invoice has used yet. All inside `acting(scope)`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.payments.queries.settled import Settlement, open_credit_notes

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Balance:
    """One account in a currency: bills less credits, payments and write-offs, plus refunds; below 0 is credit."""

    customer_id: int
    currency: str
    billed: Decimal
    credited: Decimal
    paid: Decimal
    refunded: Decimal
    written_off: Decimal

    @property
    def amount(self) -> Decimal:
        return self.billed - self.credited - self.paid + self.refunded - self.written_off


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
            UNION ALL
            SELECT w.customer_id, b.currency, 'written off', sum(w.amount)
            FROM payments_writeoff w JOIN bills_bill b ON b.id = w.bill_id
            WHERE w.undone_at IS NULL AND (%(some)s::bigint[] IS NULL OR w.customer_id = ANY(%(some)s)) GROUP BY 1, 2
            """,
            {"some": chosen},
        )
        for customer_id, currency, what, amount in cursor.fetchall():
            sums[customer_id, currency][what] += amount
    return {
        (customer_id, currency): Balance(
            customer_id,
            currency,
            billed=row["invoice"],
            credited=row["credit_note"],
            paid=row["paid"],
            refunded=row["refunded"],
            written_off=row["written off"],
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


def open_after_credit(invoices: Mapping[int, Sequence[Settlement]]) -> dict[int, Decimal]:
    """Bill id -> what would stay open of it if free credit were used now; the invoices by customer, oldest due first.

    As `settle` uses it: each credit note on the bill that it corrects, then all that is left on the oldest invoices.
    """
    left = {invoice.bill_id: invoice.open for of_customer in invoices.values() for invoice in of_customer}
    credit = free_credit(invoices)
    if not credit:
        return left
    notes = open_credit_notes(invoices, on=date.max)
    corrected = dict(Bill.objects.filter(pk__in=[note.bill_id for note in notes]).values_list("pk", "corrects_id"))
    for note in notes:
        bill_id = corrected[note.bill_id]
        used = min(note.open, left.get(bill_id, ZERO)) if bill_id is not None else ZERO
        if used:
            left[bill_id] -= used
            credit[note.customer_id, note.currency] -= used
    for customer_id, of_customer in invoices.items():
        for invoice in of_customer:
            used = min(credit.get((customer_id, invoice.currency), ZERO), left[invoice.bill_id])
            if used:
                left[invoice.bill_id] -= used
                credit[customer_id, invoice.currency] -= used
    return left


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
            "written_off": row.written_off,
            "balance": row.amount,
        }
        for (customer_id, currency), row in found.items()
    ]
    return sorted(rows, key=lambda row: (row["customer"], row["currency"]))
