"""Waiting lines of the bank are confirmed as they were suggested, one or all that are sure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterday.customers.models import Customer
from quarterday.payments.actions.bank import waiting_line
from quarterday.payments.actions.proposing import confirm_or_propose
from quarterday.payments.models import BankLine, Payment, Proposal
from quarterday.payments.queries.bank import Suggestion, suggestions, waiting_lines
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor


def confirm_suggestion(suggestion: Suggestion, *, now: datetime, by: Actor) -> BankLine | Proposal:
    """Confirm a line as it was suggested, or propose it when it gives back what takes two persons."""
    if not suggestion.kind:
        waiting_line(suggestion.line)
        raise Refused("line", "Nobody knows what this line is: say who paid, or ignore it.")
    payment = None if suggestion.payment_id is None else Payment.objects.get(pk=suggestion.payment_id)
    customer = None if suggestion.customer_id is None else Customer.objects.get(pk=suggestion.customer_id)
    return confirm_or_propose(
        suggestion.line,
        kind=suggestion.kind,
        customer=customer,
        bills=[bill.bill_id for bill in suggestion.bills],
        payment=payment,
        now=now,
        by=by,
    )


def confirm_sure_lines(*, now: datetime, by: Actor, only: Sequence[int] | None = None) -> list[BankLine]:
    """Confirm every waiting line whose suggestion is sure, of those named if some are; answers the lines.

    Money that went back is never sure: a person looks at each such line.
    Of two lines for the same bill or payment only the first is confirmed: the other one is not sure any more.
    """
    lines = waiting_lines() if only is None else waiting_lines().filter(pk__in=only)
    confirmed = []
    used: set[tuple[str, int]] = set()
    for suggestion in suggestions(list(lines)):
        meant = {("bill", bill.bill_id) for bill in suggestion.bills}
        if suggestion.payment_id is not None:
            meant.add(("payment", suggestion.payment_id))
        if not suggestion.is_sure or meant & used:
            continue
        used |= meant
        done = confirm_suggestion(suggestion, now=now, by=by)
        assert isinstance(done, BankLine), f"line {suggestion.line.pk} was sure, and takes two persons"
        confirmed.append(done)
    return confirmed
