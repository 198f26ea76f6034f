"""An MSP of any size, made by set-based SQL in seconds: customers, one plan, devices with lognormal fleet sizes.

The same numbers give the same MSP. Call `build_crowd` inside `acting(Scope.all())`; also the race test uses it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection

from quarterday.plans.actions import create_plan
from quarterday.plans.models import Plan
from quarterday.provider.actions import install_defaults
from quarterday.shared.scope import Actor

NOW = datetime(2026, 3, 1, tzinfo=UTC)
START = date(2026, 4, 1)
BY = Actor("command", "benchmark")


@dataclass(frozen=True, slots=True)
class Crowd:
    """How large the MSP came out."""

    customers: int
    devices: int


def build_crowd(*, customers: int, devices: int, first: int = 1, start: date = START) -> Crowd:
    """So many customers in Berlin with so many devices in all, billed monthly from `start` on without a review."""
    sizes = fleet_sizes(customers, devices)
    plan = _plan(start)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO customers_customer (number, name, street, postal_code, city, region, country, time_zone,
                currency, language, tax_status, tax_number, vat_id, emails, po_number, buyer_reference, ledger_account,
                review_bills, direct_debit, reminders, notes, created_at)
            SELECT 'K-' || i, 'Customer ' || i || ' GmbH', 'Hauptstraße ' || i, '10115', 'Berlin', '', 'DE',
                'Europe/Berlin', 'EUR', 'de', 'standard', '', 'DE' || (100000000 + i),
                ARRAY['accounts@customer' || i || '.example'], '', '', '', false, false, true, '', %s
            FROM generate_series(%s, %s) AS i
            """,
            [NOW, first, first + customers - 1],
        )
        cursor.execute(
            """
            INSERT INTO subscriptions_subscription (customer_id, plan_id, starts_on, billed_from, final_period,
                cycle_every, cycle_unit, offset_days, due_days, emails, bill_separately, review_first_bill, po_number,
                created_at)
            SELECT c.id, %s, %s, %s, 'prorated', 1, 'month', 0, 14, c.emails, false, false, '', %s
            FROM customers_customer c WHERE c.number = ANY (%s)
            """,
            [plan, start, start, NOW, _numbers(customers, first)],
        )
        _add_devices(cursor, sizes, first, start)
    return Crowd(customers, sum(sizes))


def settle_bills(*, on: date) -> None:
    """What an MSP's customers paid by a day, at once: of 100 bills 96 in whole two weeks after issue, 2 in part, 2 not.

    Of the bills issued in the last four weeks half are paid.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_payment (customer_id, currency, amount, received_on, method, reference, recorded_at,
                recorded_by, withdrawn_because)
            SELECT b.customer_id, b.currency, CASE WHEN chance IN (2, 3) THEN round(b.total / 2, 2) ELSE b.total END,
                i.issued_on + 14, 'transfer', i.number, i.issued_at + interval '14 days', %(by)s, ''
            FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id,
                LATERAL (SELECT abs(hashint8(b.id) %% 100) AS chance) AS drawn
            WHERE b.kind = 'invoice' AND b.total > 0
              AND chance >= CASE WHEN i.issued_on > %(on)s::date - 28 THEN 50 ELSE 2 END
            """,
            {"by": str(BY), "on": on},
        )
        cursor.execute(
            """
            INSERT INTO payments_allocation (customer_id, bill_id, payment_id, amount, allocated_on, recorded_at)
            SELECT p.customer_id, i.bill_id, p.id, p.amount, p.received_on, p.recorded_at
            FROM payments_payment p JOIN bills_billissue i ON i.number = p.reference
            """
        )


def fleet_sizes(customers: int, devices: int) -> list[int]:
    """Lognormal sizes that add up to `devices`: many small customers, a few large ones, none without a device."""
    draw = random.Random(20_260_401)
    weights = [draw.lognormvariate(0, 1) for _ in range(customers)]
    scale = (devices - customers) / sum(weights)
    sizes = [1 + int(weight * scale) for weight in weights]
    for i in range(devices - sum(sizes)):
        sizes[i % customers] += 1
    return sizes


def _plan(start: date) -> int:
    """The one plan of all customers, with the provider that offers it; made by the first crowd."""
    name = f"Gold {start}"
    known = Plan.objects.filter(name=name).first()
    if known is not None:
        return known.pk
    install_defaults(country="DE", name="Benchmark MSP", vat_id="DE136695976", by=BY, now=NOW)
    prices = {
        "computer": {"unit_price": "30.00"},
        "server": {"tiers": {"mode": "graduated", "steps": [[10, "90.00"], [None, "80.00"]]}},
        "mobile": {"unit_price": "9.50"},
    }
    plan = create_plan(name=name, currency="EUR", effective_on=start, prices=prices, flat_fee="25.00", by=BY, now=NOW)
    return plan.pk


def _add_devices(cursor: object, sizes: list[int], first: int, start: date) -> None:
    """Seven of ten devices are computers, two servers, one a mobile; one in twenty came in the middle of the month."""
    execute = cursor.execute  # type: ignore[attr-defined]
    execute(
        "INSERT INTO inventory_source (name, kind, settings, created_at) VALUES (%s, 'csv', '{}', %s) RETURNING id",
        [f"RMM {first}", NOW],
    )
    [(source,)] = cursor.fetchall()  # type: ignore[attr-defined]
    execute(
        """
        INSERT INTO inventory_ledgerclock (id, last_at) VALUES (1, %s)
        ON CONFLICT (id) DO UPDATE SET last_at = greatest(inventory_ledgerclock.last_at, excluded.last_at)
        """,
        [NOW],
    )
    execute(
        """
        WITH made AS (
            INSERT INTO inventory_device (customer_id, source_id, external_id, name, serial, device_class, class_set_by,
                customer_set_by, first_seen_at, evidence)
            SELECT c.id, %(source)s, c.number || '/' || i, 'WS-' || c.id || '-' || lpad(i::text, 4, '0'), '',
                CASE WHEN i %% 10 < 7 THEN 'computer' WHEN i %% 10 < 9 THEN 'server' ELSE 'mobile' END, '', '',
                %(now)s, '{}'
            FROM unnest(%(numbers)s::text[], %(sizes)s::int[]) AS fleet (number, size)
            JOIN customers_customer c ON c.number = fleet.number, generate_series(1, fleet.size) AS i
            RETURNING id, customer_id, name, device_class
        )
        INSERT INTO inventory_presence (device_id, customer_id, device_name, device_class, valid, recorded, why)
        SELECT id, customer_id, name, device_class,
            daterange(CASE WHEN id %% 20 = 0 THEN %(start)s::date + 9 ELSE %(start)s::date END, NULL),
            tstzrange(%(now)s, NULL), 'benchmark'
        FROM made
        """,
        {"source": source, "now": NOW, "start": start, "numbers": _numbers(len(sizes), first), "sizes": sizes},
    )
    execute("ANALYZE customers_customer, subscriptions_subscription, inventory_device, inventory_presence")


def _numbers(customers: int, first: int) -> list[str]:
    return [f"K-{i}" for i in range(first, first + customers)]
