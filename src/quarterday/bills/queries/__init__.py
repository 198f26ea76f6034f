"""What the bill desk answers. All queries run inside `acting(scope)` and see its customers only.

Whether a bill is paid is not answered here: ask `payments`.
"""

from quarterday.bills.queries.drafts import drafts_to_review
from quarterday.bills.queries.finding import bill_ids_numbered, find_bill, get_bill

__all__ = ["bill_ids_numbered", "drafts_to_review", "find_bill", "get_bill"]
