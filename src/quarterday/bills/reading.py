"""The bill desk's reading: what `collect` needs of the other rooms' tables, one query each, for a chunk of customers.

Everything is read inside `acting(scope)`. Devices come grouped by class and days, because most devices of a customer
share them: 1,000 computers that were there all month are one row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db import connection

from quarterday.bills.due import Claimed, SubscriptionCase
from quarterday.engine.facts import BilledPart, TaxComponent, TaxTreatment
from quarterday.engine.periods import OPEN_END, Period

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
        SELECT subscription_id, part, lower(days), upper(days), NULL, NULL, outcome, NULL, NULL, NULL, NULL
        FROM (
            SELECT subscription_id, part, unnest(range_agg(period)) AS days,
                   CASE WHEN bool_or(outcome = 'billed') THEN 'billed' ELSE 'empty' END AS outcome
            FROM live GROUP BY 1, 2
        ) merged
        UNION ALL
        SELECT subscription_id, part, lower(period), upper(period), lower(full_period), upper(full_period), outcome,
               bill_id, known_at, id, age
        FROM live WHERE age <= %s OR upper(period) > ends_on
        ORDER BY 1, 2, 11 NULLS FIRST, 3
        """,
        [list(cases), latest],
    )
    for subscription_id, part, start, end, full_start, full_end, outcome, bill_id, known_at, claim_id, age in rows:
        case, days = cases[subscription_id], Period(start, end)
        case.was_billed = case.was_billed or outcome == "billed"
        if age is not None:
            full = Period(full_start, full_end)
            case.latest.append(Claimed(days, full, part, outcome, bill_id, known_at, claim_id))
        elif part == "period":
            case.claimed = (*case.claimed, days)
        else:
            case.settled = (*case.settled, days)


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
        SELECT customer_id, device_class, starts, ends,
               array_agg(device ORDER BY device), array_agg(name ORDER BY device)
        FROM (
            SELECT p.customer_id, p.device_class, p.device_id::text COLLATE "C" AS device, p.device_name AS name,
                   greatest(lower(p.valid), w.starts) AS starts, least(upper(p.valid), w.ends) AS ends
            FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS w (customer_id, starts, ends)
            JOIN inventory_presence p
              ON p.customer_id = w.customer_id AND upper_inf(p.recorded) AND p.valid && daterange(w.starts, w.ends)
        ) present
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """,
        [list(windows), [days.start for days in windows.values()], [days.end for days in windows.values()]],
    )
    return [Fleet(row[0], row[1], Period(row[2], row[3]), row[4], row[5]) for row in rows]


class Exempt(NamedTuple):
    """Days on which a customer's device is not charged."""

    customer_id: int
    device_id: str
    days: Period


def exceptions(customer_ids: Sequence[int]) -> list[Exempt]:
    """The exceptions that hold for the devices of some customers."""
    rows = _rows(
        """
        SELECT customer_id, device_id, lower(valid), upper(valid) FROM inventory_billingexception
        WHERE customer_id = ANY (%s) AND withdrawn_at IS NULL ORDER BY customer_id, device_id, lower(valid)
        """,
        [list(customer_ids)],
    )
    return [
        Exempt(customer_id, str(device), Period(start, end or OPEN_END)) for customer_id, device, start, end in rows
    ]


def replacements(customer_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Customer id -> old device -> the device that took its place."""
    rows = _rows(
        """
        SELECT customer_id, old_device_id, new_device_id FROM inventory_replacement
        WHERE customer_id = ANY (%s) AND state = 'confirmed' ORDER BY customer_id, replaced_on, id
        """,
        [list(customer_ids)],
    )
    found: dict[int, dict[str, str]] = {}
    for customer_id, old, new in rows:
        found.setdefault(customer_id, {})[str(old)] = str(new)
    return found


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


def adjustment_cases(customer_ids: Sequence[int]) -> list[AdjustmentCase]:
    """The charges and discounts of some customers that are not used up, in the order in which they were written."""
    rows = _rows(
        """
        SELECT a.id, a.customer_id, a.subscription_id, a.text, a.currency, a.amount, a.percent, a.quantity,
               a.unit_price, a.tax_code, a.starts_on, a.until, a.times,
               coalesce(u.used, 0), coalesce(u.uses, 0), coalesce(u.rest, 0)
        FROM subscriptions_adjustment a
        LEFT JOIN LATERAL (
            SELECT count(occurrence) AS used, max(position) AS uses, (array_agg(rest ORDER BY position DESC))[1] AS rest
            FROM bills_adjustmentuse WHERE adjustment_id = a.id AND released_at IS NULL
        ) u ON true
        WHERE a.customer_id = ANY (%s)
          AND (coalesce(u.rest, 0) < 0
               OR a.cancelled_at IS NULL AND (a.times IS NULL OR coalesce(u.used, 0) < a.times))
        ORDER BY a.customer_id, a.id
        """,
        [list(customer_ids)],
    )
    return [AdjustmentCase(*row) for row in rows]


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
        SELECT n.subscription_id,
               coalesce(sum(cardinality(l.device_ids)) FILTER (WHERE l.kind = 'usage'), 0), sum(l.net)
        FROM unnest(%s::bigint[], %s::bigint[]) AS n (subscription_id, bill_id)
        JOIN bills_billline l ON l.bill_id = n.bill_id AND l.subscription_id = n.subscription_id
        WHERE l.kind IN ('usage', 'minimum', 'flat_fee') GROUP BY 1
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
