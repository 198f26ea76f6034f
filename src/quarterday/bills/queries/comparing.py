"""A bill beside the one before it, and months beside each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from quarterday.bills.models import Bill


@dataclass(frozen=True, slots=True)
class Compared:
    """What a class of devices (or another kind of line) came to on a bill and on the one before; None: not there."""

    subscription_id: int | None
    what: str
    quantity: Decimal | None
    net: Decimal | None
    last_quantity: Decimal | None
    last_net: Decimal | None


def compare_with_last(bill: Bill) -> tuple[int | None, list[Compared]]:
    """The bill before (issued, of the same customer and currency, for the same plans if there is one), line by line."""
    last = _last(bill)
    rows = _rows(
        """
        WITH summed AS (
            SELECT bill_id, subscription_id, coalesce(nullif(device_class, ''), kind) AS what,
                   sum(quantity) AS quantity, sum(net) AS net, min(position) AS position
            FROM bills_billline WHERE bill_id IN (%(bill)s, %(last)s) GROUP BY 1, 2, 3
        )
        SELECT coalesce(now.subscription_id, past.subscription_id), coalesce(now.what, past.what),
               now.quantity, now.net, past.quantity, past.net
        FROM (SELECT * FROM summed WHERE bill_id = %(bill)s) now
        FULL JOIN (SELECT * FROM summed WHERE bill_id = %(last)s) past
          ON past.subscription_id IS NOT DISTINCT FROM now.subscription_id AND past.what = now.what
        ORDER BY coalesce(now.position, past.position), 2
        """,
        {"bill": bill.pk, "last": last or 0},
    )
    return last, [Compared(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LastBill:
    """What a customer's newest invoice in a currency came to."""

    bill_id: int
    number: str
    issued_on: date
    total: Decimal
    device_count: int


def last_bills(customer_ids: Iterable[int]) -> dict[tuple[int, str], LastBill]:
    """(customer id, currency) -> the newest invoice, in one query."""
    rows = _rows(
        """
        SELECT b.customer_id, b.currency, b.id, i.number, i.issued_on, b.total, b.device_count
        FROM unnest(%(customers)s::bigint[]) AS wanted (id)
        CROSS JOIN LATERAL (
            SELECT DISTINCT ON (b.currency) b.id FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
            WHERE i.customer_id = wanted.id AND i.kind = 'invoice'
            ORDER BY b.currency, i.issued_on DESC, i.bill_id DESC
        ) newest
        JOIN bills_bill b ON b.id = newest.id JOIN bills_billissue i ON i.bill_id = b.id
        """,
        {"customers": sorted(set(customer_ids))},
    )
    return {(customer, currency): LastBill(*last) for customer, currency, *last in rows}


@dataclass(frozen=True, slots=True)
class MonthRevenue:
    """What was issued in a month, in one currency: recurring charges, other charges and discounts, credits."""

    month: date
    currency: str
    recurring: Decimal
    adjustments: Decimal
    credited: Decimal
    bill_count: int

    @property
    def net(self) -> Decimal:
        """All of it together."""
        return self.recurring + self.adjustments - self.credited


def revenue_by_month(*, since: date, until: date) -> list[MonthRevenue]:
    """Net revenue by month of issue and currency, oldest first; both days included."""
    # Bills carry their nets; only other charges and discounts are looked for among the lines, which are many more.
    rows = _rows(
        """
        WITH issued AS (
            SELECT i.bill_id, date_trunc('month', i.issued_on)::date AS month, b.currency, b.kind, b.net
            FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
            WHERE i.issued_on BETWEEN %(since)s AND %(until)s
        ), adjusted AS (
            SELECT d.month, d.currency, sum(l.net) AS net
            FROM bills_billline l JOIN issued d ON d.bill_id = l.bill_id
            WHERE l.kind = 'adjustment' AND d.kind = 'invoice' GROUP BY 1, 2
        )
        SELECT d.month, d.currency,
               coalesce(sum(d.net) FILTER (WHERE d.kind = 'invoice'), 0) - coalesce(a.net, 0),
               coalesce(a.net, 0),
               coalesce(sum(d.net) FILTER (WHERE d.kind = 'credit_note'), 0),
               count(*)
        FROM issued d LEFT JOIN adjusted a USING (month, currency) GROUP BY 1, 2, a.net ORDER BY 1, 2
        """,
        {"since": since, "until": until},
    )
    return [MonthRevenue(*row) for row in rows]


def _last(bill: Bill) -> int | None:
    rows = _rows(
        """
        SELECT i.bill_id FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
        WHERE b.customer_id = %(customer)s AND b.currency = %(currency)s AND b.kind = 'invoice'
          AND b.billing_date < %(billing_date)s AND b.id <> %(bill)s
        ORDER BY EXISTS (
            SELECT FROM bills_billline mine JOIN bills_billline theirs USING (subscription_id)
            WHERE mine.bill_id = %(bill)s AND theirs.bill_id = b.id
        ) DESC, b.billing_date DESC, b.id DESC LIMIT 1
        """,
        {
            "customer": bill.customer_id,
            "currency": bill.currency,
            "billing_date": bill.billing_date,
            "bill": bill.pk,
        },
    )
    return rows[0][0] if rows else None


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
    return rows
