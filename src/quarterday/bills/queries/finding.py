"""One bill, or some, by what people know of them: their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from quarterday.bills.models import Bill, BillIssue
from quarterday.shared.refusal import NotFound


def find_bill(bill_id: int) -> Bill | None:
    """A bill or draft in scope, issued or not, with its customer and issue; None if the scope holds none."""
    return Bill.objects.select_related("customer", "issue", "discard").filter(pk=bill_id).first()


def get_bill(number: str) -> Bill:
    """The issued bill with this number, or the draft with this id ("draft 17", "17"). NotFound if there is none."""
    said = number.strip()
    issue = BillIssue.objects.filter(number__iexact=said).first()
    draft = said.removeprefix("draft").strip()
    bill_id = issue.bill_id if issue else int(draft) if draft.isascii() and draft.isdigit() else None
    bill = None if bill_id is None else find_bill(bill_id)
    if bill is None:
        raise NotFound("bill", f"There is no bill {said!r}: bills list names them.")
    return bill


def bill_ids_numbered(numbers: Sequence[str]) -> list[int]:
    """The ids of issued bills by their numbers, in the same order. NotFound names every number that is unknown."""
    wanted = [number.strip() for number in numbers]
    found = dict(BillIssue.objects.filter(number__in=wanted).values_list("number", "bill_id"))
    unknown = [number for number in wanted if number not in found]
    if unknown:
        raise NotFound("bill", f"There is no bill {', '.join(unknown)}: bills list names them.")
    return [found[number] for number in wanted]


def numbers_of(bill_ids: Iterable[int]) -> dict[int, str]:
    """Bill id -> number, of those that are issued; one query for any number."""
    ids = sorted(set(bill_ids))
    return dict(BillIssue.objects.filter(bill__in=ids).values_list("bill_id", "number")) if ids else {}
