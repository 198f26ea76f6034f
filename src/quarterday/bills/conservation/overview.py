"""A month of all customers at a glance: each customer's buckets, added up and held against its ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import get_args

from quarterday.bills.conservation.accounting import device_days_of
from quarterday.bills.conservation.values import BucketName, NotCharged, Unbilled
from quarterday.engine.periods import MONTHLY, Period, boundary
from quarterday.provider.models import Provider

BUCKETS: tuple[str, ...] = (*get_args(BucketName), "unbilled")
"""All buckets in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class CustomerDays:
    """A customer's device-days of a month, by bucket.

    `several` are the days that more than one of its plans prices, counted once for each plan after the first: the
    buckets less them are the ledger.
    """

    customer_id: int
    customer: str
    days: dict[str, int]
    ledger: int
    several: int
    losses: dict[str, Decimal]

    @property
    def adds_up(self) -> bool:
        """Whether the buckets are the ledger."""
        return self.ledger == sum(self.days.values()) - self.several


@dataclass(slots=True)
class MonthOverview:
    """What became of a month's device-days: by customer, in total, and what brings nothing in."""

    month: Period
    customers: list[CustomerDays] = field(default_factory=list)
    unbilled: list[Unbilled] = field(default_factory=list)
    not_charged: list[NotCharged] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def ledger(self) -> int:
        """All device-days of the ledger."""
        return sum(each.ledger for each in self.customers)

    @property
    def several(self) -> int:
        """The days counted again because several plans price them."""
        return sum(each.several for each in self.customers)

    @property
    def days(self) -> dict[str, int]:
        """Bucket -> device-days of all customers."""
        return {bucket: sum(each.days[bucket] for each in self.customers) for bucket in BUCKETS}

    @property
    def losses(self) -> dict[str, Decimal]:
        """Currency -> what the unbilled days would have brought."""
        return _added(each.losses for each in self.customers)

    @property
    def adds_up(self) -> bool:
        """Whether every customer's buckets are its ledger, and nothing else contradicts itself."""
        return not self.faults and all(each.adds_up for each in self.customers)


def month_of(day: date) -> Period:
    """The calendar month that has a day."""
    first = day.replace(day=1)
    return Period(first, boundary(first, MONTHLY, 1))


def month_overview(
    month: Period, *, at: datetime, customer_ids: Sequence[int] | None = None, provider: Provider | None = None
) -> MonthOverview:
    """Account for a month of some customers, or of all in scope, as known now: see `device_days_of`, with its queries.

    A customer without a device in the month is left out.
    """
    found = device_days_of(month, customer_ids, at=at, provider=provider)
    days: dict[int, Counter[str]] = defaultdict(Counter)
    for accounted in found.accounted:
        days[accounted.customer_id].update(accounted.days)
    unbilled: dict[int, list[Unbilled]] = defaultdict(list)
    for each in found.unbilled:
        days[each.customer_id]["unbilled"] += each.device_days
        unbilled[each.customer_id].append(each)
    overview = MonthOverview(month, unbilled=found.unbilled, not_charged=found.not_charged, faults=found.faults)
    for customer_id, name in found.customers.items():
        ledger = found.ledger_by_customer.get(customer_id, 0)
        if ledger or days[customer_id].total():
            overview.customers.append(
                CustomerDays(
                    customer_id=customer_id,
                    customer=name,
                    days={bucket: days[customer_id][bucket] for bucket in BUCKETS},
                    ledger=ledger,
                    several=found.several_by_customer.get(customer_id, 0),
                    losses=_added(_losses(unbilled[customer_id])),
                )
            )
    return overview


def _losses(unbilled: Iterable[Unbilled]) -> Iterator[dict[str, Decimal]]:
    for each in unbilled:
        if each.loss is not None:
            yield {each.currency: each.loss}


def _added(amounts: Iterable[dict[str, Decimal]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for each in amounts:
        for currency, amount in each.items():
            total[currency] = total.get(currency, Decimal(0)) + amount
    return total
