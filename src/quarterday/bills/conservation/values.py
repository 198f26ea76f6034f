"""A month's device-days, accounted for: the values that conservation comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from quarterday.engine.periods import Period

BucketName = Literal["billed", "covered", "not_due", "held", "excepted", "paused"]
Buckets = Counter[BucketName]


@dataclass(frozen=True, slots=True)
class Accounted:
    """The device-days of one class at one subscription, by bucket."""

    customer_id: int
    subscription_id: int
    plan: str
    device_class: str
    days: Mapping[BucketName, int]

    @property
    def total(self) -> int:
        """All buckets together."""
        return sum(self.days.values())


@dataclass(frozen=True, slots=True)
class Unbilled:
    """Device-days of a class that no subscription of the customer prices, and what they would have brought.

    `loss` goes by the price that most customers pay for the class in this currency; None if no plan prices it.
    """

    customer_id: int
    customer: str
    device_class: str
    device_count: int
    device_days: int
    currency: str
    loss: Decimal | None


@dataclass(frozen=True, slots=True)
class NotCharged:
    """An excepted device: why, who agreed, until when (the first day after; None: open), and what it costs us."""

    customer_id: int
    device_id: int
    device_class: str
    reason: str
    agreed_by: str
    until: date | None
    device_days: int
    currency: str
    cost: Decimal


@dataclass(slots=True)
class Conservation:
    """A month's device-days, all accounted for. `faults` say where the buckets and the ledger disagree.

    `customers` are the names of those asked about, in their order.
    A day that several plans price is in a bucket of each; `several_by_customer` counts those after the first.
    """

    month: Period
    customers: dict[int, str] = field(default_factory=dict)
    ledger_days: int = 0
    ledger_by_customer: dict[int, int] = field(default_factory=dict)
    several_by_customer: Counter[int] = field(default_factory=Counter)
    accounted: list[Accounted] = field(default_factory=list)
    unbilled: list[Unbilled] = field(default_factory=list)
    not_charged: list[NotCharged] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether everything adds up."""
        return not self.faults

    def buckets(self) -> dict[str, int]:
        """Bucket -> device-days of all customers, with what is unbilled."""
        sums: Counter[str] = Counter(dict.fromkeys(get_args(BucketName), 0))
        for each in self.accounted:
            sums.update(each.days)
        sums["unbilled"] = sum(each.device_days for each in self.unbilled)
        return dict(sums)
