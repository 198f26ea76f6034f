"""What was billed before: for a period, the last time, learned late; and who is parked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from quarterday.bills.due import Claimed
from quarterday.bills.reading.rows import rows_of
from quarterday.engine.facts import FIRST_CHARGES, PERIOD_CHARGES, BilledPart, TaxComponent, TaxTreatment
from quarterday.engine.periods import Period
from quarterday.shared.asking import Asking, Statement, question


class BilledPeriod(NamedTuple):
    """A period of a subscription, asked for what was charged for it."""

    subscription_id: int
    full: Period


@question
def billed_parts(
    periods: Sequence[BilledPeriod], *, instead_of: int | None = None
) -> Asking[dict[BilledPeriod, list[BilledPart]]]:
    """What bills and drafts charged for some periods, and credit notes took back, in the order in which they did.

    A draft (by id) that another is made `instead_of` charged nothing.

    A part names its bill by the digest of its content, which is the same in every process. What a person credited is
    goodwill while the bill that it corrects stands, which still settles its periods; that of one whose periods are
    billed again simply cancels it.
    """
    rows = yield Statement(
        """
        SELECT n.subscription_id, n.starts, n.ends, encode(coalesce(original.content_digest, b.content_digest), 'hex'),
               l.device_class, l.start_on, l.end_on, CASE b.kind WHEN 'invoice' THEN l.quantity ELSE -l.quantity END,
               l.unit, l.unit_price, l.per, l.fraction, l.tax_category, l.tax_rate, l.tax_reason, l.tax_components,
               l.tax_code,
               l.corrects_line_id IS NOT NULL AND (
                   EXISTS (SELECT FROM bills_periodclaim c WHERE c.bill_id = b.corrects_id AND c.released_at IS NULL)
                   OR EXISTS (SELECT FROM bills_latetruth t WHERE t.bill_id = b.corrects_id AND t.decision = 'billed'))
        FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS n (subscription_id, starts, ends)
        JOIN bills_billline l
          ON l.subscription_id = n.subscription_id AND l.start_on >= n.starts AND l.start_on < n.ends
        JOIN bills_bill b ON b.id = l.bill_id
        LEFT JOIN bills_bill original ON original.id = b.corrects_id
        LEFT JOIN bills_billdiscard d ON d.bill_id = b.id
        WHERE l.kind = ANY (%s) AND l.unit_price IS NOT NULL AND d.bill_id IS NULL
          AND b.id IS DISTINCT FROM %s
        ORDER BY l.id
        """,
        [
            [period.subscription_id for period in periods],
            [period.full.start for period in periods],
            [period.full.end for period in periods],
            list(PERIOD_CHARGES),
            instead_of,
        ],
    )
    found: dict[BilledPeriod, list[BilledPart]] = {}
    for subscription_id, starts, ends, bill, device_class, start, end, *charge in rows:
        quantity, unit, unit_price, per, fraction, category, rate, reason, components, code, goodwill = charge
        tax = None
        if category:
            parts = tuple(TaxComponent(name, Decimal(r)) for name, r in json.loads(components or "[]"))
            tax = TaxTreatment(category, rate, reason, parts, code)
        part = BilledPart(
            *(bill, device_class or None, Period(start, end), quantity, unit, unit_price, per, Fraction(fraction), tax),
            is_goodwill=goodwill,
        )
        found.setdefault(BilledPeriod(subscription_id, Period(starts, ends)), []).append(part)
    return found


def billed_nets(periods: Sequence[BilledPeriod]) -> dict[BilledPeriod, Decimal]:
    """The net that issued bills charged for some periods, less what was credited; periods with none are left out."""
    rows = rows_of(
        """
        SELECT n.subscription_id, n.starts, n.ends, sum(CASE b.kind WHEN 'invoice' THEN l.net ELSE -l.net END)
        FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS n (subscription_id, starts, ends)
        JOIN bills_billline l
          ON l.subscription_id = n.subscription_id AND l.start_on >= n.starts AND l.start_on < n.ends
        JOIN bills_bill b ON b.id = l.bill_id
        JOIN bills_billissue i ON i.bill_id = b.id
        WHERE l.kind = ANY (%s) GROUP BY 1, 2, 3
        """,
        [
            [period.subscription_id for period in periods],
            [period.full.start for period in periods],
            [period.full.end for period in periods],
            list(PERIOD_CHARGES),
        ],
    )
    return {BilledPeriod(row[0], Period(row[1], row[2])): row[3] for row in rows}


class LastTime(NamedTuple):
    """What a subscription's last bill charged: devices counted, net of its lines, and the days they were for."""

    devices: int
    net: Decimal
    days: int


@question
def last_times(claims: Mapping[int, Claimed]) -> Asking[dict[int, LastTime]]:
    """Subscription id -> what its last billed period came to, for comparison."""
    billed = {subscription: claim for subscription, claim in claims.items() if claim.bill_id is not None}
    rows = yield Statement(
        """
        SELECT n.subscription_id, counted.devices, charged.net
        FROM unnest(%s::bigint[], %s::bigint[]) AS n (subscription_id, bill_id)
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT device) AS devices FROM bills_billline l, unnest(l.device_ids) AS device
            WHERE l.bill_id = n.bill_id AND l.subscription_id = n.subscription_id AND l.kind = 'usage'
        ) AS counted
        CROSS JOIN LATERAL (
            SELECT sum(CASE b.kind WHEN 'invoice' THEN l.net ELSE -l.net END) AS net
            FROM bills_billline l JOIN bills_bill b ON b.id = l.bill_id
            WHERE l.bill_id = n.bill_id AND l.subscription_id = n.subscription_id AND l.kind = ANY (%s)
        ) AS charged
        WHERE charged.net IS NOT NULL
        """,
        [list(billed), [claim.bill_id for claim in billed.values()], list(FIRST_CHARGES)],
    )
    return {
        subscription: LastTime(int(devices), net, billed[subscription].period.days)
        for subscription, devices, net in rows
    }


class KnownLate(NamedTuple):
    """A late truth as it was left: what was decided, the difference, and the ledger's stamp when it was found."""

    decision: str
    difference: Decimal
    known_at: datetime | None


def late_truths(subscription_ids: Sequence[int]) -> dict[BilledPeriod, KnownLate]:
    """The newest late truth of each period of some subscriptions, open or decided."""
    rows = rows_of(
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
        for row in rows_of(
            "SELECT customer_id FROM bills_parking WHERE customer_id = ANY (%s) AND resolved_at IS NULL",
            [list(customer_ids)],
        )
    }
