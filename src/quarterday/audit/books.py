"""Amounts add up, accounts balance, and each day of a subscription is settled once and not before it is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection

from quarterday.audit.promise import Broken, asked, by
from quarterday.customers.models import Customer
from quarterday.customers.queries import zone_histories
from quarterday.engine.money import UnknownCurrency, digits_of, round_half_up
from quarterday.engine.periods import local_date

_DAY = timedelta(days=1)

sums = by(
    """
    SELECT b.customer_id, format('bill %s', b.id),
           format('net %s, tax %s, total %s; its lines add up to %s, its taxes to %s',
                  b.net, b.tax, b.total, coalesce(l.net, 0), coalesce(t.tax, 0))
    FROM bills_bill b
    LEFT JOIN (SELECT bill_id, sum(net) AS net FROM bills_billline GROUP BY 1) l ON l.bill_id = b.id
    LEFT JOIN (SELECT bill_id, sum(amount) AS tax FROM bills_billtax GROUP BY 1) t ON t.bill_id = b.id
    WHERE (b.net, b.tax, b.total) IS DISTINCT FROM (coalesce(l.net, 0), coalesce(t.tax, 0), b.net + b.tax)
    """,
    """
    SELECT customer_id, format('bill %s', bill_id),
           format('tax of category %s at %s %% is on %s, its lines add up to %s', category, rate, base, net)
    FROM (
        SELECT min(customer_id) AS customer_id, bill_id, category, rate, sum(base) AS base, sum(net) AS net FROM (
            SELECT customer_id, bill_id, category, rate, base, 0 AS net FROM bills_billtax
            UNION ALL
            SELECT customer_id, bill_id, tax_category, tax_rate, 0, net FROM bills_billline WHERE tax_category <> ''
        ) AS said GROUP BY 2, 3, 4
    ) AS groups WHERE base <> net
    """,
    """
    SELECT b.customer_id, format('bill %s', b.id),
           format('%s was credited by hand of a total of %s', c.credited, b.total)
    FROM bills_bill b
    JOIN (
        SELECT n.corrects_id, sum(n.total) AS credited FROM bills_bill n
        WHERE n.facts_digest IS NULL AND n.kind = 'credit_note' GROUP BY 1
    ) c ON c.corrects_id = b.id
    WHERE c.credited > b.total
    """,
)
"""Lines + tax = total; each tax stands on the sum of its lines; no bill is credited by more than it was."""


_MOVED = """
    SELECT b.customer_id, b.currency, CASE b.kind WHEN 'invoice' THEN b.total ELSE -b.total END AS amount
    FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
    UNION ALL
    SELECT customer_id, currency, -amount FROM payments_payment WHERE withdrawn_at IS NULL
    UNION ALL
    SELECT r.customer_id, p.currency, r.amount FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
    UNION ALL
    SELECT w.customer_id, b.currency, -w.amount FROM payments_writeoff w JOIN bills_bill b ON b.id = w.bill_id
    WHERE w.undone_at IS NULL
    """

_LEFT_OPEN = """
    SELECT b.customer_id, b.currency, b.total - coalesce(a.used, 0) AS amount
    FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
    LEFT JOIN (SELECT bill_id, sum(amount) AS used FROM live GROUP BY 1) a ON a.bill_id = b.id
    WHERE b.kind = 'invoice'
    UNION ALL
    SELECT b.customer_id, b.currency, coalesce(a.used, 0) - b.total
    FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
    LEFT JOIN (SELECT credit_note_id, sum(amount) AS used FROM live GROUP BY 1) a ON a.credit_note_id = b.id
    WHERE b.kind = 'credit_note'
    UNION ALL
    SELECT p.customer_id, p.currency, coalesce(a.used, 0) + coalesce(r.given_back, 0) - p.amount
    FROM payments_payment p
    LEFT JOIN (SELECT payment_id, sum(amount) AS used FROM live GROUP BY 1) a ON a.payment_id = p.id
    LEFT JOIN (SELECT payment_id, sum(amount) AS given_back FROM payments_refund GROUP BY 1) r ON r.payment_id = p.id
    WHERE p.withdrawn_at IS NULL
    """

balances = by(
    f"""
    WITH live AS (SELECT * FROM payments_allocation WHERE undone_at IS NULL)
    SELECT customer_id, format('account of customer %s in %s', customer_id, currency),
           format('bills - credits - payments + refunds - write-offs = %s, but %s is left open',
                  sum(moved), sum(left_open))
    FROM (
        SELECT customer_id, currency, amount AS moved, 0 AS left_open FROM ({_MOVED}) AS moved
        UNION ALL
        SELECT customer_id, currency, 0, amount FROM ({_LEFT_OPEN}) AS open
    ) AS account GROUP BY customer_id, currency HAVING sum(moved) <> sum(left_open)
    """,  # noqa: S608  # made of the two statements above
    """
    SELECT b.customer_id, format('bill %s', b.id), format('%s was used of a total of %s', sum(a.amount), b.total)
    FROM payments_allocation a JOIN bills_bill b ON b.id IN (a.bill_id, a.credit_note_id)
    WHERE a.undone_at IS NULL GROUP BY b.id HAVING sum(a.amount) > b.total
    """,
    """
    SELECT p.customer_id, format('payment %s', p.id),
           format('%s of %s %s was used and %s given back%s', coalesce(a.used, 0), p.amount, p.currency,
                  coalesce(r.given_back, 0), CASE WHEN p.withdrawn_at IS NULL THEN '' ELSE ', and it was withdrawn' END)
    FROM payments_payment p
    LEFT JOIN (
        SELECT payment_id, sum(amount) AS used FROM payments_allocation WHERE undone_at IS NULL GROUP BY 1
    ) a ON a.payment_id = p.id
    LEFT JOIN (SELECT payment_id, sum(amount) AS given_back FROM payments_refund GROUP BY 1) r ON r.payment_id = p.id
    WHERE coalesce(a.used, 0) + coalesce(r.given_back, 0) > CASE WHEN p.withdrawn_at IS NULL THEN p.amount ELSE 0 END
    """,
    """
    SELECT w.customer_id, format('write-off %s', w.id),
           format('%s was written off%s, and it settles %s', w.amount,
                  CASE WHEN w.undone_at IS NULL THEN '' ELSE ' and taken back' END, coalesce(a.used, 0))
    FROM payments_writeoff w
    LEFT JOIN (
        SELECT write_off_id, sum(amount) AS used FROM payments_allocation WHERE undone_at IS NULL GROUP BY 1
    ) a ON a.write_off_id = w.id
    WHERE coalesce(a.used, 0) <> CASE WHEN w.undone_at IS NULL THEN w.amount ELSE 0 END
    """,
)
"""What is open of bills, notes and payments is the account's balance, and nothing is used twice."""


