"""The newest bill of each customer, and months beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import inf
from typing import Any

from django.db import connection

from quarterday.bills.report import RunBill
from quarterday.shared.asking import Asking, Statement, question


@dataclass(frozen=True, slots=True)
class LastBill:
    """What a customer's newest invoice in a currency came to."""

    bill_id: int
    number: str
    issued_on: date
    total: Decimal
    device_count: int


@question
def last_bills(customer_ids: Iterable[int]) -> Asking[dict[tuple[int, str], LastBill]]:
    """(customer id, currency) -> the newest invoice, in one query."""
    rows = yield Statement(
        """
        SELECT b.customer_id, b.currency, b.id, i.number, i.issued_on, b.total, b.device_count
        FROM unnest(%s::bigint[]) AS wanted (id)
        CROSS JOIN LATERAL (
            SELECT DISTINCT ON (b.currency) b.id FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
            WHERE i.customer_id = wanted.id AND i.kind = 'invoice'
            ORDER BY b.currency, i.issued_on DESC, i.bill_id DESC
        ) newest
        JOIN bills_bill b ON b.id = newest.id JOIN bills_billissue i ON i.bill_id = b.id
        """,
        [sorted(set(customer_ids))],
    )
    return {(customer, currency): LastBill(*last) for customer, currency, *last in rows}


@dataclass(frozen=True, slots=True)
class BesideLast:
    """A bill to come, and the customer's last one in its currency, if there is one."""

    bill: RunBill
    last: LastBill | None

    @property
    def percent(self) -> int | None:
        """The change in whole percent of the last bill; None if it is the first, or the last came to nothing."""
        if self.last is None or not self.last.total:
            return None
        return round((self.bill.charge - self.last.total) * 100 / self.last.total)


def beside_last(bills: Iterable[RunBill], last: Mapping[tuple[int, str], LastBill]) -> list[BesideLast]:
    """The bills to come beside the last ones: what is held first, then first bills, then by how much they differ."""

    def what_to_look_at_first(row: BesideLast) -> tuple[bool, float, str]:
        return not row.bill.holds, -inf if row.percent is None else -abs(row.percent), row.bill.customer

    return sorted(
        (BesideLast(bill, last.get((bill.customer_id, bill.currency))) for bill in bills), key=what_to_look_at_first
    )


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


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
    return rows
