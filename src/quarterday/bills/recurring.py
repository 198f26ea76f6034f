"""What subscriptions bring in, with the devices of today: a whole period by the engine's prices, and as a month of it.

It is a figure to steer by, net and without other charges or discounts; what is owed is on the bills.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from quarterday.engine.facts import ClassPrice, FlatFee, PriceOverride
from quarterday.engine.money import digits_of, line_net, round_half_up
from quarterday.engine.pricing import price_units
from quarterday.plans.queries import versions_of
from quarterday.plans.terms import version_terms
from quarterday.subscriptions.models import SubscriptionTerms
from quarterday.subscriptions.terms import in_force, override_of

__all__ = [
    "PlanValue",
    "Recurring",
    "classes_priced",
    "month_prices",
    "plan_values",
    "recurring_values",
]

_MONTHS = {"week": Fraction(7 * 12 * 400, 146_097), "month": Fraction(1), "year": Fraction(12)}
"""How many months a unit of a cycle lasts; 400 years have 146,097 days."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """A subscription with the devices of today: how many it charges, and what a period and a month come to, net."""

    customer_id: int
    plan_id: int
    currency: str
    device_count: int
    period: Decimal
    month: Decimal


@dataclass(frozen=True, slots=True)
class PlanValue:
    """A plan with the devices of today: how many customers it serves, how many devices it charges, a month of it."""

    customer_count: int = 0
    device_count: int = 0
    month: Decimal = Decimal(0)


class _Row(NamedTuple):
    id: int
    customer_id: int
    plan_id: int
    plan: str
    currency: str
    every: int
    unit: str
    there: str
    """The devices that are there today, by class: JSON, as there are thousands and few are asked for apart."""
    paused: str
    """Those of them that it pauses, likewise."""


_InForce = tuple[Mapping[str, ClassPrice], FlatFee]
"""What a subscription charges today: prices by class, and the flat fee."""


def recurring_values(
    *,
    today: date,
    plan_ids: Iterable[int] | None = None,
    subscription_ids: Iterable[int] | None = None,
    customer_ids: Iterable[int] | None = None,
) -> dict[int, Recurring]:
    """Subscription id -> its value, of those that serve today; of some plans, subscriptions or customers if named.

    Devices that are excepted today bring nothing in, and those that a subscription pauses nothing to it. Three queries.
    """
    rows = _rows(today, plan_ids, subscription_ids, customer_ids)
    return _values(rows, _terms_of(rows, today))


def _values(rows: Iterable[_Row], terms: Mapping[int, _InForce]) -> dict[int, Recurring]:
    # Many customers of a plan have as many devices of each class as others, and more as many of one class.
    price, flat, monthly = cache(_price), cache(_fee), cache(_month)
    sums: dict[tuple[object, ...], tuple[int, Decimal, Decimal]] = {}
    found = {}
    for row in rows:
        alike = (id(terms[row.id]), row.every, row.unit, row.there, row.paused)
        if alike not in sums:
            prices, fee = terms[row.id]
            devices, digits = _charged(row), digits_of(row.currency)
            charged = {name: devices.get(name, 0) for name in prices}
            net = sum((price(prices[name], count, digits) for name, count in charged.items()), flat(fee, digits))
            sums[alike] = sum(charged.values()), net, monthly(net, row.every, row.unit, digits)
        found[row.id] = Recurring(row.customer_id, row.plan_id, row.currency, *sums[alike])
    return found


def _charged(row: _Row) -> Mapping[str, int]:
    """Devices by class: those that are there, less those that are paused."""
    there: dict[str, int] = json.loads(row.there)
    paused: dict[str, int] = json.loads(row.paused)
    return {name: count - paused.get(name, 0) for name, count in there.items()}


def plan_values(plan_ids: Iterable[int], *, today: date) -> dict[int, PlanValue]:
    """Plan id -> what it brings in from the customers in scope, in the plan's currency; three queries."""
    found: dict[int, PlanValue] = {}
    for value in recurring_values(today=today, plan_ids=plan_ids).values():
        before = found.get(value.plan_id, PlanValue())
        # A customer has a plan once at a time, so a subscription that serves today is a customer.
        found[value.plan_id] = PlanValue(
            before.customer_count + 1, before.device_count + value.device_count, before.month + value.month
        )
    return found


def classes_priced(*, today: date) -> dict[int, dict[str, frozenset[str]]]:
    """Customer id -> plan -> the device classes that it prices there today, own prices included; three queries."""
    rows = _rows(today, None, None, None, counted=False)
    terms = _terms_of(rows, today)
    found: dict[int, dict[str, frozenset[str]]] = {}
    for row in rows:
        prices, _ = terms[row.id]
        found.setdefault(row.customer_id, {})[row.plan] = frozenset(prices)
    return found


def month_prices(customer_ids: Iterable[int], *, today: date) -> dict[tuple[int, str], Decimal]:
    """(customer id, class) -> what one more device costs a month by all plans that serve today, net; three queries.

    Of price steps the first counts: how many devices there are is another question.
    """
    chosen = list(customer_ids)
    rows = _rows(today, None, None, chosen, counted=False) if chosen else []
    terms = _terms_of(rows, today)
    found: dict[tuple[int, str], Decimal] = {}
    for row in rows:
        prices, _ = terms[row.id]
        for device_class, price in prices.items():
            first, key = next(iter(price.unit_prices), Decimal(0)), (row.customer_id, device_class)
            month = _month(first, row.every, row.unit, digits_of(row.currency))
            found[key] = found.get(key, Decimal(0)) + month
    return found