_OVERLAPPING = """
    SELECT customer_id, format('claim %s', id),
           format('subscription %s: %s is settled as %s although the days before %s are settled already',
                  subscription_id, period, part, before)
    FROM (
        SELECT *, max(upper(period)) OVER (
            PARTITION BY subscription_id, part ORDER BY lower(period), id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
        FROM bills_periodclaim WHERE released_at IS NULL
    ) AS live WHERE lower(period) < before
    """

_GAPS = """
    SELECT customer_id, format('claim %s', id),
           format('subscription %s: nothing was ever settled from %s to %s', subscription_id, since, lower(period))
    FROM (
        SELECT c.*, greatest(s.billed_from, max(upper(c.period)) OVER (
            PARTITION BY c.subscription_id ORDER BY lower(c.period), c.id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS since
        FROM bills_periodclaim c JOIN subscriptions_subscription s ON s.id = c.subscription_id
        WHERE c.released_at IS NULL AND c.part = 'period'
    ) AS live
    WHERE lower(period) > since AND NOT coalesce((
        SELECT range_agg(r.period) @> daterange(live.since, lower(live.period)) FROM bills_periodclaim r
        WHERE r.subscription_id = live.subscription_id AND r.part = 'period' AND r.released_at IS NOT NULL), false)
    """

_BEFORE_THE_START = """
    SELECT c.customer_id, format('claim %s', c.id),
           format('subscription %s: %s is settled, but charging begins on %s', s.id, c.period, s.billed_from)
    FROM bills_periodclaim c JOIN subscriptions_subscription s ON s.id = c.subscription_id
    WHERE c.released_at IS NULL AND lower(c.period) < s.billed_from
    """

