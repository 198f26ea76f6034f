"""What a drafted bill settles: claims of its days, uses of its adjustments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from quarterday.bills.collect import Desk
from quarterday.bills.drafting import Drafted
from quarterday.bills.models import AdjustmentUse, PeriodClaim
from quarterday.bills.reading import BilledPeriod
from quarterday.bills.staging import Target, insert_staged
from quarterday.bills.writing import NewBill, Reached, issue_written, new_rows, pass_by, rows_of_bills
from quarterday.engine.periods import Period
from quarterday.shared.scope import Actor

CLAIMS = Target(
    PeriodClaim,
    *("subscription", "customer", "bill", "period", "full_period", "part", "outcome", "reason"),
    *("known_at", "claimed_at", "released_because"),
)
USES = Target(AdjustmentUse, "adjustment", "customer", "bill", "position", "occurrence", "rest")


def write_drafts(
    drafts: Sequence[Drafted], desk: Desk, *, at: datetime, by: Actor, run_id: int | None, reached: Reached = pass_by
) -> dict[int, NewBill]:
    """Write what was drafted, settle its periods, issue what nothing holds; the bills by the place of their draft."""
    bills = {place: new_bill(drafted, desk) for place, drafted in enumerate(drafts) if not drafted.is_empty}
    rows = new_rows()
    rows_of_bills(list(bills.values()), rows, at=at, by=by, run_id=run_id)
    for place, drafted in enumerate(drafts):
        bill_id = bills[place].bill_id if place in bills else None
        rows[CLAIMS] += _claims(drafted, bill_id, desk, at)
        if bill_id is not None:
            rows[USES] += _uses(drafted, bill_id)
    insert_staged(rows)
    reached("written")
    issue_written(list(bills.values()), mail_hour=desk.provider.mail_hour, at=at, by=by, reached=reached)
    return bills


def late_periods(drafts: Sequence[Drafted], bills: Mapping[int, NewBill]) -> dict[BilledPeriod, int]:
    """The periods of which a bill (by id) took up what was learned late."""
    return {
        BilledPeriod(due.subscription.id, due.full): bill.bill_id
        for place, bill in bills.items()
        for due in drafts[place].group.dues
        if due.occasion == "late"
    }


def new_bill(drafted: Drafted, desk: Desk) -> NewBill:
    """A drafted bill on its way into the tables."""
    return NewBill(
        content=drafted.content,
        digest=drafted.digest,
        zone=drafted.group.zone,
        parties=(desk.seller, drafted.case.buyer),
        holds=drafted.holds,
        facts_digest=drafted.facts_digest,
        facts=drafted.facts_stored,
    )


def _claims(drafted: Drafted, bill_id: int | None, desk: Desk, at: datetime) -> Iterator[tuple[Any, ...]]:
    """A claim for all days that the draft settles."""
    outcome = "empty" if bill_id is None else "billed"
    for due in drafted.group.dues:
        owner = (due.subscription.id, due.subscription.customer_id)
        for part, days in due.claims:
            yield *owner, bill_id, as_range(days), as_range(due.full), part, outcome, "", desk.known_at, at, ""


def _uses(drafted: Drafted, bill_id: int) -> Iterator[tuple[Any, ...]]:
    """What the bill did to adjustments: one row each, numbered so that two bills cannot use the same time."""
    for use in drafted.draft.adjustments:
        adjustment = int(use.adjustment_id)
        position = drafted.use_positions[adjustment]
        yield adjustment, drafted.case.customer.pk, bill_id, position, use.occurrence, use.rest


def as_range(days: Period) -> str:
    """Days as PostgreSQL writes a range of them."""
    return f"[{days.start},{days.end})"
