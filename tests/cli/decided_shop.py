"""A shop in which everything was decided once: paid, credited, written off, given back, refused, forgiven, let go.

Its numbers and ids are answered by name, so that a command line can be written with them: `{paid_bill}`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from quarterday.bills.actions import credit_bill, decide_late_truth, find_late_truths
from quarterday.bills.models import Bill, LateTruth
from quarterday.bills.queries import numbers_of
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import end_exception, except_device, replace_device
from quarterday.payments.actions import (
    confirm_line,
    ignore_line,
    record_payment,
    refund,
    refuse_proposal,
    undo_write_off,
    withdraw_payment,
    write_off,
    write_off_or_propose,
)
from quarterday.payments.late_fees import charge_late_fees, let_late_fee_go
from quarterday.payments.models import Proposal
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment, cancel_adjustment
from tests.bills.desk import bill_on, eur, moment
from tests.bills.ledger import present
from tests.payments.bank import entry, imported
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))
NOW = moment(date(2026, 6, 10), 12)
AT: dict[str, Any] = {"now": NOW, "by": BY}


def decided_shop() -> dict[str, object]:
    """Build it as of 10 June 2026; its numbers and ids by name."""
    with acting(Scope.all()):
        open_shop()
        plan = a_plan()
        north, south, east, west = (a_customer(name) for name in ("North", "South", "East", "West"))
        tokyo = a_customer("Tokyo", currency="JPY")
        devices: dict[str, Any] = {}
        for owner, names in (
            (north, ("PC-1", "PC-2", "PC-3")),
            (south, ("PC-9",)),
            (east, ("PC-5",)),
            (west, ("W-1",)),
        ):
            a_subscription(owner, plan, review_first_bill=owner == east)
            devices |= present(owner, "\n".join(f"{name} #>" for name in names), start=APRIL)
        bill_on(MAY)
        bill_on(JUNE)
        money = _money(north, south)
        replaced = replace_device(devices["PC-2"], new=devices["PC-3"], **AT)
        exception = except_device(
            devices["PC-1"], days=Period(JUNE, date(2026, 7, 1)), reason="loan", agreed_by="A", **AT
        )
        end_exception(exception.pk, on=None, **AT)
        adjustment = add_adjustment(north, text="Welcome", starts_on=JUNE, amount=eur("-10"), **AT)
        cancel_adjustment(adjustment, **AT)
        Provider.objects.update(late_fee_days=14, late_fee_amount=eur("5.00"), late_fee_since=APRIL)
        [fee] = charge_late_fees(customer_ids=[west.pk], **AT)
        let_late_fee_go(fee, reason="it crossed", **AT)
        Provider.objects.update(late_fee_days=None, late_fee_amount=None, late_fee_since=None)
        present(south, "PC-8 #>", start=APRIL, learned_at=NOW)
        find_late_truths([south.pk], now=NOW)
        late = LateTruth.objects.order_by("pk")[0]
        decide_late_truth(late, decision="forgiven", **AT)
        draft = Bill.objects.filter(customer=east).order_by("pk")[0]
        fee_bill = numbers_of([fee.bill_id])[fee.bill_id]
    return {
        **money,
        "north": north.number,
        "south": south.number,
        "tokyo": tokyo.number,
        "draft": draft.pk,
        "fee_bill": fee_bill,
        "replaced": replaced.pk,
        "exception": exception.pk,
        "adjustment": adjustment.pk,
        "late": late.pk,
    }


def _money(north: Customer, south: Customer) -> dict[str, object]:
    paid_bill, open_bill = Bill.objects.filter(customer=north).order_by("pk")
    credited_bill, other_bill = Bill.objects.filter(customer=south).order_by("pk")
    note = credit_bill(credited_bill, reason="Wrong", **AT)
    told: dict[str, Any] = {"currency": "EUR", "received_on": JUNE, **AT}
    paid = record_payment(north, amount=eur("107.10"), **told)
    given_back, withdrawn = (record_payment(south, amount=Decimal(amount), **told) for amount in (10, 12))
    withdraw_payment(withdrawn, reason="bounced", **AT)
    refund(given_back, amount=eur("10.00"), refunded_on=JUNE, **AT)
    kept, undone = (write_off(open_bill, reason="cents", amount=eur(amount), **AT) for amount in ("0.40", "1.00"))
    undo_write_off(undone, reason="it came", **AT)
    Provider.objects.update(two_persons_above=10)
    wish = write_off_or_propose(other_bill, reason="insolvent", **AT)
    assert isinstance(wish, Proposal)
    refuse_proposal(wish, reason="they pay", **AT)
    Provider.objects.update(two_persons_above=None)
    line, ignored, confirmed = imported(entry("5.00"), entry("6.00"), entry("7.00"), now=NOW)
    ignore_line(ignored, reason="fee", **AT)
    confirm_line(confirmed, kind="payment", customer=south, **AT)
    bills = {"paid_bill": paid_bill, "open_bill": open_bill, "credited_bill": credited_bill, "other_bill": other_bill}
    numbers = numbers_of([*(bill.pk for bill in bills.values()), note.pk])
    return {
        **{name: numbers[bill.pk] for name, bill in bills.items()},
        "note": numbers[note.pk],
        "paid": paid.pk,
        "given_back": given_back.pk,
        "withdrawn": withdrawn.pk,
        "write_off": kept.pk,
        "undone": undone.pk,
        "proposal": wish.pk,
        "line": line.pk,
        "ignored": ignored.pk,
        "confirmed": confirmed.pk,
    }
