"""The books of half a year, kept with the rooms' own actions: whatever the audit asks about has happened in them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from quarterday.bills.actions import credit_bill, discard_bill, release_bill
from quarterday.bills.models import Bill
from quarterday.bills.printing import print_some
from quarterday.bills.run import run_billing
from quarterday.customers.models import Customer
from quarterday.outbox.models import MailServer
from quarterday.outbox.sending import send_due
from quarterday.payments.actions import record_payment, refund, undo_write_off, withdraw_payment, write_off
from quarterday.payments.reminders import remind
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment, cancel_adjustment
from tests.bills.ledger import present
from tests.outbox.post import scripted_post
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

END = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
"""The moment at which the books are complete."""


def keep_books() -> None:
    """Two customers, billed in arrears and in advance from April to September; paid, credited, mailed."""
    with acting(Scope.all()):
        open_shop()
        _open_accounts()
    with scripted_post() as post:
        with acting(Scope.all()):
            MailServer.objects.update(host="127.0.0.1", port=post.port, security="none")
        for month in range(5, 11):
            _first_of(date(2026, month, 1))


def _open_accounts() -> None:
    north, south = a_customer("North Dental"), a_customer("South Law", emails=["ap@south.example", "it@south.example"])
    gold = a_plan()
    early = a_plan("Early", timing="advance", prices={"server": {"unit_price": "50.00"}})
    a_subscription(north, gold, review_first_bill=True)
    a_subscription(south, gold, review_first_bill=False)
    a_subscription(south, early, review_first_bill=False, starts_on=date(2026, 5, 1))
    present(north, "PC-1 #>\nPC-2 ..........####......\nSRV server #>", start=date(2026, 4, 1))
    present(south, "PC-9 #>\nSRV-9 server #>\nSRV-8 server .......#>", start=date(2026, 4, 1))
    add_adjustment(north, text="Loyalty", starts_on=date(2026, 4, 1), percent=Decimal(-10), times=2, by=BY, now=NOW)
    mistake = add_adjustment(south, text="Oops", starts_on=date(2026, 4, 1), amount=Decimal(5), by=BY, now=NOW)
    cancel_adjustment(mistake, by=BY, now=NOW)


def _first_of(day: date) -> None:
    """The first of a month: the run, what a clerk does, the print, the post; a week later the reminders."""
    at = datetime(day.year, day.month, 1, 7, tzinfo=UTC)
    run_billing(at=at, by=BY)
    with acting(Scope.all()):
        _at_the_desk(day.month, at)
    print_some(now=at)
    later = at + timedelta(hours=1)
    send_due(clock=lambda: later)
    with acting(Scope.all()):
        remind(now=later)


def _at_the_desk(month: int, at: datetime) -> None:
    north, south = Customer.objects.order_by("pk")
    if month == 5:
        discard_bill(Bill.objects.get(customer=north), now=at, by=BY)
    if month == 6:
        for draft in Bill.objects.filter(customer=north, issue=None, discard=None):
            release_bill(draft, now=at, by=BY)
    if month == 7:
        payment = _pay(north, "100.00", at)
        refund(payment, amount=Decimal("20.00"), refunded_on=at.date(), now=at, by=BY)
        withdraw_payment(_pay(north, "7.00", at), reason="bounced", now=at, by=BY)
    if month == 9:
        newest = Bill.objects.filter(customer=south, kind="invoice", issue__isnull=False).latest("pk")
        write_off(newest, reason="too small to ask for", amount=Decimal("0.02"), now=at, by=BY)
        mistake = write_off(newest, reason="the wrong bill", amount=Decimal(3), now=at, by=BY)
        undo_write_off(mistake, reason="the wrong bill", now=at, by=BY)
    if month == 8:
        credit_bill(
            Bill.objects.filter(customer=south, kind="invoice").earliest("pk"), reason="goodwill", now=at, by=BY
        )
    if month == 10:
        _pay(south, "10000.00", at)
        _pay(north, "10000.00", at)


def _pay(customer: Customer, amount: str, at: datetime):
    return record_payment(
        customer, amount=Decimal(amount), currency="EUR", received_on=at.date(), reference="4711", now=at, by=BY
    )
