"""What conservation reads: claims, the bills' evidence, the ledger counted by the database, and usual prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from quarterday.engine.periods import Period
from quarterday.engine.presence import merge
from quarterday.plans.queries import terms_of_plans


@dataclass(frozen=True, slots=True)
class Claim:
    """A live claim, and whether its bill is issued."""

    period: Period
    full: Period
    part: str
    outcome: str
    is_issued: bool


def claims_in(subscription_ids: Sequence[int], month: Period) -> dict[int, list[Claim]]:
    """The live claims that touch the month, and whether their bill is issued."""
    rows = _rows(
        """
        SELECT c.subscription_id, lower(c.period), upper(c.period), lower(c.full_period), upper(c.full_period), c.part,
               c.outcome, i.bill_id IS NOT NULL
        FROM bills_periodclaim c LEFT JOIN bills_billissue i ON i.bill_id = c.bill_id
        WHERE c.subscription_id = ANY (%s) AND c.released_at IS NULL AND c.period && daterange(%s, %s)
        ORDER BY c.subscription_id, c.period
        """,
        [list(subscription_ids), month.start, month.end],
    )
    found: dict[int, list[Claim]] = defaultdict(list)
    for subscription_id, start, end, full_start, full_end, part, outcome, issued in rows:
        found[subscription_id].append(Claim(Period(start, end), Period(full_start, full_end), part, outcome, issued))
    return found


def evidence_in(subscription_ids: Sequence[int], month: Period) -> dict[tuple[int, str], dict[str, tuple[Period, ...]]]:
    """(subscription, class) -> device -> the days of the issued lines that name it."""
    rows = _rows(
        """
        SELECT l.subscription_id, l.device_class, l.start_on, l.end_on, l.device_ids
        FROM bills_billline l JOIN bills_billissue i ON i.bill_id = l.bill_id
        WHERE l.subscription_id = ANY (%s) AND l.device_ids IS NOT NULL AND l.start_on < %s AND l.end_on > %s
        ORDER BY l.id
        """,
        [list(subscription_ids), month.end, month.start],
    )
    days: dict[tuple[int, str], dict[str, tuple[Period, ...]]] = defaultdict(dict)
    for subscription_id, device_class, start, end, devices in rows:
        named, line = days[subscription_id, device_class], (Period(start, end),)
        for device in map(str, devices):
            named[device] = merge((*named[device], *line)) if device in named else line
    return days


def ledger_days(customer_ids: Sequence[int], month: Period) -> dict[int, dict[str, int]]:
    """Customer -> class -> device-days of the month, counted by the database alone."""
    rows = _rows(
        """
        SELECT p.customer_id, p.device_class, sum(upper(p.valid * m.days) - lower(p.valid * m.days))
        FROM inventory_presence p, daterange(%s, %s) AS m (days)
        WHERE p.customer_id = ANY (%s) AND upper_inf(p.recorded) AND NOT isempty(p.valid * m.days)
        GROUP BY 1, 2
        """,
        [month.start, month.end, list(customer_ids)],
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for customer_id, device_class, days in rows:
        found[customer_id][device_class] = int(days)
    return found


def usual_prices() -> dict[tuple[str, str], Decimal]:
    """(class, currency) -> the unit price in the plan that most customers have of those that price it."""
    plans = _rows(
        """
        SELECT p.id, p.currency FROM plans_plan p JOIN subscriptions_subscription s ON s.plan_id = p.id
        WHERE s.ends_on IS NULL GROUP BY 1, 2 ORDER BY count(*) DESC, p.id
        """,
        [],
    )
    versions = terms_of_plans(plan_id for plan_id, _ in plans)
    usual: dict[tuple[str, str], Decimal] = {}
    for plan_id, currency in plans:
        for device_class, price in (versions[plan_id][-1].prices if versions.get(plan_id) else {}).items():
            first = price.unit_price if price.tiers is None else price.tiers.steps[0].unit_price
            if first is not None:
                usual.setdefault((device_class, currency), first)
    return usual


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
    return rows