def _terms_of(rows: Sequence[_Row], today: date) -> dict[int, _InForce]:
    """Subscription id -> the prices and the flat fee of today; two queries."""
    versions = {
        plan_id: [version_terms(version) for version in listed]
        for plan_id, listed in versions_of({row.plan_id for row in rows}).items()
    }
    own = _own_terms(rows)
    shared = {plan_id: in_force(terms, (), today) for plan_id, terms in versions.items()}
    return {
        row.id: in_force(versions[row.plan_id], own[row.id], today) if row.id in own else shared[row.plan_id]
        for row in rows
    }


def _own_terms(rows: Sequence[_Row]) -> dict[int, list[PriceOverride]]:
    """The prices agreed with customers, by subscription."""
    # Thousands of ids take longer to send than all agreements of their plans to read.
    asked: dict[str, Any] = (
        {"subscription__in": [row.id for row in rows]}
        if len(rows) <= 200
        else {"subscription__plan__in": {row.plan_id for row in rows}}
    )
    found: dict[int, list[PriceOverride]] = {}
    for terms in SubscriptionTerms.objects.filter(withdrawn_at=None, **asked):
        found.setdefault(terms.subscription_id, []).append(override_of(terms))
    return found


def _price(price: ClassPrice, count: int, digits: int) -> Decimal:
    units = price_units(price, count)
    return sum((line_net(each.quantity, each.unit_price, 1, digits) for each in units), Decimal(0))


def _month(net: Decimal, every: int, unit: str, digits: int) -> Decimal:
    return round_half_up(Fraction(net) / (every * _MONTHS[unit]), digits)


def _fee(fee: FlatFee, digits: int) -> Decimal:
    return line_net(1, fee.amount, 1, digits)


def _rows(
    today: date,
    plan_ids: Iterable[int] | None,
    subscription_ids: Iterable[int] | None,
    customer_ids: Iterable[int] | None,
    counted: bool = True,
) -> Sequence[_Row]:
    """The subscriptions that serve today, each with the devices it charges today by class, if `counted`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH serving AS (
                SELECT s.id, s.customer_id, s.plan_id, p.name, p.currency, s.cycle_every, s.cycle_unit
                FROM subscriptions_subscription s JOIN plans_plan p ON p.id = s.plan_id
                WHERE s.starts_on <= %(today)s AND (s.ends_on IS NULL OR s.ends_on > %(today)s)
                  AND (%(plans)s::bigint[] IS NULL OR s.plan_id = ANY (%(plans)s))
                  AND (%(ids)s::bigint[] IS NULL OR s.id = ANY (%(ids)s))
                  AND (%(customers)s::bigint[] IS NULL OR s.customer_id = ANY (%(customers)s))
            ), counted AS (
                SELECT customer_id, device_class, count(*) AS n
                FROM inventory_presence p
                -- Bounds, because the planner expects @> to find next to nothing, and then sorts a whole ledger.
                WHERE %(counted)s AND upper_inf(p.recorded) AND lower(p.valid) <= %(today)s
                  AND (upper_inf(p.valid) OR upper(p.valid) > %(today)s)
                  AND (%(most)s OR p.customer_id = ANY (ARRAY(SELECT customer_id FROM serving)))
                  AND (p.device_id, p.customer_id) NOT IN (
                      SELECT e.device_id, e.customer_id FROM inventory_billingexception e
                      WHERE e.valid @> %(today)s::date AND e.withdrawn_at IS NULL
                  )
                GROUP BY 1, 2
            ), paused AS (
                -- One plan may pause a device that another goes on charging.
                SELECT z.subscription_id, p.device_class, count(*) AS n
                FROM subscriptions_pause z JOIN serving s ON s.id = z.subscription_id
                JOIN inventory_presence p ON p.device_id = z.device_id AND p.customer_id = z.customer_id
                WHERE %(counted)s AND z.withdrawn_at IS NULL AND z.valid @> %(today)s::date
                  AND upper_inf(p.recorded) AND p.valid @> %(today)s::date
                  AND NOT EXISTS (
                      SELECT FROM inventory_billingexception e
                      WHERE e.device_id = z.device_id AND e.customer_id = z.customer_id
                        AND e.valid @> %(today)s::date AND e.withdrawn_at IS NULL
                  )
                GROUP BY 1, 2
            )
            SELECT s.id, s.customer_id, s.plan_id, s.name, s.currency, s.cycle_every, s.cycle_unit,
                   coalesce(d.devices, '{}'), coalesce(q.devices, '{}')
            FROM serving s LEFT JOIN (
                SELECT customer_id, jsonb_object_agg(device_class, n)::text AS devices FROM counted GROUP BY 1
            ) d USING (customer_id) LEFT JOIN (
                SELECT subscription_id AS id, jsonb_object_agg(device_class, n)::text AS devices FROM paused GROUP BY 1
            ) q USING (id)
            """,
            {
                "today": today,
                "plans": None if plan_ids is None else list(plan_ids),
                "ids": None if subscription_ids is None else list(subscription_ids),
                "customers": None if customer_ids is None else list(customer_ids),
                "counted": counted,
                # Of whole plans it is quicker to count every customer's devices than to look each one up.
                "most": subscription_ids is None and customer_ids is None,
            },
        )
        return [_Row._make(row) for row in cursor.fetchall()]
