"""What gives up more than the provider's amount: one person proposes it, another one agrees or not.

    credit_or_propose(bill, reason="Wrong plan", now=now, by=by)    # the credit note, or the proposal that waits

Up to the amount the act is done at once. Above it everything is checked, nothing is changed, and the proposal waits;
approved, the same verb is called again with what is true by then, so that never more is given up than is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.db import transaction

from quarterday.bills.actions import credit_bill, discard_bill
from quarterday.bills.models import Bill
from quarterday.bills.queries.device_days import DaysOfDevice
from quarterday.bills.two_persons import TakesTwo
from quarterday.customers.models import Customer
from quarterday.engine.money import in_currency
from quarterday.engine.periods import Period
from quarterday.payments.actions.accounts import PaymentRefused
from quarterday.payments.actions.bank import confirm_line
from quarterday.payments.actions.receiving import refund
from quarterday.payments.actions.settling import settle
from quarterday.payments.actions.writing_off import write_off
from quarterday.payments.models import BankLine, Payment, Proposal, Refund, WriteOff
from quarterday.provider.words import reason_given
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record

Given = Bill | WriteOff | Refund
"""What comes of a proposal: the credit note, the write-off, the refund, or the draft that is waived."""


def credit_or_propose(
    bill: Bill,
    *,
    reason: str,
    now: datetime,
    by: Actor,
    amounts: Mapping[int, Decimal] | None = None,
    days_of: DaysOfDevice | None = None,
    bill_again: bool = False,
) -> Bill | Proposal:
    """Credit an issued bill, or propose it when it takes two persons. Raises what credit_bill does."""
    told = None if amounts is None else {str(position): str(amount) for position, amount in amounts.items()}
    days = None if days_of is None else [days_of.device_id, str(days_of.days.start), str(days_of.days.end)]
    terms = {"amounts": told, "days_of": days, "bill_again": bill_again}
    wish = Proposal(
        kind="credit", customer=bill.customer, bill=bill, currency=bill.currency, reason=reason, terms=terms
    )
    return cast(Bill | Proposal, _do_or_propose(wish, now, by))


def waive_or_propose(draft: Bill, *, reason: str, now: datetime, by: Actor) -> Bill | Proposal:
    """Throw a draft away and never bill its periods, or propose it when it takes two. Raises what discard_bill does."""
    wish = Proposal(kind="waive", customer=draft.customer, bill=draft, currency=draft.currency, reason=reason)
    return cast(Bill | Proposal, _do_or_propose(wish, now, by))


def write_off_or_propose(
    bill: Bill,
    *,
    reason: str,
    now: datetime,
    by: Actor,
    amount: Decimal | None = None,
    written_off_on: date | None = None,
) -> WriteOff | Proposal:
    """Write off what is open of a bill, or propose it when it takes two persons. Raises what write_off does.

    Approved, it counts from the day of the approval: until then nothing was given up.
    """
    terms = {"amount": _told(amount), "on": _told(written_off_on)}
    wish = Proposal(
        kind="write_off", customer=bill.customer, bill=bill, currency=bill.currency, reason=reason, terms=terms
    )
    return cast(WriteOff | Proposal, _do_or_propose(wish, now, by))


def refund_or_propose(
    payment: Payment, *, amount: Decimal, refunded_on: date, now: datetime, by: Actor, reference: str = ""
) -> Refund | Proposal:
    """Record money given back, or propose it when it takes two persons. Raises what refund does."""
    terms = {"amount": _told(amount), "on": _told(refunded_on)}
    wish = Proposal(
        kind="refund",
        customer=payment.customer,
        payment=payment,
        currency=payment.currency,
        reason=reference,
        terms=terms,
    )
    return cast(Refund | Proposal, _do_or_propose(wish, now, by))


def confirm_or_propose(
    line: BankLine,
    *,
    kind: str,
    now: datetime,
    by: Actor,
    customer: Customer | None = None,
    bills: Sequence[int] | None = None,
    payment: Payment | None = None,
) -> BankLine | Proposal:
    """Say what a line of the bank is, or propose it when it gives back what takes two. Raises what confirm_line does.

    The line waits as long as its proposal does.
    """
    if kind != "refund" or payment is None:
        return confirm_line(line, kind=kind, customer=customer, bills=bills, payment=payment, now=now, by=by)
    wish = Proposal(
        kind="refund",
        customer=payment.customer,
        payment=payment,
        currency=payment.currency,
        reason=line.text,
        terms={"line": line.pk},
    )
    done = _do_or_propose(wish, now, by)
    return done if isinstance(done, Proposal) else BankLine.objects.get(pk=line.pk)


def approve_proposal(proposal: Proposal, *, now: datetime, by: Actor) -> Given:
    """Do what another person has proposed; answers the credit note, write-off or refund.

    Raises Refused, with nothing changed, when it was decided before, when both persons are the same, and when it would
    not come to the proposed amount any more.
    """
    with transaction.atomic():
        return _approve(proposal, now, by)


def refuse_proposal(proposal: Proposal, *, reason: str, now: datetime, by: Actor) -> None:
    """Leave everything as it is. Who proposed it may take it back in the same way. Raises Refused without a reason."""
    wish = _locked(proposal)
    reason = reason_given(reason, missing="is missing: say why not, for example: the bill was right.")
    _decide(wish, "refused", reason, now, by)


def _approve(proposal: Proposal, now: datetime, by: Actor) -> Given:
    wish = _locked(proposal)
    first = Actor("person" if wish.proposed_by_id else "command", wish.proposed_by, wish.proposed_by_id)
    if wish.kind == "write_off":
        wish.terms = {**wish.terms, "on": None}
    done = _do(wish, now, by, second=first)
    amount = wish.amount if wish.kind == "waive" else done.total if isinstance(done, Bill) else done.amount
    if amount != wish.amount:
        proposed, now_left = (in_currency(each, wish.currency) for each in (wish.amount, amount))
        raise PaymentRefused(
            "amount", f"{proposed} was proposed, it would be {now_left} now: refuse it, and propose it anew."
        )
    _decide(wish, "approved", "", now, by)
    return done


def _do_or_propose(wish: Proposal, now: datetime, by: Actor) -> Given | Proposal:
    """Do it in one piece; or, when all is in order but for a second person, keep the wish."""
    try:
        with transaction.atomic():
            return _do(wish, now, by, second=None)
    except TakesTwo as takes:
        wish.amount = takes.amount
    about = {"bill": wish.bill} if wish.bill else {"payment": wish.payment}
    waiting = Proposal.objects.filter(state="waiting", **about).first()
    if waiting is not None and waiting.kind == "waive" and wish.kind != "waive":
        # Whatever else is proposed about a bill is about an issued one: nobody can waive its draft any more.
        _decide(waiting, "refused", "The draft was issued meanwhile.", now, by)
    elif waiting is not None:
        raise PaymentRefused("", f"Proposal {waiting.pk} about it waits already: approve or refuse that one first.")
    wish.reason = wish.reason.strip()
    wish.proposed_at, wish.proposed_by, wish.proposed_by_id = now, by.name[:200], by.user_id
    wish.save()
    details = {"kind": wish.kind, "amount": f"{wish.amount} {wish.currency}", "reason": wish.reason}
    record(by, "proposed", wish, at=now, details={**details, "about": str(wish.bill or wish.payment)})
    return wish


def _do(wish: Proposal, now: datetime, by: Actor, *, second: Actor | None) -> Given:
    """The act itself, from what is kept of it."""
    terms: dict[str, Any] = wish.terms
    if wish.kind == "waive":
        assert wish.bill is not None, f"{wish} is about no bill"
        discard_bill(wish.bill, waive_reason=wish.reason, second=second, now=now, by=by)
        return wish.bill
    if wish.kind == "credit":
        assert wish.bill is not None, f"{wish} is about no bill"
        told = terms["amounts"]
        amounts = None if told is None else {int(position): Decimal(amount) for position, amount in told.items()}
        days_of = None
        if terms.get("days_of"):
            device_id, start, end = terms["days_of"]
            days_of = DaysOfDevice(device_id, Period(date.fromisoformat(start), date.fromisoformat(end)))
        note = credit_bill(
            wish.bill,
            reason=wish.reason,
            amounts=amounts,
            days_of=days_of,
            bill_again=terms["bill_again"],
            second=second,
            now=now,
            by=by,
        )
        # At once, so that nobody sees the bill as owed whose charge was taken back.
        settle([wish.bill.customer_id], now=now)
        return note
    if "line" in terms:
        given = confirm_line(
            BankLine.objects.get(pk=terms["line"]), kind="refund", payment=wish.payment, second=second, now=now, by=by
        ).refund
        assert given is not None, f"{wish} gave nothing back"
        return given
    amount = None if terms["amount"] is None else Decimal(terms["amount"])
    on = None if terms["on"] is None else date.fromisoformat(terms["on"])
    if wish.kind == "write_off":
        assert wish.bill is not None, f"{wish} is about no bill"
        return write_off(wish.bill, reason=wish.reason, amount=amount, written_off_on=on, second=second, now=now, by=by)
    assert wish.payment is not None, f"{wish} is about no payment"
    assert amount is not None and on is not None, f"{wish} does not say what went back when"  # noqa: PT018
    return refund(wish.payment, amount=amount, refunded_on=on, reference=wish.reason, second=second, now=now, by=by)


def _locked(proposal: Proposal) -> Proposal:
    row = Proposal.objects.select_for_update(of=("self",)).select_related("bill__customer", "payment__customer")
    wish = row.get(pk=proposal.pk)
    if wish.state != "waiting":
        raise PaymentRefused("proposal", f"{wish.decided_by} has decided this before: nothing is left to do.")
    return wish


def _decide(wish: Proposal, state: str, because: str, now: datetime, by: Actor) -> None:
    decided = {"state": state, "decided_at": now, "decided_by": by.name[:200], "decided_because": because}
    Proposal.objects.filter(pk=wish.pk).update(**decided)
    details = {"amount": f"{wish.amount} {wish.currency}", "proposed_by": wish.proposed_by}
    record(by, "approved" if state == "approved" else "refused", wish, at=now, details={**details, "reason": because})


def _told(value: Decimal | date | None) -> str | None:
    return None if value is None else str(value)
