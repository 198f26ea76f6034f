"""After a run: is every device-day of the months that it billed accounted for? If not, it is not called clean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from quarterday.bills.conservation.accounting import device_days_of
from quarterday.bills.conservation.overview import month_of
from quarterday.bills.report import RunReport
from quarterday.engine.periods import Period
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope

_CHUNK = 200


def faults_of_run(report: RunReport) -> list[str]:
    """Where the buckets of the customers that a run billed do not add up to the ledger. Call it outside `acting`."""
    return list(_faults(report))


def _faults(report: RunReport) -> Iterator[str]:
    customers: dict[Period, set[int]] = defaultdict(set)
    for bill in report.bills:
        customers[month_of(bill.billing_on - timedelta(days=1))].add(bill.customer_id)
    for month, members in sorted(customers.items()):
        ids = sorted(members)
        for start in range(0, len(ids), _CHUNK):
            try:
                with acting(Scope.all()):
                    faults = device_days_of(month, ids[start : start + _CHUNK], at=report.at).faults
            except (Refused, ValueError) as error:
                faults = [f"the days of {month} cannot be accounted for: {error}"]
            yield from faults
