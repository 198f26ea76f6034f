"""A customer's account over a range of days, as values and as paper."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from quarterday.bills.models import BillPrint
from quarterday.bills.run import run_billing
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.payments import actions
from quarterday.payments.queries import open_balance
from quarterday.payments.statements import (
    Statement,
    consolidated_pdf,
    currencies_of,
    statement_of,
    statement_pdf,
)
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from tests.bills.ledger import present
from tests.documents.reading import pages, text
from tests.payments.conftest import NOON, customer, issued
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

CLERK = Actor("person", "Clara Clerk")
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
EASTER = datetime(2026, 7, 1, 7, tzinfo=UTC)


def pay(owner: Customer, amount: str, on: date, *, currency: str = "EUR", reference: str = "4711"):
    return actions.record_payment(
        owner,
        amount=Decimal(amount),
        currency=currency,
        received_on=on,
        reference=reference,
        now=NOON,
        by=CLERK,
    )


def told(statement: Statement) -> list[tuple[str, str, str, str]]:
    return [(str(m.on), m.kind, str(m.amount), str(balance)) for m, balance in statement.running()]


def test_a_statement_opens_with_what_was_owed_and_shows_each_movement_with_its_balance(north: Customer) -> None:
    bill = issued(north, "120.00", on=date(2026, 2, 10))
    issued(north, "80.00", on=date(2026, 3, 1))
    issued(north, "30.00", on=date(2026, 3, 9), kind="credit_note", corrects=bill)
    payment = pay(north, "200.00", date(2026, 3, 12))
    actions.refund(payment, amount=Decimal("10.00"), refunded_on=date(2026, 3, 31), now=NOON, by=CLERK)
    issued(north, "75.00", on=date(2026, 4, 1))

    march = statement_of(north, MARCH)

    assert march.opening == Decimal("120.00")
    assert told(march) == [
        ("2026-03-01", "bill", "80.00", "200.00"),
        ("2026-03-09", "credit_note", "-30.00", "170.00"),
        ("2026-03-12", "payment", "-200.00", "-30.00"),
        ("2026-03-31", "refund", "10.00", "-20.00"),
    ]
    assert march.closing == Decimal("-20.00")
    assert march.movements[1].reference.endswith(f" ({bill.issue.number})")


def test_one_statement_ends_where_the_next_begins_and_the_last_ends_with_the_balance(north: Customer) -> None:
    for month in (1, 2, 3, 4):
        issued(north, "100.00", on=date(2026, month, 1))
        pay(north, "60.00", date(2026, month, 20))
    months = [Period(date(2026, month, 1), date(2026, month + 1, 1)) for month in (1, 2, 3, 4)]

    statements = [statement_of(north, month) for month in months]

    assert [statement.opening for statement in statements[1:]] == [statement.closing for statement in statements[:-1]]
    assert statements[-1].closing == Decimal("160.00") == open_balance(north.pk, "EUR")


def test_what_was_withdrawn_or_taken_back_stays_and_is_reversed_when_that_happens(north: Customer) -> None:
    bill = issued(north, "50.00", on=date(2026, 3, 1))
    bounced = pay(north, "20.00", date(2026, 3, 5))
    lost = actions.write_off(bill, reason="insolvent", now=datetime(2026, 3, 30, 12, tzinfo=UTC), by=CLERK)
    april = Period(date(2026, 4, 1), date(2026, 5, 1))
    sent = statement_pdf(north, MARCH, now=NOON)
    assert told(statement_of(north, MARCH)) == [
        ("2026-03-01", "bill", "50.00", "50.00"),
        ("2026-03-05", "payment", "-20.00", "30.00"),
        ("2026-03-30", "write_off", "-30.00", "0.00"),
    ]

    # At 22:30 UTC the next day has begun in Berlin.
    actions.withdraw_payment(bounced, reason="bounced", now=datetime(2026, 4, 2, 22, 30, tzinfo=UTC), by=CLERK)
    actions.undo_write_off(lost, reason="they pay", now=datetime(2026, 4, 9, 12, tzinfo=UTC), by=CLERK)

    assert told(statement_of(north, april)) == [
        ("2026-04-03", "withdrawal", "20.00", "20.00"),
        ("2026-04-09", "write_off_undone", "30.00", "50.00"),
    ]
    assert statement_of(north, april).opening == Decimal("0.00")
    assert statement_of(north, april).closing == open_balance(north.pk, "EUR") == Decimal("50.00")
    assert text(statement_pdf(north, MARCH, now=NOON)) == text(sent)
    words = text(statement_pdf(north, april, now=NOON))
    assert "Payment returned or withdrawn 4711" in words
    assert f"Write-off taken back: invoice {bill.issue.number}" in words


def test_another_customers_money_is_on_no_statement(north: Customer, south: Customer) -> None:
    issued(north, "50.00", on=date(2026, 3, 1))
    pay(south, "20.00", date(2026, 3, 6))

    assert told(statement_of(north, MARCH)) == [("2026-03-01", "bill", "50.00", "50.00")]


def test_each_currency_has_a_statement_of_its_own_in_its_own_digits(north: Customer) -> None:
    issued(north, "50.00", on=date(2026, 3, 1))
    issued(north, "5000", on=date(2026, 3, 2), currency="JPY")
    pay(north, "1.234", date(2026, 3, 3), currency="KWD")

    assert currencies_of(north) == ["EUR", "JPY", "KWD"]
    assert told(statement_of(north, MARCH, currency="JPY")) == [("2026-03-02", "bill", "5000", "5000")]
    assert told(statement_of(north, MARCH, currency="KWD")) == [("2026-03-03", "payment", "-1.234", "-1.234")]


def test_a_quiet_period_keeps_its_opening_balance(north: Customer) -> None:
    issued(north, "50.00", on=date(2026, 2, 1))

    march = statement_of(north, MARCH)

    assert (march.opening, march.movements, march.closing) == (Decimal("50.00"), (), Decimal("50.00"))


def test_a_statement_on_paper_speaks_the_customers_language(desk: None) -> None:
    owner = customer("Nord GmbH", language="de")
    issued(owner, "1234.50", on=date(2026, 3, 1))
    pay(owner, "1000.00", date(2026, 3, 20))

    words = text(statement_pdf(owner, MARCH, now=NOON))

    assert "Kontoauszug" in words
    assert "1.234,50" in words
    assert "234,50" in words.split("Endsaldo")[-1]


@pytest.fixture
def quarter(database: None):
    """A customer that was billed for April, May and June."""
    with acting(Scope.all()):
        open_shop()
        owner = a_customer()
        a_subscription(owner, a_plan(), review_first_bill=False)
        present(owner, "PC-1 #>\nPC-2 ..........####......\nSRV server #>", start=date(2026, 4, 1))
        for month in (5, 6, 7):
            run_billing(at=datetime(2026, month, 1, 7, tzinfo=UTC), by=BY)
        yield owner


def test_a_consolidated_bill_is_a_cover_that_is_no_invoice_and_copies_of_the_bills(quarter: Customer) -> None:
    content = consolidated_pdf(quarter, Period(date(2026, 5, 1), date(2026, 7, 1)), now=EASTER)

    cover, *copies = pages(content)
    assert "not an invoice" in cover
    assert "INV-2026-00001" in cover
    assert "INV-2026-00002" in cover
    assert "INV-2026-00003" not in cover
    first_pages = [page for page in copies if "Page 1 of" in page]
    assert ["COPY" in page for page in first_pages] == [True, True]
    assert not BillPrint.objects.exists(), "copies are not the printed originals"


def test_a_consolidated_bill_of_the_same_days_has_the_same_bytes(quarter: Customer) -> None:
    days = Period(date(2026, 5, 1), date(2026, 8, 1))

    assert consolidated_pdf(quarter, days, now=EASTER) == consolidated_pdf(quarter, days, now=EASTER)


def test_a_range_without_bills_is_a_cover_that_says_so(quarter: Customer) -> None:
    assert "no invoices or credit notes" in text(consolidated_pdf(quarter, MARCH, now=EASTER))


def test_a_customer_admin_of_somebody_else_gets_an_empty_account(quarter: Customer) -> None:
    with acting(Scope.of(quarter.pk + 1)):
        statement = statement_of(quarter, Period(date(2026, 1, 1), date(2027, 1, 1)))

    assert (statement.opening, statement.movements) == (Decimal("0.00"), ())


def test_a_contact_can_have_their_own_papers(quarter: Customer) -> None:
    days = Period(date(2026, 5, 1), date(2026, 8, 1))
    with acting(Scope.of(quarter.pk)):
        consolidated, statement = consolidated_pdf(quarter, days, now=EASTER), statement_pdf(quarter, days, now=EASTER)

    assert "INV-2026-00003" in text(consolidated)
    assert "INV-2026-00003" in text(statement)
