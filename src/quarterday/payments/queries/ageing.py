"""What is open by how long it is overdue. All inside `acting(scope)`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.db import connection


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


@dataclass(frozen=True, slots=True)
class CustomerAge:
    """What one customer owed in a currency on a day, by how long it was overdue, and the credit it had not used."""

    customer_id: int
    number: str
    customer: str
    currency: str
    not_due: Decimal
    up_to_30: Decimal
    up_to_60: Decimal
    up_to_90: Decimal
    older: Decimal
    credit: Decimal

    @property
    def open(self) -> Decimal:
        """All that was open of bills; credit is not taken off."""
        return self.not_due + self.up_to_30 + self.up_to_60 + self.up_to_90 + self.older


def ages_by_customer(*, on: date, customer_ids: Iterable[int] | None = None) -> list[CustomerAge]:
    """Who owed what at the end of a day, today or in the past, by name and currency; one query.

    What was settled, or taken back, after that day was open, or settled, on it.
    """
    chosen = None if customer_ids is None else list(customer_ids)
    with connection.cursor() as cursor:
        cursor.execute(_AGES_BY_CUSTOMER, {"on": on, "some": chosen})
        return [CustomerAge(*row) for row in cursor.fetchall()]


def sums_of_ages(ages: Iterable[CustomerAge]) -> dict[str, dict[str, Decimal]]:
    """What these customers owed together: currency -> each amount of `CustomerAge` by its name, summed."""
    listed = sorted(ages, key=attrgetter("currency"))
    sums: dict[str, dict[str, Decimal]] = {}
    for currency, grouped in groupby(listed, key=attrgetter("currency")):
        of_currency = list(grouped)
        sums[currency] = {name: sum(map(attrgetter(name), of_currency), Decimal(0)) for name in _AMOUNTS}
    return sums


_AMOUNTS = ("open", "not_due", "up_to_30", "up_to_60", "up_to_90", "older", "credit")

# The customer's date, as in the ledger. Hardly any allocation is undone, so only for those its customer is looked up.
_UNDONE_ON = """
    coalesce(a.undone_on,
             (a.undone_at AT TIME ZONE (SELECT time_zone FROM customers_customer WHERE id = a.customer_id))::date)"""

# Most bills are paid at once, and one allocation of the whole tells that; only of the others all are added up. Names
# come last: they would be carried along every open bill.
_AGES_BY_CUSTOMER = f"""
    WITH unpaid AS MATERIALIZED (
        SELECT b.id, b.customer_id, b.currency, b.total FROM bills_bill b
        WHERE b.kind = 'invoice' AND NOT EXISTS (
            SELECT FROM payments_allocation a
            WHERE a.bill_id = b.id AND a.amount >= b.total AND a.allocated_on <= %(on)s
              AND (a.undone_at IS NULL OR {_UNDONE_ON} > %(on)s))
    ), settled AS (
        SELECT a.bill_id, sum(a.amount) AS amount FROM payments_allocation a JOIN unpaid u ON u.id = a.bill_id
        WHERE a.allocated_on <= %(on)s AND (a.undone_at IS NULL OR {_UNDONE_ON} > %(on)s) GROUP BY 1
    ), due AS (
        SELECT u.customer_id, u.currency, u.total - coalesce(s.amount, 0) AS rest, %(on)s::date - i.due_on AS late,
               0 AS credit
        FROM unpaid u JOIN bills_billissue i ON i.bill_id = u.id LEFT JOIN settled s ON s.bill_id = u.id
        WHERE i.issued_on <= %(on)s AND u.total > coalesce(s.amount, 0)
        UNION ALL
        SELECT customer_id, currency, 0, 0, -sum(amount) FROM payments_posting
        WHERE account = 'customer_credit' AND booked_on <= %(on)s GROUP BY 1, 2 HAVING sum(amount) <> 0
    )
    SELECT c.id, c.number, c.name, aged.currency,
           aged.not_due, aged.to_30, aged.to_60, aged.to_90, aged.older, aged.credit
    FROM (
        SELECT customer_id, currency,
               coalesce(sum(rest) FILTER (WHERE late <= 0), 0) AS not_due,
               coalesce(sum(rest) FILTER (WHERE late BETWEEN 1 AND 30), 0) AS to_30,
               coalesce(sum(rest) FILTER (WHERE late BETWEEN 31 AND 60), 0) AS to_60,
               coalesce(sum(rest) FILTER (WHERE late BETWEEN 61 AND 90), 0) AS to_90,
               coalesce(sum(rest) FILTER (WHERE late > 90), 0) AS older,
               sum(credit) AS credit
        FROM due WHERE %(some)s::bigint[] IS NULL OR customer_id = ANY (%(some)s) GROUP BY 1, 2
    ) AS aged JOIN customers_customer c ON c.id = aged.customer_id
    ORDER BY c.name, c.id, aged.currency
"""  # noqa: S608  # made of the text above


def receivables_by_age(*, on: date) -> list[Age]:
    """What is open, by currency and by how many days it is overdue, and how many bills that are; added up in one go."""
    with connection.cursor() as cursor:
        cursor.execute(_AGES, {"on": on})
        return [Age(*row) for row in cursor.fetchall()]


# A bill that one allocation settles whole is left out first; only of the others all allocations are added up, once for
# all bills: a look for each of 50,000 takes three times as long.
_AGES = """
    WITH unpaid AS (
        SELECT b.id, b.currency, b.total, coalesce(sum(a.amount), 0) AS settled
        FROM bills_bill b LEFT JOIN payments_allocation a ON a.bill_id = b.id AND a.undone_at IS NULL
        WHERE b.kind = 'invoice' AND (a.amount IS NULL OR a.amount < b.total) GROUP BY b.id
    ), due AS (
        SELECT u.currency, u.total - u.settled AS rest, %(on)s::date - i.due_on AS late
        FROM unpaid u JOIN bills_billissue i ON i.bill_id = u.id WHERE u.total > u.settled
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
