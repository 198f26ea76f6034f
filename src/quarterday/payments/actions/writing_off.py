"""Give up what is open of an invoice. Neither a credit note nor a payment: the bill stays right."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from quarterday.bills.models import Bill
from quarterday.bills.queries.creditable import credited_by_hand
from quarterday.bills.two_persons import refuse_alone
from quarterday.engine.money import in_currency
from quarterday.engine.periods import local_date
from quarterday.payments.actions.accounts import PaymentRefused, allocate, check_amount
from quarterday.payments.actions.settling import settle
from quarterday.payments.models import WriteOff
from quarterday.payments.queries import Settlement, settlements
from quarterday.provider.words import reason_given
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record


def write_off(
    bill: Bill,
    *,
    reason: str,
    now: datetime,
    by: Actor,
    amount: Decimal | None = None,
    written_off_on: date | None = None,
    second: Actor | None = None,
) -> WriteOff:
    """Give up all that is open of an issued invoice, or an amount of it, on a day (today at the customer's).

    Raises PaymentRefused above what is open, or before the bill's own day; Refused without a reason; TakesTwo above the
    provider's amount without a `second` person.
    """
    reason = reason_given(reason, missing="is missing: say why it will not be paid, for example: insolvent.")
    today = local_date(now, bill.customer.time_zone)
    day = written_off_on or today
    # Locks the account, too. What credit has covered is open no longer, even if nobody has set it off yet.
    settle([bill.customer_id], now=now)
    standing = settlements([bill.pk], on=day).get(bill.pk)
    part = _refuse(standing, amount, day, today)
    assert standing is not None, f"bill {bill.pk} was refused"
    # Not the other way round: a credit note takes the place of what was written off before (taking_back.py).
    given_up = standing.written_off
    refuse_alone(part, bill.currency, before=lambda: given_up + credited_by_hand(bill), by=by, second=second)
    row = WriteOff.objects.create(
        customer_id=bill.customer_id,
        bill=bill,
        amount=part,
        reason=reason,
        written_off_on=day,
        recorded_at=now,
        recorded_by=str(by),
    )
    left = allocate(part, [standing], now, day, write_off=row, is_of_before=day < today)
    assert left == 0, f"{left} of {part} written off of bill {bill.pk} settles nothing"
    record(by, "wrote off", bill, at=now, details={"amount": f"{part} {bill.currency}", "reason": row.reason})
    return row


def _refuse(standing: Settlement | None, amount: Decimal | None, day: date, today: date) -> Decimal:
    """How much is written off; raises PaymentRefused for what cannot be."""
    if standing is None or standing.kind != "invoice":
        raise PaymentRefused("bill", "Only an issued invoice is written off: discard a draft, use a credit note.")
    if standing.open <= 0:
        raise PaymentRefused("bill", f"{standing.number} is {standing.status}: nothing is open to write off.")
    part = standing.open if amount is None else amount
    check_amount("amount", part, standing.currency)
    if part > standing.open:
        left = in_currency(standing.open, standing.currency)
        raise PaymentRefused("amount", f"{part} is more than the {left} {standing.currency} that are open.")
    if not standing.issued_on <= day <= today:
        raise PaymentRefused(
            "written_off_on", f"{day} is not between the bill's issue ({standing.issued_on}) and today ({today})."
        )
    return part
