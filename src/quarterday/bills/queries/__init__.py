"""What the bill desk answers. All queries run inside `acting(scope)` and see its customers only.

Whether a bill is paid is not answered here: ask `payments`.
"""

from quarterday.bills.bridging import BillBridge, End, Unexplained, bridge_to, comparable_bills
from quarterday.bills.queries.comparing import (
    LastBill,
    MonthRevenue,
    beside_last,
    last_bills,
    revenue_by_month,
)
from quarterday.bills.queries.finding import bill_ids_numbered, find_bill, get_bill, numbers_of
from quarterday.bills.queries.listing import (
    COUNTED,
    MAIL_STATES,
    ORDERS,
    BillPage,
    BillRow,
    Condition,
    Order,
    Wanted,
    bill_page,
    bill_rows,
    count_bills,
    every_bill,
)
from quarterday.bills.queries.missed import missed
from quarterday.bills.queries.proving import Fault, Proof, faults_of_bills, faults_of_chain, recompute
from quarterday.bills.queries.runs import last_runs
from quarterday.bills.queries.showing import Happening, ShownLine, history_of, shown_lines, shown_taxes
from quarterday.bills.queries.unbilled import ExceptionRow, Unbilled, exception_register, unbilled_devices
from quarterday.bills.queries.upcoming import next_billing_dates
from quarterday.bills.queries.waiting import (
    Waiting,
    drafts_to_review,
    find_late_truth,
    late_truths,
    parked_customers,
    waiting_counts,
)

__all__ = [
    "COUNTED",
    "MAIL_STATES",
    "ORDERS",
    "BillBridge",
    "BillPage",
    "BillRow",
    "Condition",
    "End",
    "ExceptionRow",
    "Fault",
    "Happening",
    "LastBill",
    "MonthRevenue",
    "Order",
    "Proof",
    "ShownLine",
    "Unbilled",
    "Unexplained",
    "Waiting",
    "Wanted",
    "beside_last",
    "bill_ids_numbered",
    "bill_page",
    "bill_rows",
    "bridge_to",
    "comparable_bills",
    "count_bills",
    "drafts_to_review",
    "every_bill",
    "exception_register",
    "faults_of_bills",
    "faults_of_chain",
    "find_bill",
    "find_late_truth",
    "get_bill",
    "history_of",
    "last_bills",
    "last_runs",
    "late_truths",
    "missed",
    "next_billing_dates",
    "numbers_of",
    "parked_customers",
    "recompute",
    "revenue_by_month",
    "shown_lines",
    "shown_taxes",
    "unbilled_devices",
    "waiting_counts",
]
