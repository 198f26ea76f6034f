"""The bank's statement from upload to confirmed payment, on the page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from quarterday.bills.models import Bill
from quarterday.payments.actions import record_payment
from quarterday.payments.models import BankLine
from quarterday.payments.queries import settlements
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.payments.bank import CLERK, camt, details, entry, imported, ntry
from tests.payments.conftest import customer, issued
from tests.shop import open_shop
from tests.web.bills_desk import fill, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import text_of

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
ADDRESS = "/billing/payments/bank/"


@pytest.fixture(autouse=True)
def june(database: None, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    with acting(Scope.all()):
        open_shop()


@pytest.fixture
def clerk(sign_in: SignIn) -> Client:
    return sign_in("clerk")


@pytest.fixture
def bill() -> Bill:
    with acting(Scope.all()):
        return issued(customer("North Dental GmbH"), "119.00", on=date(2026, 5, 1))


def upload(client: Client, content: bytes, **fields: str) -> str:
    file = SimpleUploadedFile("june.xml", content)
    return text_of(client.post(ADDRESS, {"file": file, **fields}, follow=True))


def status(bill: Bill) -> str:
    with acting(Scope.all()):
        return settlements([bill.pk], on=NOW.date())[bill.pk].status


def test_a_statement_is_uploaded_and_what_is_sure_is_confirmed_at_once(clerk: Client, bill: Bill) -> None:
    content = camt(ntry(details=details(bill.issue.number)), ntry("4.90", "DBIT"))

    shown = upload(clerk, content)
    assert "2 lines of the file are new." in shown
    assert f"payment of North Dental GmbH : {bill.issue.number}" in shown.replace(" :", " :")
    assert "Agrees: bill number, payer, amount sure" in shown
    assert "nobody knows" in shown
    assert "This file was imported before: nothing is new." in upload(clerk, content)

    with acting(Scope.all()):
        ids = list(BankLine.objects.values_list("pk", flat=True))
    after = text_of(clerk.post(f"{ADDRESS}confirm/", {"line": ids}, follow=True))
    assert "1 line is confirmed." in after
    assert status(bill) == "paid"


def test_one_line_is_confirmed_as_shown_and_not_as_something_else(clerk: Client, bill: Bill) -> None:
    with acting(Scope.all()):
        (line,) = imported(entry("100", bill.issue.number), now=NOW)
    shown = page(clerk, ADDRESS)
    assert "EUR 19.00 stay open" in shown

    stale = text_of(clerk.post(f"{ADDRESS}{line.pk}/confirm/", {"shown": "payment/0/None//0"}, follow=True))
    assert "Something happened since you looked" in stale
    assert status(bill) == "overdue"
    done = text_of(clerk.post(f"{ADDRESS}{line.pk}/confirm/", follow=True))
    assert "The line is confirmed." in done
    again = text_of(clerk.post(f"{ADDRESS}{line.pk}/confirm/", follow=True))
    assert "This line was confirmed by Clerk before: withdraw or refund its payment." in again


def test_a_person_says_who_paid_or_puts_the_line_away(clerk: Client, bill: Bill) -> None:
    with acting(Scope.all()):
        came, fee = imported(entry("500", "thanks"), entry("-4.90", "fee"), now=NOW)
    unknown = fill(clerk, f"{ADDRESS}{came.pk}/", customer="North Dental GmbH", bills="INV-9")
    assert "There is no bill INV-9" in text_of(unknown)
    fill(clerk, f"{ADDRESS}{came.pk}/", customer="North Dental GmbH", bills=bill.issue.number)
    assert status(bill) == "paid"

    assert "This field is required." in text_of(clerk.post(f"{ADDRESS}{fee.pk}/", {"ignore": "yes", "reason": ""}))
    clerk.post(f"{ADDRESS}{fee.pk}/", {"ignore": "yes", "reason": "the bank's fee"})
    assert "No line waits" in page(clerk, ADDRESS)
    assert "This line was decided by Clerk." in page(clerk, f"{ADDRESS}{fee.pk}/")


def test_a_person_says_which_payment_a_line_is_about(clerk: Client, bill: Bill) -> None:
    with acting(Scope.all()):
        told: dict[str, Any] = {
            "amount": Decimal(119),
            "currency": "EUR",
            "received_on": NOW.date(),
            "now": NOW,
            "by": CLERK,
        }
        first, second = (record_payment(bill.customer, **told, reference=text) for text in ("by cheque", "once more"))
        record_payment(bill.customer, **{**told, "amount": Decimal(50)})
        came, back, bounced = imported(
            entry("119", "who knows"), entry("-60", "to them"), entry("-119", "back"), now=NOW
        )

    shown = page(clerk, f"{ADDRESS}{came.pk}/")
    assert "a payment that was recorded by hand before" in shown
    assert "North Dental GmbH, EUR 119.00, by cheque" in shown
    assert "EUR 50.00" not in shown
    fill(clerk, f"{ADDRESS}{came.pk}/", kind="recorded", payment=first.pk, about="yes")
    fill(clerk, f"{ADDRESS}{back.pk}/", kind="refund", payment=first.pk, about="yes")
    fill(clerk, f"{ADDRESS}{bounced.pk}/", kind="bounce", payment=second.pk, about="yes")

    with acting(Scope.all()):
        noted = BankLine.objects.order_by("pk").values_list("note", "payment", "refund__amount")
        assert list(noted) == [
            ("recorded", first.pk, None),
            ("refund", first.pk, Decimal(60)),
            ("bounce", second.pk, None),
        ]
    assert "No line waits" in page(clerk, ADDRESS)


def test_a_line_that_does_not_fit_the_payment_says_why(clerk: Client, bill: Bill) -> None:
    with acting(Scope.all()):
        told: dict[str, Any] = {
            "amount": Decimal(119),
            "currency": "EUR",
            "received_on": NOW.date(),
            "now": NOW,
            "by": CLERK,
        }
        payment = record_payment(bill.customer, **told)
        (back,) = imported(entry("-60", "back"), now=NOW)

    answer = text_of(fill(clerk, f"{ADDRESS}{back.pk}/", kind="bounce", payment=payment.pk, about="yes"))
    assert "60.000 came back" in answer or "60.00 came back" in answer
    foreign = text_of(fill(clerk, f"{ADDRESS}{back.pk}/", kind="refund", payment=payment.pk + 99, about="yes"))
    assert "Select a valid choice" in foreign


def test_a_file_that_is_wrong_says_where_and_imports_nothing(clerk: Client) -> None:
    shown = upload(clerk, camt(ntry(), ntry("much")))

    assert "line 4, Amt: “much” is no amount" in shown
    assert "declares no document type" in upload(clerk, camt(before="<!DOCTYPE d>"))
    assert "say which column is “day”" in upload(clerk, b"a;b\n1;2\n")
    assert "1 line of the file is new." in upload(clerk, b"a;b\n2026-06-01;2\n", column_day="a", column_amount="b")
    with acting(Scope.all()):
        assert BankLine.objects.count() == 1


def test_a_day_that_may_be_two_is_asked_about_and_taken_as_a_person_says(clerk: Client) -> None:
    american = b"date,amount\n04/05/2026,2.00\n"

    shown = upload(clerk, american)
    assert (
        "“04/05/2026” may be 2026-04-05 or 2026-05-04, and no day of the file shows which; say below what comes first"
        in shown
    )
    assert "1 line of the file is new." in upload(clerk, american, first="month")
    with acting(Scope.all()):
        assert [line.booked_on for line in BankLine.objects.all()] == [date(2026, 4, 5)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_a_fixed_number_of_questions(
    clerk: Client, bill: Bill, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    with acting(Scope.all()):
        came = [entry("119", f"{bill.issue.number} {n}", "North Dental", iban="DE1") for n in range(count)]
        imported(*came, entry("-4", "paid twice", "North Dental"), now=NOW)
    clerk.get("/")

    with django_assert_num_queries(12):
        clerk.get(ADDRESS)


@pytest.mark.parametrize("role", ["auditor", "customer_admin", "contact"])
def test_who_only_reads_does_not_see_the_banks_lines(sign_in: SignIn, role: str) -> None:
    assert sign_in(role).get(ADDRESS).status_code == 403
