"""The bank's lines: taken over once, then each confirmed as what it is, or ignored for a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from quarterday.customers.models import Customer
from quarterday.engine.money import in_currency
from quarterday.payments.actions.accounts import PaymentRefused, lock_accounts
from quarterday.payments.actions.receiving import LONGEST_BACK, record_payment, refund, withdraw_payment
from quarterday.payments.bankfile import BankEntry, keyed
from quarterday.payments.models import BankFile, BankLine, Payment
from quarterday.provider.words import reason_given
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record

CHUNK = 500

KINDS = ("payment", "recorded", "refund", "bounce")
"""What a line can be said to be."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: how many lines it has, how many were new, and whether it was imported before."""

    file: BankFile
    line_count: int
    new_count: int
    is_known: bool


def import_bank_lines(entries: Sequence[BankEntry], *, content: bytes, name: str, now: datetime, by: Actor) -> Imported:
    """Take over the movements of a bank's file, each once, whatever files it stands in; they wait to be confirmed.

    The same file again changes nothing. Raises Refused for a file without a movement, or of days to come.
    """
    with connection.cursor() as cursor:
        # Of two who bring in the same file at once, the second one learns that it is here.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('quarterday.bank_files'))")
    digest = hashlib.sha256(content).digest()
    known = BankFile.objects.filter(digest=digest).first()
    if known is not None:
        return Imported(known, known.line_count, 0, is_known=True)
    if not entries:
        raise Refused("file", "There is no booked movement in this file.")
    earliest, latest = min(entry.booked_on for entry in entries), max(entry.booked_on for entry in entries)
    if earliest < now.date() - LONGEST_BACK:
        raise Refused("file", f"A line is of {earliest}, which is long ago: check how the file writes days.")
    if latest > now.date() + timedelta(days=31):
        raise Refused("file", f"A line is of {latest}, which is far in the future: check how the file writes days.")
    file = BankFile.objects.create(
        digest=digest, name=name[:200], line_count=len(entries), new_count=0, imported_at=now, imported_by=str(by)
    )
    lines = [
        BankLine(
            file=file,
            key=key,
            account=entry.account,
            booked_on=entry.booked_on,
            amount=entry.amount,
            currency=entry.currency,
            text=entry.text,
            name=entry.name,
            iban=entry.iban,
            reference=entry.reference,
            is_returned=entry.is_returned,
        )
        for key, entry in keyed(entries)
    ]
    BankLine.objects.bulk_create(lines, ignore_conflicts=True, batch_size=CHUNK)
    file.new_count = file.lines.count()
    file.save(update_fields=["new_count"])
    record(by, "imported bank file", file, at=now, details={"name": name, "lines": len(entries), "new": file.new_count})
    return Imported(file, len(entries), file.new_count, is_known=False)


def confirm_line(
    line: BankLine,
    *,
    kind: str,
    now: datetime,
    by: Actor,
    customer: Customer | None = None,
    bills: Sequence[int] | None = None,
    payment: Payment | None = None,
    second: Actor | None = None,
) -> BankLine:
    """Say what a waiting line is, and do it: record the payment for a customer (for bills, or its oldest), find it
    recorded, give back of a payment, or withdraw one that bounced.

    Raises Refused for a line that was decided before or does not fit its kind, and what the act itself refuses. What
    was given back above the provider's amount takes a `second` person, or raises TakesTwo: anybody can write a file.
    """
    row = waiting_line(line)
    if kind not in KINDS:
        raise Refused("kind", f"“{kind}” is unknown: say {', '.join(KINDS)}.")
    if (row.amount > 0) != (kind in ("payment", "recorded")):
        amount, way = in_currency(row.amount, row.currency), "came" if row.amount > 0 else "went"
        raise Refused("kind", f"{amount} {row.currency} {way}: it is no {kind}.")
    done: dict[str, Any] = {}
    if kind == "payment":
        if customer is None:
            raise Refused("customer", "is missing: say who paid.")
        paid = record_payment(
            customer,
            amount=row.amount,
            currency=row.currency,
            received_on=row.booked_on,
            reference=(row.text or row.name)[:200],
            bills=list(bills) if bills else None,
            now=now,
            by=by,
        )
        done = {"payment": paid}
    else:
        done = _about_payment(row, kind, payment, now, by, second)
    row.state, row.decided_at, row.decided_by, row.note = "confirmed", now, str(by)[:200], kind
    for name, value in done.items():
        setattr(row, name, value)
    row.customer_id = row.payment.customer_id if row.payment else None
    row.save()
    record(by, f"confirmed as {kind}", row, at=now, details={"amount": f"{row.amount} {row.currency}"})
    return row


def ignore_line(line: BankLine, *, reason: str, now: datetime, by: Actor) -> BankLine:
    """A line that is no customer's money, such as the bank's own fee. Raises Refused without a reason."""
    row = waiting_line(line)
    reason = reason_given(reason, missing="is missing: say what it is, for example: the bank's fee.")
    row.state, row.decided_at, row.decided_by, row.note = "ignored", now, str(by)[:200], reason
    row.save()
    record(by, "ignored bank line", row, at=now, details={"reason": row.note})
    return row


def reopen_line(line: BankLine, *, now: datetime, by: Actor) -> BankLine:
    """Let a line that was ignored wait again. A confirmed one stays: withdraw or refund its payment."""
    row = BankLine.objects.select_for_update().get(pk=line.pk)
    if row.state != "ignored":
        raise Refused("line", f"The line is {row.state}, not ignored: only what was ignored can wait again.")
    row.state, row.decided_at, row.decided_by, row.note = "waiting", None, "", ""
    row.save()
    record(by, "reopened bank line", row, at=now)
    return row


def waiting_line(line: BankLine) -> BankLine:
    """The line as it is now, locked; Refused if it was decided before."""
    row = BankLine.objects.select_for_update().get(pk=line.pk)
    if row.state == "ignored":
        raise Refused("line", f"This line was ignored by {row.decided_by} before: let it wait again first.")
    if row.state != "waiting":
        raise Refused("line", f"This line was {row.state} by {row.decided_by} before: withdraw or refund its payment.")
    return row


def _about_payment(
    row: BankLine, kind: str, payment: Payment | None, now: datetime, by: Actor, second: Actor | None
) -> dict[str, Any]:
    """What a line says about a payment that is there already."""
    if payment is None:
        raise Refused("payment", "is missing: say which payment it is about.")
    if payment.currency != row.currency:
        raise Refused("payment", f"It was in {payment.currency}, the line is in {row.currency}.")
    if kind == "recorded":
        lock_accounts([payment.customer_id])
        if payment.amount != row.amount:
            amounts = in_currency(payment.amount, row.currency), in_currency(row.amount, row.currency)
            raise Refused("payment", f"It is {amounts[0]} {row.currency}, the line {amounts[1]}: name another payment.")
        if payment.bank_lines.exists():
            raise Refused("payment", "Another line of the bank is this payment already.")
    elif kind == "refund":
        given = refund(
            payment,
            amount=-row.amount,
            refunded_on=row.booked_on,
            reference=row.text[:200],
            second=second,
            now=now,
            by=by,
        )
        return {"payment": payment, "refund": given}
    else:
        if payment.amount != -row.amount:
            amounts = in_currency(payment.amount, row.currency), in_currency(-row.amount, row.currency)
            raise PaymentRefused(
                "payment", f"It is {amounts[0]} {row.currency}, {amounts[1]} came back: name another payment."
            )
        withdraw_payment(payment, reason=f"returned by the bank: {row.text}"[:300], on=row.booked_on, now=now, by=by)
    return {"payment": payment}
