"""Conservation: every device-day of a month is in exactly one bucket of each subscription that prices its class.

    billed      a bill counts the device on that day
    covered     its period is billed, and the plan's rule does not count it
    not_due     its period has not reached its billing date, or its true-up
    held        it is on a draft, or due and left to a person
    excepted    somebody agreed that it is not billed
    paused      before billing began, waived with a reason, or the device was silent for so long as its plan says

What no subscription prices is unbilled, with the money it loses. The buckets add up to the ledger, which is counted by
itself; where they do not, the run is not clean.
"""

from quarterday.bills.conservation.accounting import device_days_of
from quarterday.bills.conservation.overview import BUCKETS, CustomerDays, MonthOverview, month_of, month_overview
from quarterday.bills.conservation.values import Accounted, Conservation, NotCharged, Unbilled

__all__ = [
    "BUCKETS",
    "Accounted",
    "Conservation",
    "CustomerDays",
    "MonthOverview",
    "NotCharged",
    "Unbilled",
    "device_days_of",
    "month_of",
    "month_overview",
]
