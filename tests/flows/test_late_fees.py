"""A customer pays late three times: the fee is on the next bill, is taken off a draft, and is credited off a bill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from quarterday.audit.books import balances
from quarterday.audit.ledger import ledger
from quarterday.audit.rows import trail
from quarterday.bills.actions import credit_bill
from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.outbox.models import Message
from quarterday.payments.actions import record_payment
from quarterday.payments.late_fees import charge_late_fees, let_late_fee_go
from quarterday.payments.queries import late_fee_of, late_fee_states, late_fees
from quarterday.payments.reminders import remind
from quarterday.provider.actions import change_provider
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import WORKER, Scope
from tests.bills.desk import bill_on, lines
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop


@pytest.fixture
def north(database: None) -> Iterator[Customer]:
    with acting(Scope.all()):
        provider = open_shop(reminder_days_before=None, reminder_days_after=[14])
        setting: dict[str, Any] = {"late_fee_days": 14, "late_fee_since": date(2026, 5, 1), "late_fee_percent": "2"}
        change_provider(provider, **setting, by=BY, now=at(4, 10))
        dental = a_customer()
        a_subscription(dental, a_plan(prices={}, flat_fee="100.00"), review_first_bill=False, due_days=14)
        yield dental


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def morning(month: int, day: int) -> int:
    """What the worker does with late fees and reminders; answers how many fees were charged."""
    charged = charge_late_fees(now=at(month, day), by=WORKER)
    remind(now=at(month, day))
    return len(charged)


def pay_all(customer: Customer, amount: str, month: int, day: int) -> None:
    told: dict[str, Any] = {"amount": Decimal(amount), "currency": "EUR", "received_on": date(2026, month, day)}
    record_payment(customer, **told, now=at(month, day), by=BY)


def newest() -> Bill:
    return Bill.objects.filter(kind="invoice", discard=None).latest("pk")


def charges(bill: Bill) -> list[str]:
    return [f"{text}: {net:.2f}".replace("\xa0", " ") for text, _, net in lines(bill) if text.startswith("Late")]


def states() -> list[str]:
    return [fee.state for fee in late_fee_states(late_fees().order_by("pk"))]


def test_late_fees_from_the_first_reminder_to_the_credit_note(north: Customer) -> None:
    # April's bill, due on 15 May, is not paid: on 29 May it is reminded of, and 2 % of 119.00 are charged.
    bill_on(date(2026, 5, 1))
    april = newest().issue
    assert [morning(5, day) for day in (28, 29, 30)] == [0, 1, 0]
    assert "A late fee of EUR 2.38" in Message.objects.latest("pk").body.replace("\xa0", " ")

    # May's bill has it as a line, with tax.
    bill_on(date(2026, 6, 1))
    may = newest()
    assert charges(may) == [f"Late fee for invoice {april.number} of 1 May 2026, due on 15 May 2026: 2.38"]
    assert may.total == Decimal("121.83")
    assert states() == [may.issue.number]
    pay_all(north, "119.00", 6, 3)

    # It is on an issued bill: letting it go is a matter of a credit note.
    with pytest.raises(Refused, match=f"{may.issue.number} charges it already: credit that line"):
        let_late_fee_go(late_fee_of(april.number), reason="they were on holiday", now=at(6, 3), by=BY)

    # May's bill is late too; its fee is let go while the next bill is a draft already, which is counted anew.
    assert morning(6, 29) == 1
    north.review_bills = True
    north.save()
    bill_on(date(2026, 7, 1))
    draft = newest()
    assert draft.total == Decimal("121.90")  # 100.00 and 2 % of 121.83, taxed
    let_late_fee_go(late_fee_of(may.issue.number), reason="a new bookkeeper", now=at(7, 2), by=BY)
    assert charges(newest()) == []
    assert newest().total == Decimal("119.00")
    assert states() == [may.issue.number, "let go"]

    # May's fee is credited: a bill that is settled since is charged no fee, whatever it was.
    position = next(line.position for line in may.lines.all() if line.text.startswith("Late"))
    credit_bill(may, reason="as a courtesy", amounts={position: Decimal("2.38")}, by=BY, now=at(7, 3))
    pay_all(north, "119.00", 7, 3)
    assert morning(8, 20) == 0
    assert [*balances(at(8, 21)), *ledger(at(8, 21)), *trail(at(8, 21))] == []
