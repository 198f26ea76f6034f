"""Money in, what it settles, money back: each case as a clerk would tell it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from quarterday.payments import actions, queries
from quarterday.payments.models import Allocation
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from tests.payments.conftest import NOON, customer, issued

CLERK = Actor("person", "Clara Clerk")
TODAY = date(2026, 3, 20)


def pay(owner, amount, *, bills=None, currency="EUR", on=TODAY):
    return actions.record_payment(
        owner, amount=Decimal(amount), currency=currency, received_on=on, now=NOON, by=CLERK, bills=bills
    )


def status(*bills, on=TODAY):
    found = queries.settlements([bill.pk for bill in bills], on=on)
    return [(found[bill.pk].status, str(found[bill.pk].open)) for bill in bills]


def test_a_bill_is_open_then_overdue_then_partly_paid_then_paid(north):
    bill = issued(north, "119.00")

    assert status(bill, on=date(2026, 3, 15)) == [("open", "119.000")]
    assert status(bill, on=date(2026, 3, 16)) == [("overdue", "119.000")]
    pay(north, "100.00")
    assert status(bill, on=date(2026, 3, 15)) == [("partly paid", "19.000")]
    assert status(bill, on=date(2026, 3, 16)) == [("overdue", "19.000")]
    pay(north, "19.00")
    assert status(bill) == [("paid", "0.000")]


def test_one_payment_settles_many_bills_oldest_due_first(north):
    april = issued(north, "50.00", on=date(2026, 4, 1))
    march = issued(north, "50.00", on=date(2026, 3, 1))
    pay(north, "70.00")

    assert status(march, april) == [("paid", "0.000"), ("partly paid", "30.000")]


def test_a_payment_for_a_named_bill_leaves_the_older_one_open(north):
    march, april = issued(north, "50.00"), issued(north, "50.00", on=date(2026, 4, 1))
    pay(north, "50.00", bills=[april.pk])

    assert status(march, april) == [("overdue", "50.000"), ("paid", "0.000")]


def test_what_is_paid_too_much_becomes_credit_and_settles_the_next_bill(north):
    first = issued(north, "100.00")
    pay(north, "130.00")
    assert queries.open_balance(north.pk, "EUR") == Decimal("-30")
    assert queries.free_credit([north.pk]) == {(north.pk, "EUR"): Decimal("30")}

    second = issued(north, "100.00", on=date(2026, 4, 1))
    assert actions.settle([north.pk], now=NOON) == 1
    assert actions.settle([north.pk], now=NOON) == 0
    assert status(first, second) == [("paid", "0.000"), ("partly paid", "70.000")]


def test_a_credit_note_settles_the_bill_it_corrects_before_any_older_one(north):
    old, bill = issued(north, "40.00"), issued(north, "100.00", on=date(2026, 3, 2))
    issued(north, "100.00", kind="credit_note", corrects=bill, on=date(2026, 3, 3))
    actions.settle([north.pk], now=NOON)

    assert status(old, bill) == [("overdue", "40.000"), ("credited", "0.000")]


def test_a_credit_note_on_a_paid_bill_is_credit_for_other_bills(north):
    bill = issued(north, "100.00")
    pay(north, "100.00")
    note = issued(north, "60.00", kind="credit_note", corrects=bill)
    later = issued(north, "50.00", on=date(2026, 4, 1))
    actions.settle([north.pk], now=NOON)

    assert status(bill, later) == [("paid", "0.000"), ("credited", "0.000")]
    assert queries.settlements([note.pk], on=TODAY)[note.pk].open == Decimal("10")


def test_a_credit_note_comes_back_to_its_bill_when_the_payment_of_that_bounces(north):
    """A bill was paid, cancelled and written anew: its credit note settled the new one. Then the payment bounces."""
    old = issued(north, "100.00")
    debit = pay(north, "100.00")
    issued(north, "100.00", kind="credit_note", corrects=old, on=date(2026, 3, 5))
    new = issued(north, "90.00", on=date(2026, 3, 5))
    actions.settle([north.pk], now=NOON)
    assert status(old, new) == [("paid", "0.000"), ("credited", "0.000")]

    actions.withdraw_payment(debit, reason="returned", now=NOON, by=CLERK)

    assert status(old, new) == [("credited", "0.000"), ("overdue", "90.000")]
    assert queries.open_balance(north.pk, "EUR") == Decimal("90")


def test_a_credit_note_comes_back_to_its_bill_as_far_as_that_is_open_again(north):
    old = issued(north, "100.00")
    payment = pay(north, "100.00")
    issued(north, "60.00", kind="credit_note", corrects=old, on=date(2026, 3, 5))
    new = issued(north, "60.00", on=date(2026, 3, 5))
    actions.settle([north.pk], now=NOON)

    actions.refund(payment, amount=Decimal("25.00"), refunded_on=TODAY, now=NOON, by=CLERK)

    assert status(old, new) == [("paid", "0.000"), ("overdue", "25.000")]


def test_a_refund_takes_the_unused_part_first_and_then_opens_the_newest_bill_again(north):
    march, april = issued(north, "50.00"), issued(north, "50.00", on=date(2026, 4, 1))
    payment = pay(north, "110.00")
    actions.refund(payment, amount=Decimal("30.00"), refunded_on=TODAY, now=NOON, by=CLERK)

    assert status(march, april) == [("paid", "0.000"), ("partly paid", "20.000")]
    assert queries.open_balance(north.pk, "EUR") == Decimal("20")


def test_a_refund_above_what_was_paid_is_refused_with_what_is_left(north):
    payment = pay(north, "100.00")
    actions.refund(payment, amount=Decimal("60.00"), refunded_on=TODAY, now=NOON, by=CLERK)

    with pytest.raises(actions.PaymentRefused, match=r"amount: 41.00 is more than the 40.00 EUR that is left"):
        actions.refund(payment, amount=Decimal("41.00"), refunded_on=TODAY, now=NOON, by=CLERK)


def test_a_bounced_payment_is_withdrawn_and_its_bills_are_open_again(north):
    bill = issued(north, "100.00")
    payment = pay(north, "100.00")
    actions.withdraw_payment(payment, reason="direct debit bounced", now=NOON, by=CLERK)

    assert status(bill) == [("overdue", "100.000")]
    assert queries.open_balance(north.pk, "EUR") == Decimal("100")
    with pytest.raises(actions.PaymentRefused, match="withdrawn before"):
        actions.withdraw_payment(payment, reason="again", now=NOON, by=CLERK)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("0", "EUR", "amount: 0 is not more than nothing"),
        ("-5.00", "EUR", "amount: -5.00 is not more than nothing"),
        ("5.001", "EUR", "amount: 5.001 has more than the 2 decimals of EUR"),
        ("5.5", "JPY", "amount: 5.5 has more than the 0 decimals of JPY"),
        ("NaN", "EUR", "amount: NaN is not more than nothing"),
        ("1e15", "EUR", "absurdly large"),
        ("1e30", "EUR", "absurdly large"),
    ],
)
def test_a_wrong_amount_is_refused_in_words(north, amount, currency, words):
    with pytest.raises(actions.PaymentRefused, match=words):
        pay(north, amount, currency=currency)


def test_a_payment_names_only_bills_of_its_customer_and_currency(north, south):
    theirs, dollars = issued(south, "10.00"), issued(north, "10.00", currency="USD")

    with pytest.raises(actions.PaymentRefused, match="no issued invoice"):
        pay(north, "10.00", bills=[theirs.pk])
    with pytest.raises(actions.PaymentRefused, match="is in USD, the payment in EUR"):
        pay(north, "10.00", bills=[dollars.pk])


def test_the_database_refuses_an_allocation_to_a_foreign_customers_bill(north, south):
    from django.db import IntegrityError, connection, transaction

    payment, theirs = pay(north, "10.00"), issued(south, "10.00")

    def settle_theirs() -> None:
        Allocation.objects.create(
            customer=north, bill=theirs, payment=payment, amount=1, allocated_on=TODAY, recorded_at=NOON
        )
        connection.check_constraints()

    with pytest.raises(IntegrityError, match="same_customer"), transaction.atomic():
        settle_theirs()


def test_receivables_are_told_by_age_and_currency(north, south):
    issued(north, "10.00", on=date(2026, 3, 10))
    issued(north, "20.00", on=date(2026, 2, 20))
    issued(south, "30.00", on=date(2025, 11, 1))
    issued(south, "40.00", on=date(2026, 3, 1), currency="USD")
    euros, dollars = queries.receivables_by_age(on=TODAY)

    assert [str(v) for v in (euros.not_due, euros.up_to_30, euros.up_to_60, euros.up_to_90, euros.older)] == [
        "10.000",
        "20.000",
        "0",
        "0",
        "30.000",
    ]
    assert dollars.up_to_30 == Decimal("40")


def test_a_scope_sees_only_its_customers_money(north, south):
    for owner in (north, south):
        issued(owner, "10.00")
        pay(owner, "15.00")
    with acting(Scope.of(north.pk)):
        assert {key[0] for key in queries.balances()} == {north.pk}
        assert [p.customer_id for p in queries.payments_of()] == [north.pk]
        assert queries.open_invoices(on=TODAY) == []
        assert queries.free_credit([north.pk, south.pk]) == {(north.pk, "EUR"): Decimal("5")}


def test_eight_clerks_at_once_use_a_payment_once(fresh_database):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    with acting(Scope.all()):
        north = customer("North Dental")
        pay(north, "100.00")
        for day in range(1, 5):
            issued(north, "30.00", on=date(2026, 3, day))

    def work(_):
        with acting(Scope.all()):
            actions.settle([north.pk], now=datetime(2026, 3, 20, tzinfo=UTC) + timedelta(hours=1))
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    with acting(Scope.all()):
        assert sum(a.amount for a in Allocation.objects.all()) == Decimal("100")
        assert queries.open_balance(north.pk, "EUR") == Decimal("20")
