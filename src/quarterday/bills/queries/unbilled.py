"""What is there and brings nothing in: devices that no plan of their customer prices, and agreed exceptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from quarterday.bills.recurring import classes_priced, values_without_exceptions


@dataclass(frozen=True, slots=True)
class Unbilled:
    """Devices of a class at a customer that none of its plans prices; `plans` are those that it has."""

    customer_id: int
    customer: str
    device_class: str
    device_count: int
    plans: tuple[str, ...]


def unbilled_devices(*, on: date) -> list[Unbilled]:
    """The devices there on a day that no plan in force prices, most first; excepted ones are left out. Four queries."""
    priced = classes_priced(today=on)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.customer_id, c.name, p.device_class, count(*)
            FROM inventory_presence p JOIN customers_customer c ON c.id = p.customer_id
            WHERE upper_inf(p.recorded) AND lower(p.valid) <= %(on)s AND (upper_inf(p.valid) OR upper(p.valid) > %(on)s)
              AND (p.device_id, p.customer_id) NOT IN (
                  SELECT e.device_id, e.customer_id FROM inventory_billingexception e
                  WHERE e.valid @> %(on)s::date AND e.withdrawn_at IS NULL
              )
            GROUP BY 1, 2, 3 ORDER BY 4 DESC, 2, 3
            """,
            {"on": on},
        )
        rows = cursor.fetchall()
    return [
        Unbilled(customer_id, customer, device_class, count, tuple(priced.get(customer_id, {})))
        for customer_id, customer, device_class, count in rows
        if not any(device_class in classes for classes in priced.get(customer_id, {}).values())
    ]


def exception_costs(customer_ids: Iterable[int], *, today: date) -> dict[int, dict[str, Decimal]]:
    """Customer id -> currency -> what its exceptions of today cost a month: with their devices, less without."""
    chosen = list(customer_ids)
    if not chosen:
        return {}
    costs: dict[int, dict[str, Decimal]] = {}
    for value, full in values_without_exceptions(chosen, today=today).values():
        difference = full.month - value.month
        if difference:
            of_customer = costs.setdefault(value.customer_id, {})
            of_customer[value.currency] = of_customer.get(value.currency, Decimal(0)) + difference
    return costs
