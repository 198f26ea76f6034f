"""What lies on the desk: one case a customer, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from quarterday.bills.content import Party
from quarterday.bills.due import Due, DueGroup, SubscriptionCase
from quarterday.bills.reading import AdjustmentCase, BilledPeriod, ChangedDevice, Fleet, KnownLate, LastTime
from quarterday.customers.models import Customer
from quarterday.customers.queries import ZoneHistory
from quarterday.engine.facts import (
    BilledPart,
    DeviceException,
    PlanVersion,
    PriceOverride,
)
from quarterday.engine.periods import Period
from quarterday.provider.models import Provider
from quarterday.provider.queries import TaxTable

SELLER_FIELDS = (
    *("name", "legal_name", "street", "postal_code", "city", "region", "country", "email", "phone", "website"),
    *("tax_number", "vat_id", "registration", "account_holder", "bank_name", "iban", "bic", "bank_details", "footer"),
)
BUYER_FIELDS = (
    *("number", "name", "street", "postal_code", "city", "region", "country"),
    *("tax_number", "vat_id", "tax_status", "language", "ledger_account", "direct_debit"),
)
"""What a bill copies of each party, for ever."""

NOBODY = Party.of({})


@dataclass(frozen=True, slots=True)
class PriceLists:
    """What things cost: plan versions by plan, own prices by subscription, how tax codes are taxed."""

    versions: Mapping[int, Sequence[PlanVersion]]
    overrides: Mapping[int, Sequence[PriceOverride]]
    taxes: TaxTable


@dataclass(frozen=True, slots=True)
class Desk(PriceLists):
    """What all customers of a chunk share: ourselves, the price lists, what the ledger knows."""

    provider: Provider
    seller: Party
    accounts: Mapping[str, str]
    known_at: datetime | None


@dataclass(slots=True)
class CustomerCase:
    """One customer's file on the desk: what is due, and all that the bills can depend on.

    It is brought up to date when a bill has been drafted from it, so the next one sees what the one before did.
    """

    customer: Customer
    zones: ZoneHistory
    subscriptions: list[SubscriptionCase]
    groups: list[DueGroup] = field(default_factory=list)
    late: list[Due] = field(default_factory=list)
    known_late: dict[BilledPeriod, KnownLate] = field(default_factory=dict)
    changed: dict[BilledPeriod, list[ChangedDevice]] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)
    trouble: Exception | None = None
    fleets: list[Fleet] = field(default_factory=list)
    exceptions: list[DeviceException] = field(default_factory=list)
    paused: dict[int, list[DeviceException]] = field(default_factory=dict)
    replaced_by: dict[str, str] = field(default_factory=dict)
    adjustments: list[AdjustmentCase] = field(default_factory=list)
    billed: dict[BilledPeriod, list[BilledPart]] = field(default_factory=dict)
    last_times: dict[int, LastTime] = field(default_factory=dict)
    oldest_feed: datetime | None = None
    buyer: Party = NOBODY

    @property
    def dues(self) -> list[Due]:
        """Everything that its bills may be about."""
        return [*(due for group in self.groups for due in group.dues), *self.late]

    def raise_trouble(self) -> None:
        """Raise what was wrong when the dates were worked out."""
        if self.trouble is not None:
            raise self.trouble


def days_seen(dues: Iterable[Due]) -> Period | None:
    """The days whose devices these periods depend on; in advance a period sees no further than its first day."""
    seen = [
        Period(due.served.start, due.served.start + timedelta(days=1))
        if due.occasion == "first" and due.subscription.timing == "advance"
        else due.served
        for due in dues
        if due.served is not None
    ]
    if not seen:
        return None
    return Period(min(days.start for days in seen), max(days.end for days in seen))
