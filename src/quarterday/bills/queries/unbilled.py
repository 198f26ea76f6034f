"""What is there and brings nothing in: devices that no plan of their customer prices, and agreed exceptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from operator import itemgetter

from django.db import connection

from quarterday.bills.recurring import classes_priced, month_prices
from quarterday.inventory.queries import exception_list


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
    usual, usual_for = _usually_priced(priced)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, c.name, there.device_class, there.devices
            FROM (
                SELECT p.customer_id, p.device_class, count(*) AS devices FROM inventory_presence p
                -- Nearly all devices are priced: those of the usual classes are left out before they are counted. Only
                -- ids of the column's own type are hashed; smaller numbers would be compared one by one.
                WHERE upper_inf(p.recorded)
                  AND NOT (p.device_class = ANY (%(usual)s) AND p.customer_id = ANY (%(usual_for)s::bigint[]))
                  AND lower(p.valid) <= %(on)s AND (upper_inf(p.valid) OR upper(p.valid) > %(on)s)
                  AND (p.device_id, p.customer_id) NOT IN (
                      SELECT e.device_id, e.customer_id FROM inventory_billingexception e
                      WHERE e.valid @> %(on)s::date AND e.withdrawn_at IS NULL
                  )
                GROUP BY 1, 2
            ) AS there JOIN customers_customer c ON c.id = there.customer_id
            ORDER BY 4 DESC, 2, 3
            """,
            {"on": on, "usual": usual, "usual_for": usual_for},
        )
        rows = cursor.fetchall()
    return [
        Unbilled(customer_id, customer, device_class, count, tuple(priced.get(customer_id, {})))
        for customer_id, customer, device_class, count in rows
        if not any(device_class in classes for classes in priced.get(customer_id, {}).values())
    ]


def _usually_priced(priced: Mapping[int, Mapping[str, frozenset[str]]]) -> tuple[list[str], list[int]]:
    """The classes that the plans of most customers price, and all customers whose plans price each of them."""
    by_customer = {customer_id: frozenset[str]().union(*plans.values()) for customer_id, plans in priced.items()}
    usual = max(Counter(by_customer.values()).items(), key=itemgetter(1), default=(frozenset[str](), 0))[0]
    return sorted(usual), [customer_id for customer_id, classes in by_customer.items() if usual <= classes]


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """An exception of the register. `end` is the first day after it (None: open), `cost` what it costs a month, net.

    It goes by the unit prices of the plans that serve today (of steps the first); None where none prices the class.
    """

    id: int
    customer_id: int
    customer: str
    device_id: int
    device: str
    device_class: str
    start: date
    end: date | None
    reason: str
    agreed_by: str
    cost: Decimal | None
    currency: str
    is_now: bool
    ends_in_days: int | None
    time_zone: str


def exception_register(
    *, today: date, search: str = "", start: int = 0, end: int | None = None, within_days: int | None = None
) -> list[ExceptionRow]:
    """The exceptions in force today or later, by customer and device; a slice of them, or those that end within days.

    Five queries, however many they are.
    """
    listed = exception_list(from_day=today, search=search)
    if within_days is not None:
        listed = listed.filter(valid__endswith__lte=today + timedelta(days=within_days))
    rows = list(listed[start:end])
    prices = month_prices({row.customer_id for row in rows}, today=today)
    return [
        ExceptionRow(
            id=row.pk,
            customer_id=row.customer_id,
            customer=row.customer.name,
            device_id=row.device_id,
            device=row.device.name,
            device_class=row.device.device_class,
            start=row.valid.lower,
            end=row.valid.upper,
            reason=row.reason,
            agreed_by=row.agreed_by,
            cost=prices.get((row.customer_id, row.device.device_class)),
            currency=row.customer.currency,
            is_now=today in row.valid,
            ends_in_days=None if row.valid.upper is None else (row.valid.upper - today).days,
            time_zone=row.customer.time_zone,
        )
        for row in rows
    ]
