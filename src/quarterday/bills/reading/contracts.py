"""Who has which plan and what of it is settled; other charges and discounts, and what bills did to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from quarterday.bills.due import Claimed, SubscriptionCase
from quarterday.bills.reading.rows import rows_of
from quarterday.engine.periods import Period
from quarterday.shared.asking import Asking, Statement, question


def customers_with_subscriptions(customer_ids: Sequence[int] | None) -> list[int]:
    """The customers (of those named, or all) who have or had a plan, by id."""
    rows = rows_of(
        "SELECT DISTINCT customer_id FROM subscriptions_subscription"
        " WHERE %s::bigint[] IS NULL OR customer_id = ANY (%s) ORDER BY 1",
        [None if customer_ids is None else list(customer_ids)] * 2,
    )
    return [customer_id for (customer_id,) in rows]


@question
def subscription_cases(customer_ids: Sequence[int], *, latest: int | None) -> Asking[list[SubscriptionCase]]:
    """The subscriptions of some customers with what is settled of them.

    `latest` is how many of the newest claims are given one by one, beside the days that are settled; None asks for no
    claim at all, as if nothing had been billed.
    """
    contracts = Statement(
        """
        SELECT s.id, s.customer_id, s.plan_id, p.name, p.currency, p.timing, p.counting, p.late_policy,
               s.starts_on, s.billed_from, s.ends_on, s.final_period, s.cycle_every, s.cycle_unit, s.billing_day,
               s.offset_days, s.due_days, s.emails, s.bill_separately, s.review_first_bill, s.po_number, s.continues_id
        FROM subscriptions_subscription s JOIN plans_plan p ON p.id = s.plan_id
        WHERE s.customer_id = ANY (%s) ORDER BY s.customer_id, s.id
        """,
        [list(customer_ids)],
    )
    rows, *claims = yield [contracts, *([] if latest is None else [_live_claims(customer_ids, latest)])]
    cases = {row[0]: SubscriptionCase(*row) for row in rows}
    for rows in claims:
        _add_claims(cases, rows)
    return list(cases.values())


def _live_claims(customer_ids: Sequence[int], latest: int) -> Statement:
    """The live claims of the customers' subscriptions: merged days, and the newest one by one."""
    return Statement(
        """
        WITH live AS (
            SELECT c.*, i.bill_id IS NOT NULL AS is_issued,
                   row_number() OVER (PARTITION BY c.subscription_id, c.part ORDER BY c.period DESC) AS age,
                   s.ends_on
            FROM bills_periodclaim c JOIN subscriptions_subscription s ON s.id = c.subscription_id
            LEFT JOIN bills_billissue i ON i.bill_id = c.bill_id
            WHERE s.customer_id = ANY (%s) AND c.released_at IS NULL
        )
        SELECT subscription_id, part, lower(days), upper(days), NULL, NULL, NULL, NULL, NULL, NULL, was_issued
        FROM (
            SELECT subscription_id, part, unnest(range_agg(period)) AS days, bool_or(is_issued) AS was_issued
            FROM live GROUP BY 1, 2
        ) merged
        UNION ALL
        SELECT subscription_id, part, lower(period), upper(period), lower(full_period), upper(full_period), outcome,
               bill_id, known_at, age, is_issued
        FROM live WHERE age <= %s OR upper(period) > ends_on
        ORDER BY 1, 2, 10 NULLS FIRST, 3
        """,
        [list(customer_ids), latest],
    )


def _add_claims(cases: Mapping[int, SubscriptionCase], rows: Iterable[Any]) -> None:
    """Give each subscription its live claims."""
    for subscription_id, part, start, end, full_start, full_end, outcome, bill_id, known_at, age, issued in rows:
        case, days = cases[subscription_id], Period(start, end)
        case.was_issued = case.was_issued or issued
        if age is None:
            case.claimed[part] = (*case.claimed.get(part, ()), days)
        else:
            case.latest.append(Claimed(days, Period(full_start, full_end), part, outcome, bill_id, known_at))


@dataclass(slots=True)
class AdjustmentCase:
    """An other charge or discount with what earlier bills did to it."""

    id: int
    customer_id: int
    subscription_id: int | None
    text: str
    currency: str
    amount: Decimal | None
    percent: Decimal | None
    quantity: Decimal | None
    unit_price: Decimal | None
    tax_code: str
    starts_on: date
    until: date | None
    times: int | None
    used: int
    uses: int
    rest: Decimal
    is_cancelled: bool

    @property
    def is_open(self) -> bool:
        """Whether it may add a line of its own, besides what it still owes."""
        return not self.is_cancelled and (self.times is None or self.used < self.times)


@question
def adjustment_cases(customer_ids: Sequence[int]) -> Asking[list[AdjustmentCase]]:
    """The charges and discounts of some customers that are not used up, in the order in which they were written."""
    rows = yield Statement(
        """
        SELECT a.id, a.customer_id, a.subscription_id, a.text, a.currency, a.amount, a.percent, a.quantity,
               a.unit_price, a.tax_code, a.starts_on, a.until, a.times, a.cancelled_at IS NOT NULL,
               u.occurrences, coalesce(u.uses, 0), coalesce(u.rest, 0)
        FROM subscriptions_adjustment a
        LEFT JOIN LATERAL (
            SELECT array_agg(occurrence) FILTER (WHERE released_at IS NULL AND occurrence IS NOT NULL) AS occurrences,
                   max(position) AS uses,
                   (array_agg(rest ORDER BY position DESC) FILTER (WHERE released_at IS NULL))[1] AS rest
            FROM bills_adjustmentuse WHERE adjustment_id = a.id
        ) u ON true
        WHERE a.customer_id = ANY (%s) ORDER BY a.customer_id, a.id
        """,
        [list(customer_ids)],
    )
    cases = [AdjustmentCase(*(*row[:13], _used(row[14] or ()), *row[15:17], row[13])) for row in rows]
    return [case for case in cases if case.rest or case.is_open]


def _used(occurrences: Collection[int]) -> int:
    """How many of an adjustment's times are behind it; a time that a discarded draft gave back comes first again."""
    taken = set(occurrences)
    return next(used for used in range(len(taken) + 1) if used + 1 not in taken)
