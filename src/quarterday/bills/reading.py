"""The bill desk's reading: what `collect` needs of the other rooms' tables, one query each, for a chunk of customers.

Everything is read inside `acting(scope)`. Devices come grouped by class and days, because most devices of a customer
share them: 1,000 computers that were there all month are one row.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db import connection

from quarterday.bills.due import Claimed, SubscriptionCase
from quarterday.engine.facts import BilledPart, TaxComponent, TaxTreatment
from quarterday.engine.periods import Period

_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)

RECURRING = ("usage", "minimum", "flat_fee", "true_up", "catch_up", "credit")
"""The kinds of lines that charge for a period; an adjustment charges for none."""


def customers_with_subscriptions(customer_ids: Sequence[int] | None) -> list[int]:
    """The customers (of those named, or all) who have or had a plan, by id."""
    rows = _rows(
        "SELECT DISTINCT customer_id FROM subscriptions_subscription"
        " WHERE %s::bigint[] IS NULL OR customer_id = ANY (%s) ORDER BY 1",
        [None if customer_ids is None else list(customer_ids)] * 2,
    )
    return [customer_id for (customer_id,) in rows]


def subscription_cases(customer_ids: Sequence[int], *, latest: int) -> list[SubscriptionCase]:
    """The subscriptions of some customers with what is settled of them; two queries.

    `latest` is how many of the newest claims are given one by one.
    """
    rows = _rows(
        """
        SELECT s.id, s.customer_id, s.plan_id, p.name, p.currency, p.timing, p.counting, p.late_policy,
               s.starts_on, s.billed_from, s.ends_on, s.final_period, s.cycle_every, s.cycle_unit, s.billing_day,
               s.offset_days, s.due_days, s.emails, s.bill_separately, s.review_first_bill, s.po_number, s.continues_id
        FROM subscriptions_subscription s JOIN plans_plan p ON p.id = s.plan_id
        WHERE s.customer_id = ANY (%s) ORDER BY s.customer_id, s.id
        """,
        [list(customer_ids)],
    )
    cases = {row[0]: SubscriptionCase(*row) for row in rows}
    _add_claims(cases, latest)
    return list(cases.values())


def _add_claims(cases: Mapping[int, SubscriptionCase], latest: int) -> None:
    """Give each subscription its live claims: merged days, and the newest one by one."""
    rows = _rows(
        """
        WITH live AS (
            SELECT c.*, row_number() OVER (PARTITION BY c.subscription_id, c.part ORDER BY c.period DESC) AS age,
                   s.ends_on
            FROM bills_periodclaim c JOIN subscriptions_subscription s ON s.id = c.subscription_id
            WHERE c.subscription_id = ANY (%s) AND c.released_at IS NULL
        )
        SELECT subscription_id, part, lower(days), upper(days), NULL, NULL, outcome, NULL, NULL, NULL
        FROM (
            SELECT subscription_id, part, unnest(range_agg(period)) AS days,
                   CASE WHEN bool_or(outcome = 'billed') THEN 'billed' ELSE 'empty' END AS outcome
            FROM live GROUP BY 1, 2
        ) merged
        UNION ALL
        SELECT subscription_id, part, lower(period), upper(period), lower(full_period), upper(full_period), outcome,
               bill_id, known_at, age
        FROM live WHERE age <= %s OR upper(period) > ends_on
        ORDER BY 1, 2, 10 NULLS FIRST, 3
        """,
        [list(cases), latest],
    )
    for subscription_id, part, start, end, full_start, full_end, outcome, bill_id, known_at, age in rows:
        case, days = cases[subscription_id], Period(start, end)
        case.was_billed = case.was_billed or outcome == "billed"
        if age is None:
            case.claimed[part] = (*case.claimed.get(part, ()), days)
        else:
            case.latest.append(Claimed(days, Period(full_start, full_end), part, outcome, bill_id, known_at))


class Fleet(NamedTuple):
    """Devices of a customer that are of one class and share their days."""

    customer_id: int
    device_class: str
    days: Period
    device_ids: list[str]
    names: list[str]


def fleets(windows: Mapping[int, Period]) -> list[Fleet]:
    """The devices present in each customer's window, as known now, grouped by class and days within the window."""
    rows = _rows(
        """
        SELECT p.customer_id, p.device_class, greatest(lower(p.valid), w.starts), least(upper(p.valid), w.ends),
               string_agg(p.device_id::text, ','), json_agg(p.device_name)::text
        FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS w (customer_id, starts, ends)
        JOIN inventory_presence p
          ON p.customer_id = w.customer_id AND upper_inf(p.recorded) AND p.valid && daterange(w.starts, w.ends)
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """,
        [list(windows), [days.start for days in windows.values()], [days.end for days in windows.values()]],
    )
    # One text for all ids and one for all names: reading them as arrays takes three times as long.
    return [Fleet(row[0], row[1], Period(row[2], row[3]), row[4].split(","), json.loads(row[5])) for row in rows]


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


