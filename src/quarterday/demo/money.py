"""What the clerk does with money in the demo's story: the bank's statement, a bad debt, a dispute, late fees."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from quarterday.bills.queries import get_bill
from quarterday.customers.actions import change_customer
from quarterday.demo.events import CLERK, Event, Scene
from quarterday.payments.actions import (
    confirm_sure_lines,
    ignore_line,
    import_bank_lines,
    pause_reminders,
    record_payment,
    write_off,
)
from quarterday.payments.bankfile import BankEntry
from quarterday.payments.late_fees import let_late_fee_go
from quarterday.payments.queries import late_fees, open_invoices, waiting_lines
from quarterday.provider.actions import change_provider
from quarterday.provider.queries import get_provider

ACCOUNT = "DE89370400440532013000"


def give_up(scene: Scene) -> None:
    """The bakers' insolvency administrator writes that nothing will come of their oldest open bill."""
    oldest = open_invoices([scene.customers["kornblume"].pk], on=scene.today)[0]
    write_off(get_bill(oldest.number), reason="The insolvency plan leaves nothing", by=CLERK, now=scene.now)


def read_the_banks_statement(scene: Scene) -> None:
    """The bank's lines of the morning: one is sure, one is the bank's fee, two wait for whoever looks at the demo."""
    architects = scene.customers["thames"]
    bill = open_invoices([architects.pk], on=scene.today)[0]
    sure = _line(scene, bill.open, bill.currency, f"Invoice {bill.number}", architects.name)
    fee = _line(scene, Decimal("-4.90"), "EUR", "Account fee", "")
    part = _line(scene, Decimal(500), "EUR", "Abschlag, Rest folgt", scene.customers["kornblume"].name)
    unknown = _line(scene, Decimal("87.50"), "EUR", "Danke für die schnelle Hilfe", "H. Petersen")
    entries = [sure, fee, part, unknown]
    content = "\n".join(map(str, entries)).encode()
    import_bank_lines(entries, content=content, name="statement.xml", by=CLERK, now=scene.now)
    confirm_sure_lines(by=CLERK, now=scene.now)
    for line in waiting_lines().filter(text="Account fee"):
        ignore_line(line, reason="The bank's own fee", by=CLERK, now=scene.now)


def dispute_a_line(scene: Scene) -> None:
    """The bakers dispute the first line of their newest bill: reminders leave it out while that lasts."""
    newest = open_invoices([scene.customers["kornblume"].pk], on=scene.today)[-1]
    reason = "They count fewer computers than we do"
    pause_reminders(get_bill(newest.number), line=1, reason=reason, by=CLERK, now=scene.now)


def announce_a_late_fee(scene: Scene) -> None:
    """From now on a bill that is a fortnight overdue costs five of its currency; the municipality is spared."""
    provider = get_provider()
    fee: dict[str, Any] = {"late_fee_days": 14, "late_fee_since": scene.today, "late_fee_amount": "5.00"}
    change_provider(provider, **fee, by=CLERK, now=scene.now)
    change_customer(scene.customers["seefeld"], late_fees=False, by=CLERK, now=scene.now)


def let_a_late_fee_go(scene: Scene) -> None:
    """The bakers say that their letter crossed with the fee: the newest one is let go."""
    fee = late_fees().filter(customer=scene.customers["kornblume"])[0]
    let_late_fee_go(fee, reason="Their letter crossed with it", by=CLERK, now=scene.now)


def _line(scene: Scene, amount: Decimal, currency: str, text: str, name: str) -> BankEntry:
    return BankEntry(scene.today, amount, currency, text, name, account=ACCOUNT)


def pay_two_at_once(scene: Scene) -> None:
    """The town hall pays the rest of one bill and all of the next by one transfer."""
    town_hall = scene.customers["seefeld"]
    bills = open_invoices([town_hall.pk], on=scene.today)[:2]
    record_payment(
        town_hall,
        amount=sum((bill.open for bill in bills), Decimal(0)),
        currency=town_hall.currency,
        received_on=scene.today,
        reference=" ".join(bill.number for bill in bills),
        bills=[bill.bill_id for bill in bills],
        by=CLERK,
        now=scene.now,
    )


MONEY: Sequence[Event] = [
    Event(4, 26, pay_two_at_once),
    Event(10, 1, announce_a_late_fee),
    Event(12, 6, dispute_a_line),
    Event(13, 30, let_a_late_fee_go),
    Event(13, 10, give_up),
    Event(13, 3, read_the_banks_statement),
]
