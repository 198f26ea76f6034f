"""Give up what is open of an invoice, or take that back. Neither a credit note nor a payment: the bill stays right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from quarterday.bills.models import Bill
from quarterday.bills.queries.creditable import credited_by_hand
from quarterday.bills.two_persons import refuse_alone
from quarterday.engine.money import in_currency
from quarterday.engine.periods import local_date
from quarterday.payments.actions.accounts import PaymentRefused, allocate, check_amount, lock_accounts
from quarterday.payments.models import WriteOff
from quarterday.payments.queries import Settlement, settlements
from quarterday.shared.scope import WORKER, Actor
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

    Raises PaymentRefused above what is open, before the bill's own day, and without a reason; TakesTwo above the
    provider's amount without a `second` person.
    """
    lock_accounts([bill.customer_id])
    day = written_off_on or local_date(now, bill.customer.time_zone)
    standing = settlements([bill.pk], on=day).get(bill.pk)
    part = _refuse(standing, amount, reason, day, local_date(now, bill.customer.time_zone))
    assert standing is not None, f"bill {bill.pk} was refused"
    # Not the other way round: a credit note takes the place of what was written off before (make_way_for_credit).
    before = standing.written_off + credited_by_hand(bill)
    refuse_alone(part, bill.currency, before=before, by=by, second=second)
    row = WriteOff.objects.create(
        customer_id=bill.customer_id,
        bill=bill,
        amount=part,
        reason=reason.strip()[:300],
        written_off_on=day,
        recorded_at=now,
        recorded_by=str(by),
    )
    left = allocate(part, [standing], now, day, write_off=row)
    assert left == 0, f"{left} of {part} written off of bill {bill.pk} settles nothing"
    record(by, "wrote off", bill, at=now, details={"amount": f"{part} {bill.currency}", "reason": row.reason})
    return row


def undo_write_off(row: WriteOff, *, reason: str, now: datetime, by: Actor) -> None:
    """Take a write-off back, for example because the money came after all: what it settled is open again.

    Raises PaymentRefused when it was taken back before, or no reason is given.
    """
    lock_accounts([row.customer_id])
    row.refresh_from_db()
    if row.undone_at:
        raise PaymentRefused("write_off", "it was taken back before")
    if not reason.strip():
        raise PaymentRefused("reason", "is missing: say why, for example: the money came after all")
    row.allocations.filter(undone_at=None).update(undone_at=now)
    row.undone_at, row.undone_because = now, reason.strip()[:300]
    row.save(update_fields=["undone_at", "undone_because"])
    details = {"amount": f"{row.amount} {row.bill.currency}", "reason": row.undone_because}
    record(by, "took back write-off", row.bill, at=now, details=details)


def make_way_for_credit(bill_ids: Iterable[int], *, now: datetime) -> None:
    """A credit note takes back the charge itself, so nothing of the same money stays written off.

    Otherwise the note would find its bill settled and become money that the customer can spend.
    """
    for row in WriteOff.objects.select_related("bill").filter(bill__in=list(bill_ids), undone_at=None).order_by("pk"):
        undo_write_off(row, reason="the bill was credited", now=now, by=WORKER)


def _refuse(standing: Settlement | None, amount: Decimal | None, reason: str, day: date, today: date) -> Decimal:
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
    if not reason.strip():
        raise PaymentRefused("reason", "is missing: say why it will not be paid, for example: insolvent.")
    if not standing.issued_on <= day <= today:
        raise PaymentRefused(
            "written_off_on", f"{day} is not between the bill's issue ({standing.issued_on}) and today ({today})."
        )
    return part
