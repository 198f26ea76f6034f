"""The general ledger: each document is booked by the database, both sides, and never changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from quarterday.engine.periods import Period
from quarterday.payments import actions, queries
from quarterday.payments.models import Posting
from quarterday.payments.queries import ledger_postings, ledger_sums
from quarterday.shared.scope import Actor
from tests.payments.conftest import NOON, customer, issued

CLERK = Actor("person", "Clara Clerk")
LATER = NOON.replace(month=6)
TODAY = LATER.date()
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


def accounts(**which) -> dict[str, str]:
    """What each account holds at the end of the year, without those that hold nothing."""
    return {row.account: f"{row.after:.2f}" for row in ledger_sums(YEAR, **which) if row.after}


def pay(owner, amount, **more):
    told = {"currency": "EUR", "received_on": TODAY, "now": LATER, "by": CLERK, **more}
    return actions.record_payment(owner, amount=Decimal(amount), **told)


def test_a_bill_and_its_payment_end_as_money_in_the_bank(north):
    bill = issued(north, "119.00")
    assert accounts() == {"receivables": "119.00", "revenue": "-119.00"}

    pay(north, "119.00", bills=[bill.pk])
    assert accounts() == {"bank": "119.00", "revenue": "-119.00"}


def test_what_is_paid_too_much_is_owed_to_the_customer_until_it_goes_back(north):
    issued(north, "100.00")
    payment = pay(north, "130.00")
    assert accounts() == {"bank": "130.00", "customer_credit": "-30.00", "revenue": "-100.00"}

    actions.refund(payment, amount=Decimal(50), refunded_on=TODAY, now=LATER, by=CLERK)
    assert accounts() == {"bank": "80.00", "receivables": "20.00", "revenue": "-100.00"}


def test_a_bounced_payment_leaves_both_its_bookings_to_be_seen(north):
    issued(north, "100.00")
    actions.withdraw_payment(pay(north, "100.00"), reason="bounced", now=LATER, by=CLERK)

    assert accounts() == {"receivables": "100.00", "revenue": "-100.00"}
    assert [(row.what, row.account, str(row.amount)) for row in ledger_postings(YEAR) if row.account == "bank"] == [
        ("payment", "bank", "100.000"),
        ("withdrawal", "bank", "-100.000"),
    ]


def test_a_credit_note_lowers_revenue_and_settles_its_bill(north):
    bill = issued(north, "100.00")
    issued(north, "40.00", kind="credit_note", corrects=bill)
    assert accounts() == {"receivables": "100.00", "customer_credit": "-40.00", "revenue": "-60.00"}

    actions.settle([north.pk], now=LATER)
    assert accounts() == {"receivables": "60.00", "revenue": "-60.00"}


def test_a_write_off_is_a_bad_debt_and_no_longer_when_taken_back(north):
    row = actions.write_off(issued(north, "100.00"), reason="insolvent", now=LATER, by=CLERK)
    assert accounts() == {"bad_debts": "100.00", "revenue": "-100.00"}

    actions.undo_write_off(row, reason="it came", now=LATER, by=CLERK)
    assert accounts() == {"receivables": "100.00", "revenue": "-100.00"}


def test_the_ledger_of_a_customer_is_what_is_open_of_its_bills_and_its_credit(north, south):
    issued(north, "100.00")
    issued(south, "50.00")
    pay(south, "80.00")

    assert accounts(customer_id=north.pk) == {"receivables": "100.00", "revenue": "-100.00"}
    assert accounts(customer_id=south.pk)["customer_credit"] == "-30.00"
    assert queries.free_credit([south.pk]) == {(south.pk, "EUR"): Decimal(30)}
    for row in ledger_sums(YEAR):
        assert row.before == 0
    assert sum(row.after for row in ledger_sums(YEAR)) == 0


def test_the_ages_of_a_day_are_its_receivables_where_the_customer_is(desk):
    """Half past midnight in Tokyo is the day before in UTC: on that day the bill was still given up."""
    tokyo = customer("Sakura", country="JP", time_zone="Asia/Tokyo")
    row = actions.write_off(issued(tokyo, "100.00"), reason="insolvent", now=LATER, by=CLERK)
    actions.undo_write_off(row, reason="it came", now=datetime(2026, 6, 9, 15, 30, tzinfo=UTC), by=CLERK)

    told = {}
    for day in (date(2026, 6, 8), date(2026, 6, 9), date(2026, 6, 10)):
        ages = queries.ages_by_customer(on=day)
        receivables = [
            row.after for row in ledger_sums(Period(day, day + timedelta(days=1))) if row.account == "receivables"
        ]
        told[day.day] = sum(age.open for age in ages), sum(receivables)
    assert told == {8: (0, 0), 9: (0, 0), 10: (100, 100)}


def test_credit_settles_a_bill_on_the_customers_day_and_never_before_the_bill_or_the_credit_was_there(desk):
    """Six in the morning of the first of June in Auckland is still May in UTC."""
    morning = datetime(2026, 5, 31, 18, tzinfo=UTC)
    kiwi = customer("Kiwi", country="NZ", time_zone="Pacific/Auckland")
    pay(kiwi, "100.00", received_on=date(2026, 5, 20))
    for total, day in (("60.00", 1), ("20.00", 1), ("30.00", 2)):
        issued(kiwi, total, on=date(2026, 6, day))
    issued(kiwi, "10.00", kind="credit_note", on=date(2026, 6, 3))

    actions.settle_everybody(now=morning)

    of_bills = [row for row in ledger_postings(YEAR) if row.what == "allocation" and row.account == "receivables"]
    assert sorted((row.booked_on, row.amount) for row in of_bills) == [
        (date(2026, 6, 1), -50),
        (date(2026, 6, 1), -20),
        (date(2026, 6, 2), -30),
        (date(2026, 6, 3), -10),
    ]
    may = {row.account: row.after for row in ledger_sums(Period(date(2026, 5, 1), date(2026, 6, 1)))}
    assert may == {"bank": 100, "customer_credit": -100}


def test_what_a_month_began_with_is_what_the_month_before_ended_with(north):
    issued(north, "100.00")
    pay(north, "30.00")
    before = {row.account: row.after for row in ledger_sums(Period(date(2026, 3, 1), date(2026, 4, 1)))}
    june = {row.account: row for row in ledger_sums(Period(date(2026, 6, 1), date(2026, 7, 1)))}

    assert before == {"receivables": Decimal(100), "revenue": Decimal(-100)}
    assert (june["receivables"].before, june["receivables"].credit) == (Decimal(100), Decimal(30))


def test_a_posting_says_which_document_it_is_about(north):
    bill = issued(north, "100.00")
    pay(north, "100.00", reference="thanks")

    assert [(row.what, row.document, row.account) for row in ledger_postings(YEAR)] == [
        ("bill", bill.issue.number, "receivables"),
        ("bill", bill.issue.number, "revenue"),
        ("payment", "thanks", "bank"),
        ("payment", "thanks", "customer_credit"),
        ("allocation", bill.issue.number, "customer_credit"),
        ("allocation", bill.issue.number, "receivables"),
    ]


COLUMNS = "(what, document, account, customer_id, booked_on, currency, amount, recorded_at)"

BROKEN = {
    "half a booking": f"INSERT INTO payments_posting {COLUMNS} SELECT 'payment', 999, 'bank', customer_id, booked_on,"
    " currency, 1, now() FROM payments_posting LIMIT 1",
    "a change": "UPDATE payments_posting SET amount = amount + 1",
    "a deletion": "DELETE FROM payments_posting",
    "the same document again": f"INSERT INTO payments_posting {COLUMNS} SELECT what, document, account, customer_id,"
    " booked_on, currency, amount, now() FROM payments_posting",
}


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN.keys())
def test_the_database_refuses(north, statement):
    issued(north, "100.00")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Posting.objects.count() == 2
