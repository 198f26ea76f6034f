"""What a billing run did, or what a dry run would do: values for doors to print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from quarterday.bills.guards import Hold


@dataclass(frozen=True, slots=True)
class RunBill:
    """One bill of the run. In a dry run it has no id and no number; the digest of its content is the same."""

    customer_id: int
    customer: str
    kind: str
    billing_on: date
    currency: str
    net: Decimal
    total: Decimal
    device_count: int
    content_digest: str
    holds: tuple[Hold, ...] = ()
    bill_id: int | None = None
    number: str | None = None
    issued_on: date | None = None
    due_on: date | None = None

    @property
    def charge(self) -> Decimal:
        """What the bill asks for, with tax; below 0 for a credit note, whose total is written without a sign."""
        return -self.total if self.kind == "credit_note" else self.total


@dataclass(frozen=True, slots=True)
class LeftToPerson:
    """A customer, or one subscription of it, that the run left out, and why."""

    customer_id: int
    customer: str
    reason: str
    subscription_id: int | None = None


@dataclass(slots=True)
class RunReport:
    """All of a run. `stopped` says why it billed nobody; `empty` counts bills that would have charged nothing.

    `faults` say where the device-days of the months billed do not add up to the ledger.
    """

    at: datetime
    dry: bool
    stopped: str = ""
    bills: list[RunBill] = field(default_factory=list)
    empty: int = 0
    parked: list[LeftToPerson] = field(default_factory=list)
    waiting: list[LeftToPerson] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def issued(self) -> list[RunBill]:
        """The bills that nothing holds."""
        return [bill for bill in self.bills if not bill.holds]

    @property
    def held(self) -> list[RunBill]:
        """The bills that wait for a person."""
        return [bill for bill in self.bills if bill.holds]

    @property
    def is_clean(self) -> bool:
        """Whether nothing waits for a person, and every device-day is accounted for."""
        return not (self.stopped or self.parked or self.waiting or self.held or self.faults)

    def totals(self) -> Mapping[str, Decimal]:
        """What is issued, by currency; credit notes count against it."""
        return _totals(self.issued)

    def held_totals(self) -> Mapping[str, Decimal]:
        """What waits for a person, by currency; credit notes count against it."""
        return _totals(self.held)

    def summary(self) -> dict[str, int]:
        """The counts, for the record of the run."""
        return {
            "issued": len(self.issued),
            "held": len(self.held),
            "empty": self.empty,
            "parked": len(self.parked),
            "waiting": len(self.waiting),
            "faults": len(self.faults),
        }


def _totals(bills: Iterable[RunBill]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for bill in bills:
        totals[bill.currency] = totals.get(bill.currency, Decimal(0)) + bill.charge
    return totals
