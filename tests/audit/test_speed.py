"""Promise 19: the audit of five years takes less than a minute for 1,000 customers; measured with a fifth of them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from benchmarks.crowd import build_crowd
from quarterday.audit.queries import audit
from quarterday.bills.run import run_billing
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import BY

if TYPE_CHECKING:
    from tests.databases import Database

CUSTOMERS, DEVICES, MONTHS = 200, 5_000, 60
SECONDS = 60 * CUSTOMERS / 1_000
"""What 1,000 customers may take, for as many as there are here; all but the sorting grows with the rows."""

PDF_BYTES = 40_000

# As if everything had been printed, mailed and entered: files of a usual size whose bytes do not compress.
PRINTED = f"""
    INSERT INTO bills_billprint (bill_id, customer_id, content, sha256, printed_at)
    SELECT bill_id, customer_id, content, encode(sha256(content), 'hex'), issued_at
    FROM bills_billissue i, LATERAL (
        SELECT string_agg(sha256(convert_to(format('%s/%s', i.bill_id, n), 'UTF8')), ''::bytea) AS content
        FROM generate_series(1, {PDF_BYTES // 32}) AS n) AS pdf;
    INSERT INTO outbox_attachment (customer_id, message_id, filename, content_type, content, sha256)
    SELECT p.customer_id, m.message_id, 'bill.pdf', 'application/pdf', p.content, p.sha256
    FROM bills_billprint p JOIN bills_billmail m ON m.bill_id = p.bill_id;
    UPDATE outbox_message SET ready_at = created_at;
    UPDATE outbox_delivery d SET state = 'sent', sent_at = o.created_at, response = '250 Taken'
    FROM outbox_message o WHERE o.id = d.message_id;
    UPDATE customers_customer SET reminders = false;
    INSERT INTO shared_auditentry (at, actor_kind, actor_name, verb, subject_kind, subject_id, subject_name, details)
    SELECT created_at, 'command', 'crowd', 'added', 'customers.Customer', id, name, '{{}}'::jsonb
    FROM customers_customer
    UNION ALL
    SELECT created_at, 'command', 'crowd', 'associated', 'subscriptions.Subscription', id, '', '{{}}'::jsonb
    FROM subscriptions_subscription;
    """


@pytest.mark.prove
def test_five_years_are_audited_at_a_thousand_customers_a_minute(fresh_database: Database) -> None:
    with acting(Scope.all()):
        build_crowd(customers=CUSTOMERS, devices=DEVICES)
    first = 2026 * 12 + 4
    days = [datetime(month // 12, month % 12 + 1, 1, 7, tzinfo=UTC) for month in range(first, first + MONTHS)]
    for day in days:
        run_billing(at=day, by=BY)
    with acting(Scope.all()), connection.cursor() as cursor:
        cursor.execute(PRINTED)
        cursor.execute("SELECT count(*) FROM bills_billprint")
        assert cursor.fetchone() == (CUSTOMERS * MONTHS,)

    begun = time.perf_counter()
    kept = audit(now=days[-1])
    took = time.perf_counter() - begun

    print(f"{CUSTOMERS * MONTHS} bills of {CUSTOMERS} customers audited in {took:.1f} s")
    assert [breach for each in kept for breach in each.breaches] == []
    assert took < SECONDS
