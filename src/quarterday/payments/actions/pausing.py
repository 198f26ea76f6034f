"""Nobody is reminded of what is disputed: an invoice, or some of its lines, until a day or until it is ended."""

from __future__ import annotations

from datetime import date, datetime

from quarterday.bills.models import Bill, BillLine
from quarterday.engine.periods import local_date
from quarterday.payments.actions.accounts import PaymentRefused, lock_accounts
from quarterday.payments.models import ReminderPause
from quarterday.payments.queries import settlements
from quarterday.provider.words import reason_given
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record


def pause_reminders(
    bill: Bill, *, reason: str, now: datetime, by: Actor, line: int | None = None, until: date | None = None
) -> ReminderPause:
    """Leave an invoice, or one line by its position, out of reminders; to the end of a day, or until it is ended.

    Raises PaymentRefused for what is no issued invoice, an unknown line, or a past day; Refused without a reason.
    """
    lock_accounts([bill.customer_id])
    today = local_date(now, bill.customer.time_zone)
    standing = settlements([bill.pk], on=today).get(bill.pk)
    if standing is None or standing.kind != "invoice":
        raise PaymentRefused("bill", "Only an issued invoice is reminded of.")
    row = None if line is None else BillLine.objects.filter(bill=bill, position=line).first()
    if line is not None and row is None:
        raise PaymentRefused("line", f"{standing.number} has no line {line}: its lines are counted from 1.")
    reason = reason_given(reason, missing="is missing: say what is disputed.")
    if until is not None and until < today:
        raise PaymentRefused("until", f"{until} is over: choose a day to come, or none.")
    # Another pause of the same takes its place.
    ReminderPause.objects.filter(bill=bill, line=row, ended_at=None).update(ended_at=now)
    pause = ReminderPause.objects.create(
        customer_id=bill.customer_id,
        bill=bill,
        line=row,
        reason=reason,
        until=until,
        paused_at=now,
        paused_by=str(by)[:200],
    )
    details = {"reason": pause.reason, "line": line, "until": until.isoformat() if until else None}
    record(by, "paused reminders", bill, at=now, details=details)
    return pause


def resume_reminders(bill: Bill, *, now: datetime, by: Actor) -> int:
    """End every pause of an invoice and its lines; answers how many. Raises PaymentRefused if there is none."""
    lock_accounts([bill.customer_id])
    ended = ReminderPause.objects.filter(bill=bill, ended_at=None).update(ended_at=now)
    if not ended:
        raise PaymentRefused("bill", "Its reminders are not paused.")
    record(by, "resumed reminders", bill, at=now)
    return ended