_CLAIMED = """
    SELECT c.customer_id, c.id, s.id, c.claimed_at, lower(c.full_period), s.offset_days + CASE
               WHEN c.part = 'settlement' OR p.timing = 'arrears' THEN upper(c.period)
               ELSE greatest(lower(c.full_period), s.billed_from) END
    FROM bills_periodclaim c
    JOIN subscriptions_subscription s ON s.id = c.subscription_id
    JOIN plans_plan p ON p.id = s.plan_id
    WHERE c.part IN ('period', 'settlement') AND c.outcome <> 'waived'
    """


def periods(now: datetime) -> Iterator[Broken]:
    """The settled periods of a subscription are disjoint and without gaps, and none was settled before it was due.

    A gap that was settled once and let go again is due, not lost. When something was settled is kept as an instant, and
    read by the clock's rules as they are now: rules that arrive afterwards and reach back (operations.md) can name what
    was in time by the old ones.
    """
    for statement in (_OVERLAPPING, _GAPS, _BEFORE_THE_START):
        yield from asked(statement)
    zones = zone_histories(Customer.objects.all())
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMED)
        for customer_id, claim, subscription, claimed_at, full_start, due_on in cursor.fetchall():
            if customer_id not in zones:
                continue  # a row of nobody breaks another promise
            # Nobody's date is a day ahead of UTC's, so most claims need no time zone to be in time.
            if claimed_at.date() - _DAY >= due_on:
                continue
            settled_on = local_date(claimed_at, zones[customer_id].on(full_start))
            if settled_on < due_on:
                words = f"subscription {subscription}: settled on {settled_on}, due on {due_on}"
                yield Broken(customer_id, f"claim {claim}", words)


_AMOUNTS = """
    SELECT b.customer_id, 'bill', b.id, b.currency, a.amount
    FROM bills_bill b, unnest(ARRAY[b.net, b.tax, b.total]) AS a (amount)
    WHERE a.amount <> round(a.amount, 2) OR b.currency <> ALL (%(usual)s)
    UNION ALL
    SELECT l.customer_id, 'bill', l.bill_id, b.currency, l.net
    FROM bills_billline l JOIN bills_bill b ON b.id = l.bill_id
    WHERE l.net <> round(l.net, 2) OR b.currency <> ALL (%(usual)s)
    UNION ALL
    SELECT customer_id, 'payment', id, currency, amount FROM payments_payment
    WHERE amount <> round(amount, 2) OR currency <> ALL (%(usual)s)
    UNION ALL
    SELECT customer_id, 'late truth', id, currency, difference FROM bills_latetruth
    WHERE difference <> round(difference, 2) OR currency <> ALL (%(usual)s)
    UNION ALL
    SELECT customer_id, 'charge', id, currency, NULL FROM subscriptions_adjustment WHERE currency <> ALL (%(usual)s)
    UNION ALL
    SELECT NULL, 'plan', id, currency, NULL FROM plans_plan WHERE currency <> ALL (%(usual)s)
    UNION ALL
    SELECT id, 'customer', id, currency, NULL FROM customers_customer WHERE currency <> ALL (%(usual)s)
    """

_USUAL = ["EUR", "USD", "GBP", "CHF", "CAD", "AUD"]
"""Currencies of two decimals: their rows need no closer look, which leaves few."""


def currencies(now: datetime) -> Iterator[Broken]:
    """Every amount has a currency that there is, and no more decimals than that currency."""
    with connection.cursor() as cursor:
        cursor.execute(_AMOUNTS, {"usual": _USUAL})
        for customer_id, kind, row, currency, amount in cursor.fetchall():
            try:
                digits = digits_of(currency)
            except UnknownCurrency:
                yield Broken(customer_id, f"{kind} {row}", f"{currency!r} is no currency")
                continue
            if amount is not None and amount != round_half_up(amount, digits):
                words = f"{amount} has more than the {digits} decimals of {currency}"
                yield Broken(customer_id, f"{kind} {row}", words)
