"""Late fees: a charge on the customer's next bill for a bill that is overdue for so many days; once a bill, ever.

Off until the provider sets the days. Whoever is not reminded (paused, disputed, direct debit, reminders switched off)
is not charged either, nor whoever is spared. A bill is charged for what is open and not disputed of it when its day has
come in the customer's own time zone; what is paid, credited or written off by then costs nothing, nor does what free
credit would settle. Bills that are older than the first day that was set are left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from quarterday.bills.actions import recount_bill
from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.documents.letters import late_fee_text
from quarterday.documents.wording import language
from quarterday.engine.money import digits_of, line_net, round_half_up
from quarterday.engine.periods import local_date
from quarterday.payments.actions import PaymentRefused, settle
from quarterday.payments.actions.accounts import lock_accounts
from quarterday.payments.models import LateFee
from quarterday.payments.queries import Paused, Settlement, open_after_credit, open_invoices, state_of_late_fee
from quarterday.provider.models import Provider
from quarterday.provider.queries import find_provider, get_provider
from quarterday.provider.words import reason_given
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record
from quarterday.subscriptions.actions import add_adjustment, cancel_adjustment

LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class DueLateFee:
    """A bill that has become late enough, and what its customer is charged for that: before tax, in its currency."""

    customer: Customer
    invoice: Settlement
    open: Decimal
    amount: Decimal
    on: date


def due_late_fees(*, now: datetime, customer_ids: Iterable[int] | None = None) -> list[DueLateFee]:
    """Which fees would be charged now, oldest bills first; a fixed number of queries. Changes nothing."""
    provider = find_provider()
    if provider is None or provider.late_fee_days is None or provider.late_fee_since is None:
        return []
    by_customer: dict[int, list[Settlement]] = defaultdict(list)
    for invoice in open_invoices(customer_ids, on=now.date()):
        by_customer[invoice.customer_id].append(invoice)
    customers = Customer.objects.filter(
        pk__in=by_customer, late_fees=True, reminders=True, direct_debit=False, archived_on=None
    )
    charged = set(LateFee.objects.filter(customer__in=by_customer).values_list("bill_id", flat=True))
    left = open_after_credit(by_customer)
    paused = Paused(invoice.bill_id for invoices in by_customer.values() for invoice in invoices)
    due = []
    for customer in customers.order_by("pk"):
        today = local_date(now, customer.time_zone)
        for invoice in by_customer[customer.pk]:
            is_late = (today - invoice.due_on).days >= provider.late_fee_days
            # A fee is charged in the customer's currency, on its next bill.
            is_meant = invoice.issued_on >= provider.late_fee_since and invoice.currency == customer.currency
            if not (is_late and is_meant) or invoice.bill_id in charged:
                continue
            still_open = left[invoice.bill_id]
            asked = still_open - paused.amount(invoice.bill_id, still_open, on=today)
            if asked > 0 and (fee := fee_of(provider, customer, asked, invoice.currency)) > 0:
                due.append(DueLateFee(customer, invoice, asked, fee, today))
    return due


def fee_of(provider: Provider, customer: Customer, open_amount: Decimal, currency: str) -> Decimal:
    """The customer's own amount or percentage, else the provider's, rounded half up to the currency's decimals."""
    owner = provider if customer.late_fee_amount is None and customer.late_fee_percent is None else customer
    digits = digits_of(currency)
    if owner.late_fee_amount is not None:
        return round_half_up(owner.late_fee_amount, digits)
    return line_net(owner.late_fee_percent or 0, open_amount, Fraction(1, 100), digits)


def charge_late_fees(*, now: datetime, by: Actor, customer_ids: Iterable[int] | None = None) -> list[LateFee]:
    """Put each fee that is due on its customer's next bill. Any number of processes may do so at once."""
    due = due_late_fees(now=now, customer_ids=customer_ids)
    if not due:
        return []
    owners = sorted({fee.customer.pk for fee in due})
    lock_accounts(owners)
    # Credit that could settle a bill does so before it costs anything; and whoever was quicker has charged it.
    settle(owners, now=now)
    provider = get_provider()
    return [_charge(provider, fee, now, by) for fee in due_late_fees(now=now, customer_ids=owners)]


def let_late_fee_go(fee: LateFee, *, reason: str, now: datetime, by: Actor) -> None:
    """Take a fee off the next bill, and off a draft of it, which is counted anew; its bill is not charged again.

    Raises PaymentRefused once an issued bill has it.
    """
    lock_accounts([fee.customer_id])
    state = state_of_late_fee(fee.pk)
    if state.bill_number:
        raise PaymentRefused("fee", f"{state.bill_number} charges it already: credit that line of it instead.")
    if state.is_let_go:
        raise PaymentRefused("fee", "It was let go before.")
    reason = reason_given(reason, missing="is missing: say why, for example: the payment crossed with it.")
    cancel_adjustment(fee.adjustment, by=by, now=now)
    record(by, "let late fee go", fee.bill, at=now, details={"reason": reason})
    for draft in Bill.objects.filter(
        adjustment_uses__adjustment=fee.adjustment_id, adjustment_uses__released_at=None, discard=None
    ):
        recount_bill(draft, now=now, by=by)


def _charge(provider: Provider, due: DueLateFee, now: datetime, by: Actor) -> LateFee:
    words = language(due.customer.language)
    names: Mapping[str, str] = {
        "number": due.invoice.number,
        "issued": words.long_date(due.invoice.issued_on),
        "due": words.long_date(due.invoice.due_on),
        "open": words.money(due.open, due.invoice.currency),
    }
    adjustment = add_adjustment(
        due.customer,
        text=late_fee_text(words, names, own=provider.late_fee_text)[:LONGEST_TEXT],
        amount=due.amount,
        starts_on=due.on,
        tax_code=provider.late_fee_tax_code,
        by=by,
        now=now,
    )
    bill = Bill.objects.get(pk=due.invoice.bill_id)
    fee = LateFee.objects.create(customer=due.customer, bill=bill, adjustment=adjustment, charged_on=due.on)
    record(by, "charged late fee", bill, at=now, details={"amount": f"{due.amount} {due.invoice.currency}"})
    return fee
