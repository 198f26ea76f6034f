"""Take back what settled a bill: a write-off when the money came after all or a credit note takes its place.

A credit note is taken back from other bills when its own is open again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from quarterday.bills.models import Bill
from quarterday.payments.actions.accounts import PaymentRefused, allocate, lock_accounts
from quarterday.payments.models import Allocation, WriteOff
from quarterday.payments.queries import settlements
from quarterday.provider.words import reason_given
from quarterday.shared.scope import WORKER, Actor
from quarterday.shared.trail import record


def undo_write_off(row: WriteOff, *, reason: str, now: datetime, by: Actor) -> None:
    """Take a write-off back, for example because the money came after all: what it settled is open again.

    Raises PaymentRefused when it was taken back before, Refused without a reason.
    """
    lock_accounts([row.customer_id])
    row.refresh_from_db()
    if row.undone_at:
        raise PaymentRefused("write_off", "It was taken back before: what it had settled is open already.")
    reason = reason_given(reason, missing="is missing: say why, for example: the money came after all.")
    row.allocations.filter(undone_at=None).update(undone_at=now)
    row.undone_at, row.undone_because = now, reason
    row.save(update_fields=["undone_at", "undone_because"])
    details = {"amount": f"{row.amount} {row.bill.currency}", "reason": row.undone_because}
    record(by, "took back write-off", row.bill, at=now, details=details)


def make_way_for_credit(bill_id: int, amount: Decimal, *, on: date, now: datetime) -> None:
    """Let a credit note have so much of what was written off of its bill, newest first; the rest stays given up.

    A credit note takes back the charge and its tax, so the same money is no bad debt any more. Otherwise the note would
    find its bill settled and become money that the customer can spend. The rest is written off anew on the day, so that
    no statement of an earlier day is contradicted.
    """
    for row in WriteOff.objects.select_related("bill").filter(bill=bill_id, undone_at=None).order_by("-pk"):
        if amount <= 0:
            return
        undo_write_off(row, reason="the bill was credited", now=now, by=WORKER)
        if row.amount > amount:
            _write_off_rest(row, row.amount - amount, on, now)
        amount -= row.amount


def call_notes_home(bill_ids: Iterable[int], *, today: date, now: datetime) -> bool:
    """Take the credit notes of bills that are open again from the bills that used them; whether there was one.

    A bill that was paid and then credited leaves its note to other bills. Once its payment is gone, it would be asked
    for though it was credited, while a bill that nobody paid stood as settled. Whoever calls has them set off anew.
    """
    is_free = False
    for bill_id in set(bill_ids):
        notes = Bill.objects.filter(kind="credit_note", corrects=bill_id).values_list("pk", flat=True)
        if not notes:
            continue
        standing = settlements([bill_id, *notes], on=today)
        wanted = standing.pop(bill_id).open - sum((note.open for note in standing.values()), Decimal(0))
        elsewhere = Allocation.objects.filter(credit_note__in=standing, undone_at=None).exclude(bill=bill_id)
        for row in elsewhere.order_by("-pk"):
            if wanted <= 0:
                break
            undo_part(row, min(wanted, row.amount), today=today, now=now)
            wanted -= row.amount
            is_free = True
    return is_free


def undo_part(row: Allocation, part: Decimal, *, today: date, now: datetime) -> None:
    """Take so much of an allocation back; what stays is allocated anew, on this day: until then the whole stood, and is
    not counted twice."""
    row.undone_at, row.undone_on = now, today
    row.save(update_fields=["undone_at", "undone_on"])
    if row.amount > part:
        Allocation.objects.create(
            customer_id=row.customer_id,
            bill_id=row.bill_id,
            payment_id=row.payment_id,
            credit_note_id=row.credit_note_id,
            amount=row.amount - part,
            allocated_on=max(row.allocated_on, today),
            recorded_at=now,
        )


def _write_off_rest(row: WriteOff, rest: Decimal, on: date, now: datetime) -> None:
    again = WriteOff.objects.create(
        customer_id=row.customer_id,
        bill_id=row.bill_id,
        amount=rest,
        reason=row.reason,
        written_off_on=on,
        recorded_at=now,
        recorded_by=row.recorded_by,
    )
    left = allocate(rest, settlements([row.bill_id], on=on).values(), now, on, write_off=again)
    assert left == 0, f"{left} of the {rest} that stay written off of bill {row.bill_id} settles nothing"
    record(
        WORKER, "wrote off", row.bill, at=now, details={"amount": f"{rest} {row.bill.currency}", "reason": row.reason}
    )
