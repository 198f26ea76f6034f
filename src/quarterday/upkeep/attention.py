"""What needs a person today, counted across the rooms in one query; and how far an installation has been set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from quarterday.bills.guards import REVIEW, REVIEW_FIRST


@dataclass(frozen=True, slots=True)
class Attention:
    """How much of each kind waits for a person."""

    held_bills: int
    bills_to_review: int
    parked_customers: int
    late_truths: int
    proposals: int
    """Credit notes, write-offs and refunds that wait for a second person."""
    failed_mails: int
    unmapped_customers: int
    unmapped_devices: int
    held_syncs: int
    proposed_replacements: int
    ending_exceptions: int
    notice_days: int
    """Within how many days an exception ends that counts as ending."""
    newly_paused: int
    proven_at: datetime | None
    """When a backup was last restored by a drill and came back whole."""


@dataclass(frozen=True, slots=True)
class Foundations:
    """What an installation has of the things that a first bill needs, each told by its table."""

    has_provider: bool
    has_address: bool
    has_logo: bool
    has_mail_server: bool
    mail_works: bool
    customer_count: int
    device_count: int
    unmapped_customers: int
    plan_count: int
    subscription_count: int
    bill_count: int

    @property
    def is_ready_to_bill(self) -> bool:
        """Whether all is there that a dry run needs."""
        return self.has_provider and bool(self.customer_count and self.plan_count and self.subscription_count)


def attention(*, today: date) -> Attention:
    """Count all of it; one query. Only staff may ask. A held bill that is also to be reviewed counts as held.

    Of exceptions those count that end soon, of paused devices those of the last seven days.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH waiting AS (
                SELECT h.bill_id, bool_or(h.code <> ALL (%s)) AS is_held FROM bills_billhold h
                WHERE NOT EXISTS (SELECT FROM bills_billissue i WHERE i.bill_id = h.bill_id)
                  AND NOT EXISTS (SELECT FROM bills_billdiscard d WHERE d.bill_id = h.bill_id)
                GROUP BY 1
            ), unmapped AS (
                SELECT count(*) AS customers, coalesce(sum(device_count), 0) AS devices
                FROM inventory_customermapping WHERE customer_id IS NULL AND NOT ignored
            ), notice AS (
                SELECT coalesce((SELECT exception_notice_days FROM provider_provider), 0)::integer AS days
            )
            SELECT (SELECT count(*) FROM waiting WHERE is_held),
                   (SELECT count(*) FROM waiting WHERE NOT is_held),
                   (SELECT count(*) FROM bills_parking WHERE resolved_at IS NULL),
                   (SELECT count(*) FROM bills_latetruth WHERE decision = 'asked'),
                   (SELECT count(*) FROM payments_proposal p WHERE state = 'waiting' AND (kind <> 'waive' OR NOT (
                        EXISTS (SELECT FROM bills_billissue i WHERE i.bill_id = p.bill_id)
                        OR EXISTS (SELECT FROM bills_billdiscard d WHERE d.bill_id = p.bill_id)))),
                   (SELECT count(*) FROM outbox_delivery WHERE state IN ('failed', 'unclear')),
                   u.customers, u.devices,
                   (SELECT count(*) FROM inventory_syncrun WHERE state = 'held'),
                   (SELECT count(*) FROM inventory_replacement WHERE state = 'proposed'),
                   (SELECT count(*) FROM inventory_billingexception
                    WHERE withdrawn_at IS NULL AND upper(valid) > %s AND upper(valid) <= %s::date + n.days),
                   n.days,
                   (SELECT count(DISTINCT device_id) FROM subscriptions_pause
                    WHERE withdrawn_at IS NULL AND upper_inf(valid) AND lower(valid) > %s),
                   (SELECT max(drilled_at) FROM upkeep_drill WHERE problems = '[]')
            FROM unmapped u, notice n
            """,
            [[REVIEW, REVIEW_FIRST], today, today, today - timedelta(days=7)],
        )
        return Attention(*cursor.fetchone())


def foundations() -> Foundations:
    """Look at each; one query. Only staff may ask. Counts stop at 1,000: more than none is what matters."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce((SELECT true FROM provider_provider), false),
                   coalesce((SELECT city <> '' AND street <> '' FROM provider_provider), false),
                   coalesce((SELECT logo IS NOT NULL FROM provider_provider), false),
                   coalesce((SELECT true FROM outbox_mailserver), false),
                   coalesce((SELECT tested_at IS NOT NULL FROM outbox_mailserver), false),
                   (SELECT count(*) FROM (SELECT FROM customers_customer WHERE archived_on IS NULL LIMIT 1000) AS few),
                   (SELECT count(*) FROM (SELECT FROM inventory_device LIMIT 1000) AS few),
                   (SELECT count(*) FROM inventory_customermapping
                    WHERE customer_id IS NULL AND NOT ignored),
                   (SELECT count(*) FROM (SELECT FROM plans_plan LIMIT 1000) AS few),
                   (SELECT count(*) FROM (SELECT FROM subscriptions_subscription LIMIT 1000) AS few),
                   (SELECT count(*) FROM (SELECT FROM bills_bill LIMIT 1000) AS few)
            """
        )
        return Foundations(*cursor.fetchone())
