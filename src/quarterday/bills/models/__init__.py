"""Bill desk. A bill's content is written once; what happens to it is told by rows beside it.

Issued: it has an issue row. Discarded: it has a discard row. Otherwise it is a draft that waits for the reasons in its
holds.
Whether it is paid is not here: ask `payments`.
"""

from quarterday.bills.models.documents import Bill, BillFacts, BillLine, BillTax, PartyCopy
from quarterday.bills.models.issued import BillDownload, BillIssue, BillMail, BillPrint, NumberCounter
from quarterday.bills.models.runs import BillingClock, BillingRun
from quarterday.bills.models.settled import AdjustmentUse, PeriodClaim
from quarterday.bills.models.waiting import BillApproval, BillDiscard, BillHold, LateTruth, Parking

__all__ = [
    "AdjustmentUse",
    "Bill",
    "BillApproval",
    "BillDiscard",
    "BillDownload",
    "BillFacts",
    "BillHold",
    "BillIssue",
    "BillLine",
    "BillMail",
    "BillPrint",
    "BillTax",
    "BillingClock",
    "BillingRun",
    "LateTruth",
    "NumberCounter",
    "Parking",
    "PartyCopy",
    "PeriodClaim",
]
