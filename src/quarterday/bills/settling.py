"""What a drafted bill settles: claims of its periods, uses of its adjustments, claims that outlive their service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from quarterday.bills.collect import Desk
from quarterday.bills.drafting import Drafted
from quarterday.bills.due import Claimed, Due
from quarterday.bills.models import AdjustmentUse, PeriodClaim
from quarterday.bills.staging import Target, insert_staged
from quarterday.bills.writing import NewBill, Reached, Rows, issue_written, pass_by, rows_of_bills
from quarterday.engine.periods import Period
from quarterday.shared.scope import Actor

CLAIMS = Target(
    PeriodClaim,
    *("subscription", "customer", "bill", "period", "full_period", "part", "outcome", "known_at", "claimed_at"),
    *("reason", "released_because"),
)
USES = Target(AdjustmentUse, "adjustment", "customer", "bill", "position", "occurrence", "rest")


def write_drafts(
    drafts: Sequence[Drafted], desk: Desk, *, at: datetime, by: Actor, run_id: int | None, reached: Reached = pass_by
) -> dict[int, NewBill]:
    """Write what was drafted, settle its periods, issue what nothing holds; the bills by the place of their draft."""
    bills = {place: new_bill(drafted, desk) for place, drafted in enumerate(drafts) if not drafted.is_empty}
    rows: Rows = defaultdict(list)
    rows_of_bills(list(bills.values()), rows, at=at, by=by, run_id=run_id)
    release_claims(
        [claim.id for drafted in drafts for due in drafted.group.dues for claim in _outlived(due)],
        because="the service ended before",
        at=at,
    )
    for place, drafted in enumerate(drafts):
        bill_id = bills[place].bill_id if place in bills else None
        rows[CLAIMS] += _claims(drafted, bill_id, desk, at)
        if bill_id is not None:
            rows[USES] += _uses(drafted, bill_id)
    insert_staged(rows)
    reached("written")
    issue_written(list(bills.values()), mail_hour=desk.provider.mail_hour, at=at, by=by, reached=reached)
    return bills


def new_bill(drafted: Drafted, desk: Desk) -> NewBill:
    """A drafted bill on its way into the tables."""
    return NewBill(
        content=drafted.content,
        digest=drafted.digest,
        zone=drafted.group.zone,
        parties={desk.seller_digest: desk.seller, drafted.case.buyer_digest: drafted.case.buyer},
        holds=drafted.holds,
        facts_digest=drafted.facts_digest,
        facts=drafted.facts_stored,
    )


def release_claims(claim_ids: Sequence[int], *, because: str, at: datetime) -> None:
    """Let go of claims: their days are due again, unless another claim is made of them."""
    if claim_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE bills_periodclaim SET released_at = %s, released_because = %s"
                " WHERE id = ANY (%s) AND released_at IS NULL",
                [at, because, list(claim_ids)],
            )


def _claims(drafted: Drafted, bill_id: int | None, desk: Desk, at: datetime) -> Iterator[tuple[Any, ...]]:
    """A claim for each period that the draft settles, and for what is left of claims that outlive their service."""
    outcome = "empty" if bill_id is None else "billed"
    parts = {"first": "period", "settlement": "settlement"}
    for due in drafted.group.dues:
        for days in due.claims:
            yield _claim(due, bill_id, days, parts[due.occasion], outcome, desk, at)
        for claim in _outlived(due):
            left = claim.period.overlap(due.served) if due.served is not None else None
            if left is not None:
                yield _claim(due, claim.bill_id, left, claim.part, claim.outcome, desk, at)


def _claim(
    due: Due, bill_id: int | None, period: Period, part: str, outcome: str, desk: Desk, at: datetime
) -> tuple[Any, ...]:
    subscription = due.subscription
    return (
        *(subscription.id, subscription.customer_id, bill_id, _range(period), _range(due.full), part, outcome),
        *(desk.known_at, at, "", ""),
    )


def _outlived(due: Due) -> Iterable[Claimed]:
    """The live claims of this period that reach beyond the service, which ended earlier than was known."""
    if due.occasion not in ("settlement", "ended"):
        return ()
    end = due.served.end if due.served is not None else due.full.start
    return [claim for claim in due.subscription.latest if claim.full == due.full and claim.period.end > end]


def _uses(drafted: Drafted, bill_id: int) -> Iterator[tuple[Any, ...]]:
    """What the bill did to adjustments: one row each, numbered so that two bills cannot use the same time."""
    for use in drafted.draft.adjustments:
        adjustment = int(use.adjustment_id)
        position = drafted.use_positions[adjustment]
        yield adjustment, drafted.case.customer.pk, bill_id, position, use.occurrence, use.rest


def _range(days: Period) -> str:
    return f"[{days.start},{days.end})"
