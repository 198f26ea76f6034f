"""What waits for a second person, and what was decided. All inside `acting(scope)`.

A draft may be issued, counted anew or thrown away while somebody's wish to waive it waits. Then nothing is left to
decide: such a proposal is moot (`is_moot` of each row), and is listed after those that wait.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Case, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value, When

from quarterday.bills.models import BillDiscard, BillIssue
from quarterday.payments.models import Proposal
from quarterday.shared.refusal import NotFound


class ProposalUnknown(NotFound):
    """There is no such proposal in scope."""


def every_proposal() -> QuerySet[Proposal]:
    """All proposals with what they are about: those that wait first, then the newest."""
    is_waiting = Case(When(state="waiting", is_moot=False, then=Value(0)), default=Value(1))
    return _proposals().select_related("customer", "bill__issue", "payment").order_by(is_waiting, "-pk")


def find_proposal(proposal_id: int) -> Proposal | None:
    """One proposal with its bill or payment; None when the scope does not hold it."""
    rows = _proposals().select_related("customer", "bill__issue", "bill__customer", "payment")
    return rows.filter(pk=proposal_id).first()


def waiting_about(bill_id: int) -> Proposal | None:
    """What waits for a second person about a bill: there is at most one."""
    return _proposals().filter(bill=bill_id, state="waiting", is_moot=False).first()


def get_proposal(proposal_id: int) -> Proposal:
    """One proposal; ProposalUnknown when the scope does not hold it."""
    row = find_proposal(proposal_id)
    if row is None:
        raise ProposalUnknown("proposal", f"There is no proposal {proposal_id}: see quarterday payments proposals.")
    return row


def proposal_list(*, limit: int = 200) -> list[dict[str, Any]]:
    """Proposals as a list shows them: those that wait first, then the newest."""
    rows: list[Any] = list(every_proposal()[:limit])
    return [
        {
            "id": row.pk,
            "customer_id": row.customer_id,
            "customer": row.customer.name,
            "kind": row.kind,
            "about": _about(row),
            "amount": row.amount,
            "currency": row.currency,
            "reason": row.reason,
            "proposed_by": row.proposed_by,
            "state": "moot" if row.is_moot else row.state,
            "decided_by": row.decided_by,
        }
        for row in rows
    ]


def _proposals() -> QuerySet[Any]:
    """Proposals that know whether they are moot."""
    issued, thrown_away = (Exists(model.objects.filter(bill=OuterRef("bill"))) for model in (BillIssue, BillDiscard))
    is_moot = Q(kind="waive", state="waiting") & (Q(issued) | Q(thrown_away))
    return Proposal.objects.annotate(is_moot=ExpressionWrapper(is_moot, BooleanField()))


def _about(row: Proposal) -> str:
    """The bill's number, or which draft or payment."""
    if row.bill is None:
        return str(row.payment)
    return f"draft {row.bill.pk}" if row.kind == "waive" else row.bill.issue.number
