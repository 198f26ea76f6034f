"""What will not be paid is written off, and taken back when it comes after all."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.payments import actions, queries
from quarterday.payments.actions import PaymentRefused
from quarterday.payments.models import WriteOff
from quarterday.payments.reminders import due_reminders
from quarterday.payments.statements import statement_of
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from tests.payments.conftest import NOON, issued

CLERK = Actor("person", "Clara Clerk")
LATER = NOON.replace(month=6)
TODAY = LATER.date()


def give_up(bill, amount=None, *, reason="insolvent", on=None, now: datetime = LATER) -> WriteOff:
    amount = None if amount is None else Decimal(amount)
    return actions.write_off(bill, amount=amount, reason=reason, written_off_on=on, now=now, by=CLERK)


def standing(bill):
    row = queries.settlements([bill.pk], on=TODAY)[bill.pk]
    return row.status, str(row.open), str(row.written_off)


def pay(owner: Customer, amount: str, *, bills=None):
    return actions.record_payment(
        owner, amount=Decimal(amount), currency="EUR", received_on=TODAY, now=LATER, by=CLERK, bills=bills
    )


def test_all_that_is_open_is_written_off_and_nobody_owes_it_any_more(north):
    bill = issued(north, "119.00")
    pay(north, "19.00")
    give_up(bill)

    assert standing(bill) == ("written off", "0.000", "100.000")
    assert queries.open_balance(north.pk, "EUR") == 0
    assert queries.receivables_by_age(on=TODAY) == []
    assert due_reminders(now=LATER) == []


def test_a_part_is_written_off_and_the_rest_is_still_owed(north):
    bill = issued(north, "119.00")
    give_up(bill, "19.00")

    assert standing(bill) == ("overdue", "100.000", "19.000")
    assert queries.open_balance(north.pk, "EUR") == Decimal("100")
    assert [age.older for age in queries.receivables_by_age(on=TODAY)] == [Decimal("0")]
    assert [age.up_to_90 for age in queries.receivables_by_age(on=TODAY)] == [Decimal("100")]


def test_a_write_off_is_on_the_statement_and_is_reversed_when_taken_back(north):
    bill = issued(north, "100.00")
    row = give_up(bill)
    days = Period(date(2026, 1, 1), date(2027, 1, 1))

    assert [(m.kind, str(m.amount)) for m in statement_of(north, days).movements] == [
        ("bill", "100.00"),
        ("write_off", "-100.00"),
    ]
    actions.undo_write_off(row, reason="paid by the administrator", now=LATER, by=CLERK)
    assert [(m.kind, str(m.amount)) for m in statement_of(north, days).movements] == [
        ("bill", "100.00"),
        ("write_off", "-100.00"),
        ("write_off_undone", "100.00"),
    ]
    assert standing(bill) == ("overdue", "100.000", "0")
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "wrote off",
        "took back write-off",
    ]


def test_money_for_a_written_off_bill_asks_to_take_the_write_off_back(north):
    bill = issued(north, "100.00")
    row = give_up(bill)

    with pytest.raises(PaymentRefused, match="is written off: take the write-off back first"):
        pay(north, "100.00", bills=[bill.pk])
    actions.undo_write_off(row, reason="it came after all", now=LATER, by=CLERK)
    pay(north, "100.00", bills=[bill.pk])
    assert standing(bill) == ("paid", "0.000", "0")


def test_a_credit_note_replaces_the_write_off_instead_of_becoming_money_to_spend(north):
    bill = issued(north, "100.00")
    give_up(bill)
    issued(north, "100.00", kind="credit_note", corrects=bill)
    actions.settle([north.pk], now=LATER)

    assert standing(bill) == ("credited", "0.000", "0")
    assert queries.free_credit([north.pk]) == {}
    assert queries.open_balance(north.pk, "EUR") == 0


def test_a_credit_note_takes_only_as_much_of_a_write_off_as_it_needs(north):
    bill = issued(north, "119.00")
    pay(north, "100.00")
    give_up(bill)
    issued(north, "10.00", kind="credit_note", corrects=bill)
    actions.settle([north.pk], now=LATER)

    assert standing(bill) == ("written off", "0.000", "9.000")
    assert queries.free_credit([north.pk]) == {}
    assert [str(m.amount) for m in statement_of(north, Period(TODAY, TODAY.replace(month=7))).movements] == [
        *("-100.00", "-19.00", "-9.00", "19.00")
    ]
    assert actions.settle([north.pk], now=LATER) == 0


def test_a_credit_note_takes_what_is_open_before_what_was_written_off(north):
    bill = issued(north, "119.00")
    give_up(bill, "19.00")
    issued(north, "30.00", kind="credit_note", corrects=bill)
    actions.settle([north.pk], now=LATER)

    assert standing(bill) == ("overdue", "70.000", "19.000")


def test_what_a_credit_note_has_covered_is_not_written_off_and_what_is_written_off_after_it_stays(north):
    bill = issued(north, "119.00")
    issued(north, "30.00", kind="credit_note", corrects=bill)

    with pytest.raises(PaymentRefused, match=r"119 is more than the 89\.00 EUR that are open"):
        give_up(bill, "119")
    give_up(bill)
    assert standing(bill) == ("written off", "0.000", "89.000")
    assert actions.settle_everybody(now=LATER) == 0
    assert standing(bill) == ("written off", "0.000", "89.000")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"amount": "119.01"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"reason": "  "}, "reason"),
        ({"on": date(2026, 2, 28)}, "written_off_on"),
        ({"on": date(2026, 6, 3)}, "written_off_on"),
    ],
)
def test_what_cannot_be_written_off_names_the_field(north, told, field):
    bill = issued(north, "119.00")

    with pytest.raises(Refused) as refused:
        give_up(bill, **told)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not WriteOff.objects.exists()


def test_a_paid_bill_and_a_credit_note_are_not_written_off(north):
    bill, note = issued(north, "100.00"), issued(north, "10.00", kind="credit_note")
    pay(north, "100.00", bills=[bill.pk])

    for each in (bill, note):
        with pytest.raises(PaymentRefused):
            give_up(each)


def test_a_write_off_is_taken_back_once_and_for_a_reason(north):
    row = give_up(issued(north, "100.00"))

    with pytest.raises(Refused, match="reason"):
        actions.undo_write_off(row, reason=" ", now=LATER, by=CLERK)
    actions.undo_write_off(row, reason="it came", now=LATER, by=CLERK)
    with pytest.raises(PaymentRefused, match="before"):
        actions.undo_write_off(row, reason="it came", now=LATER, by=CLERK)
