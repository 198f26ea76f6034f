"""The bill desk's reading: what `collect` needs of the other rooms' tables, one query each, for a chunk of customers.

Everything is read inside `acting(scope)`. Devices come grouped by class and days, because most devices of a customer
share them: 1,000 computers that were there all month are one row.
"""

from quarterday.bills.reading.billed import (
    BilledPeriod,
    KnownLate,
    LastTime,
    billed_nets,
    billed_parts,
    last_times,
    late_truths,
    parked,
)
from quarterday.bills.reading.contracts import (
    AdjustmentCase,
    adjustment_cases,
    customers_with_subscriptions,
    subscription_cases,
)
from quarterday.bills.reading.devices import (
    ChangedDevice,
    Fleet,
    Watched,
    changed_devices,
    changed_since,
    fleets,
    ledger_stamp,
    oldest_feeds,
)

__all__ = [
    "AdjustmentCase",
    "BilledPeriod",
    "ChangedDevice",
    "Fleet",
    "KnownLate",
    "LastTime",
    "Watched",
    "adjustment_cases",
    "billed_nets",
    "billed_parts",
    "changed_devices",
    "changed_since",
    "customers_with_subscriptions",
    "fleets",
    "last_times",
    "late_truths",
    "ledger_stamp",
    "oldest_feeds",
    "parked",
    "subscription_cases",
]
