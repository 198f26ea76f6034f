"""What people do with bills: release, recount, discard, credit, mail again, unpark, decide what was learned late.

The run itself is run.py. All are called inside `acting(scope)`, take `now` and who acts, and leave an audit entry.
"""

from quarterday.bills.actions.credits import CreditRefused, credit_bill
from quarterday.bills.actions.drafts import (
    DraftChanged,
    NotADraft,
    adjust_draft,
    discard_bill,
    recount_bill,
    release_bill,
)
from quarterday.bills.actions.late import decide_late_truth, find_late_truths, look_back
from quarterday.bills.actions.mailing import record_download, resend_bill
from quarterday.bills.actions.parking import unpark_customer
from quarterday.bills.actions.waiving import waive_missed

__all__ = [
    "CreditRefused",
    "DraftChanged",
    "NotADraft",
    "adjust_draft",
    "credit_bill",
    "decide_late_truth",
    "discard_bill",
    "find_late_truths",
    "look_back",
    "record_download",
    "recount_bill",
    "release_bill",
    "resend_bill",
    "unpark_customer",
    "waive_missed",
]