def adjustment_cases(customer_ids: Sequence[int]) -> list[AdjustmentCase]:
    """The charges and discounts of some customers that are not used up, in the order in which they were written."""
    rows = _rows(
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


class BilledPeriod(NamedTuple):
    """A period of a subscription, asked for what was charged for it."""

    subscription_id: int
    full: Period


def billed_parts(periods: Sequence[BilledPeriod]) -> dict[BilledPeriod, list[BilledPart]]:
    """What bills and drafts charged for some periods, and credit notes took back, in the order in which they did.

    A part names its bill by the digest of its content, which is the same in every process.
    """
    rows = _rows(
        """
        SELECT n.subscription_id, n.starts, n.ends, encode(coalesce(original.content_digest, b.content_digest), 'hex'),
               l.device_class, l.start_on, l.end_on, CASE b.kind WHEN 'invoice' THEN l.quantity ELSE -l.quantity END,
               l.unit, l.unit_price, l.per, l.fraction, l.tax_category, l.tax_rate, l.tax_reason, l.tax_components,
               l.tax_code
        FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS n (subscription_id, starts, ends)
        JOIN bills_billline l
          ON l.subscription_id = n.subscription_id AND l.start_on >= n.starts AND l.start_on < n.ends
        JOIN bills_bill b ON b.id = l.bill_id
        LEFT JOIN bills_bill original ON original.id = b.corrects_id
        LEFT JOIN bills_billdiscard d ON d.bill_id = b.id
        WHERE l.kind = ANY (%s) AND l.unit_price IS NOT NULL AND d.bill_id IS NULL
        ORDER BY l.id
        """,
        [
            [period.subscription_id for period in periods],
            [period.full.start for period in periods],
            [period.full.end for period in periods],
            list(RECURRING),
        ],
    )
    found: dict[BilledPeriod, list[BilledPart]] = {}
    for subscription_id, starts, ends, bill, device_class, start, end, *charge in rows:
        quantity, unit, unit_price, per, fraction, category, rate, reason, components, code = charge
        tax = None
        if category:
            parts = tuple(TaxComponent(name, Decimal(r)) for name, r in json.loads(components or "[]"))
            tax = TaxTreatment(category, rate, reason, parts, code)
        part = BilledPart(
            bill, device_class or None, Period(start, end), quantity, unit, unit_price, per, Fraction(fraction), tax
        )
        found.setdefault(BilledPeriod(subscription_id, Period(starts, ends)), []).append(part)
    return found


class LastTime(NamedTuple):
    """What a subscription's last bill charged: devices counted, net of its lines, and the days they were for."""

    devices: int
    net: Decimal
    days: int


def last_times(claims: Mapping[int, Claimed]) -> dict[int, LastTime]:
    """Subscription id -> what its last billed period came to, for comparison."""
    billed = {subscription: claim for subscription, claim in claims.items() if claim.bill_id is not None}
    rows = _rows(
        """
        SELECT n.subscription_id, counted.devices, charged.net
        FROM unnest(%s::bigint[], %s::bigint[]) AS n (subscription_id, bill_id)
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT device) AS devices FROM bills_billline l, unnest(l.device_ids) AS device
            WHERE l.bill_id = n.bill_id AND l.subscription_id = n.subscription_id AND l.kind = 'usage'
        ) AS counted
        CROSS JOIN LATERAL (
            SELECT sum(l.net) AS net FROM bills_billline l
            WHERE l.bill_id = n.bill_id AND l.subscription_id = n.subscription_id
              AND l.kind IN ('usage', 'minimum', 'flat_fee')
        ) AS charged
        WHERE charged.net IS NOT NULL
        """,
        [list(billed), [claim.bill_id for claim in billed.values()]],
    )
    return {
        subscription: LastTime(int(devices), net, billed[subscription].period.days)
        for subscription, devices, net in rows
    }


def oldest_feeds(customer_ids: Sequence[int]) -> dict[int, datetime]:
    """Customer id -> when the quietest source of its present devices last told us everything about it."""
    rows = _rows(
        """
        SELECT c.customer_id, min(c.complete_at) FROM inventory_synccoverage c
        WHERE c.customer_id = ANY (%s) AND EXISTS (
            SELECT FROM inventory_presence p JOIN inventory_device d ON d.id = p.device_id
            WHERE p.customer_id = c.customer_id AND d.source_id = c.source_id
              AND upper_inf(p.recorded) AND upper_inf(p.valid)
        ) GROUP BY 1
        """,
        [list(customer_ids)],
    )
    return dict(rows)


def ledger_stamp() -> datetime | None:
    """The last stamp of the presence ledger, to be read under its lock: nothing later is in what we read."""
    rows = _rows("SELECT last_at FROM inventory_ledgerclock", [])
    return rows[0][0] if rows else None


class Watched(NamedTuple):
    """Days of a customer that were billed, and the ledger's last stamp when they were."""

    customer_id: int
    days: Period
    known_at: datetime | None


def changed_since(watched: Sequence[Watched]) -> list[bool]:
    """For each: whether anything on its days was learned after its stamp, so that it would be counted otherwise now.

    A stay that only ends later than the days, or a device that was renamed, is no change.
    """
    if not watched:
        return []
    rows = _rows(
        """
        SELECT EXISTS (
            SELECT FROM (
                SELECT range_agg(p.valid * daterange(w.starts, w.ends)) FILTER (WHERE p.recorded @> w.known) AS before,
                       range_agg(p.valid * daterange(w.starts, w.ends)) FILTER (WHERE upper_inf(p.recorded)) AS now
                FROM inventory_presence p
                WHERE p.customer_id = w.customer_id AND p.valid && daterange(w.starts, w.ends)
                  AND (lower(p.recorded) > w.known OR upper(p.recorded) > w.known)
                GROUP BY p.device_id, p.device_class
            ) stays WHERE before IS DISTINCT FROM now
        ) OR EXISTS (
            SELECT FROM inventory_billingexception e
            WHERE e.customer_id = w.customer_id AND e.valid && daterange(w.starts, w.ends)
              AND (e.recorded_at > w.known) <> (e.withdrawn_at IS NOT NULL AND e.withdrawn_at > w.known)
        ) OR EXISTS (
            SELECT FROM inventory_replacement r
            WHERE r.customer_id = w.customer_id AND r.replaced_on < w.ends AND r.decided_at > w.known
        )
        FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::timestamptz[]) WITH ORDINALITY
          AS w (customer_id, starts, ends, known, place)
        ORDER BY w.place
        """,
        [
            [each.customer_id for each in watched],
            [each.days.start for each in watched],
            [each.days.end for each in watched],
            # Before the ledger's first stamp nothing was known.
            [each.known_at or _LONG_AGO for each in watched],
        ],
    )
    return [changed for (changed,) in rows]


class KnownLate(NamedTuple):
    """A late truth as it was left: what was decided, the difference, and the ledger's stamp when it was found."""

    decision: str
    difference: Decimal
    known_at: datetime | None


def late_truths(subscription_ids: Sequence[int]) -> dict[BilledPeriod, KnownLate]:
    """The newest late truth of each period of some subscriptions, open or decided."""
    rows = _rows(
        """
        SELECT DISTINCT ON (subscription_id, period)
               subscription_id, lower(period), upper(period), decision, difference, known_at
        FROM bills_latetruth WHERE subscription_id = ANY (%s) ORDER BY subscription_id, period, id DESC
        """,
        [list(subscription_ids)],
    )
    return {BilledPeriod(row[0], Period(row[1], row[2])): KnownLate(*row[3:]) for row in rows}


def parked(customer_ids: Sequence[int]) -> set[int]:
    """Those of the customers who are left out until somebody retries."""
    return {
        row[0]
        for row in _rows(
            "SELECT customer_id FROM bills_parking WHERE customer_id = ANY (%s) AND resolved_at IS NULL",
            [list(customer_ids)],
        )
    }


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
    return rows
