"""Free credit settles what is open: each credit note the bill that it corrects, then the oldest invoices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.engine.periods import local_date
from quarterday.payments.actions.accounts import allocate, lock_accounts
from quarterday.payments.actions.taking_back import make_way_for_credit
from quarterday.payments.models import Payment
from quarterday.payments.queries import (
    Settlement,
    free_credit,
    open_credit_notes,
    open_invoices,
    payments_with_rest,
    settlements,
)


def settle(customer_ids: Iterable[int], *, now: datetime) -> int:
    """Use free credit: each credit note on the bill that it corrects, then credit on the oldest open invoices.

    It counts from each customer's today, or from the day of the bill or of the credit if that is later. Repeating it
    changes nothing. Answers how many allocations were made.
    """
    ids = sorted(set(customer_ids))
    lock_accounts(ids)
    made = 0
    if not free_credit(ids):
        return made
    days = _local_days(ids, now)
    notes = open_credit_notes(ids, on=now.date())
    if notes:
        made += _use_notes_on_their_bills(notes, days, now)
    invoices = open_invoices(ids, on=now.date())
    for customer_id, currency in {(i.customer_id, i.currency) for i in invoices}:
        made += _use_credit(customer_id, currency, days[customer_id], now)
    return made


def settle_everybody(*, now: datetime, customer_ids: Iterable[int] | None = None) -> int:
    """Use the free credit of whoever has an open invoice, of all customers in scope or of some; see `settle`."""
    owing = {invoice.customer_id for invoice in open_invoices(customer_ids, on=now.date())}
    return settle(owing, now=now)


def _local_days(customer_ids: Sequence[int], now: datetime) -> dict[int, date]:
    zones = Customer.objects.filter(pk__in=customer_ids).values_list("pk", "time_zone")
    return {customer_id: local_date(now, zone) for customer_id, zone in zones}


def _use_notes_on_their_bills(notes: Sequence[Settlement], days: Mapping[int, date], now: datetime) -> int:
    corrected = dict(Bill.objects.filter(pk__in=[n.bill_id for n in notes]).values_list("pk", "corrects_id"))
    made = 0
    for note in notes:
        bill_id = corrected[note.bill_id]
        if bill_id is None:
            continue
        day = max(days[note.customer_id], note.issued_on)
        # Asked anew for each note: the one before may have settled the same bill.
        standing = settlements([bill_id], on=day)[bill_id]
        if standing.written_off and note.open > standing.open:
            make_way_for_credit(bill_id, note.open - standing.open, on=day, now=now)
            standing = settlements([bill_id], on=day)[bill_id]
        invoices = [standing] if standing.open > 0 else []
        made += len(invoices)
        allocate(note.open, invoices, now, day, note_id=note.bill_id)
    return made


def _use_credit(customer_id: int, currency: str, today: date, now: datetime) -> int:
    made = 0
    for note in open_credit_notes([customer_id], on=today):
        if note.currency == currency:
            on = max(today, note.issued_on)
            made += _on_the_oldest(note.open, customer_id, currency, on, now, note_id=note.bill_id)
    for rest in payments_with_rest([customer_id]):
        if rest.currency == currency:
            on, payment = max(today, rest.received_on), Payment.objects.get(pk=rest.payment_id)
            made += _on_the_oldest(rest.rest, customer_id, currency, on, now, payment=payment)
    return made


def _on_the_oldest(
    amount: Decimal,
    customer_id: int,
    currency: str,
    on: date,
    now: datetime,
    *,
    payment: Payment | None = None,
    note_id: int | None = None,
) -> int:
    invoices = [i for i in open_invoices([customer_id], on=on) if i.currency == currency]
    left = allocate(amount, invoices, now, on, payment=payment, note_id=note_id)
    return int(left < amount)
