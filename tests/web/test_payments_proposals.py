"""Credit notes, write-offs and refunds above the amount wait for a second person; payments go back or are withdrawn."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from quarterday.bills.actions import credit_bill
from quarterday.bills.models import Bill
from quarterday.payments.actions import record_payment
from quarterday.payments.models import BankLine, Payment, Proposal
from quarterday.provider.actions import change_provider
from quarterday.provider.queries import get_provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.payments.bank import entry, imported
from tests.shop import BY
from tests.web.bills_desk import agree, billed, fill, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import fields_of, text_of

NOW = datetime(2026, 5, 2, 9, tzinfo=UTC)
PROPOSALS = "/billing/payments/proposals/"


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    open_the_shop()


@pytest.fixture
def bill() -> Bill:
    """178.50, where more than 100 takes two."""
    (bill,) = billed("North Dental")
    with acting(Scope.all()):
        change_provider(get_provider(), two_persons_above=100, by=BY, now=NOW)
    return bill


@pytest.fixture
def clerk(sign_in: SignIn) -> Client:
    return sign_in("clerk")


def proposed() -> Proposal:
    with acting(Scope.all()):
        return Proposal.objects.get()


def paid(bill: Bill, amount: str = "178.50") -> Payment:
    with acting(Scope.all()):
        return record_payment(
            bill.customer,
            amount=Decimal(amount),
            currency="EUR",
            received_on=date(2026, 5, 1),
            reference="INV-2026-00001",
            now=NOW,
            by=BY,
        )


def test_a_credit_note_is_proposed_by_one_and_issued_by_another(bill: Bill, clerk: Client, sign_in: SignIn) -> None:
    looked = fill(clerk, f"/billing/bills/{bill.pk}/credit/", what="whole", reason="Wrong plan")
    assert "Credited EUR 178.50 It takes two persons: it waits until another person approves it" in text_of(looked)

    after = agree(clerk, f"/billing/bills/{bill.pk}/credit/", looked)
    assert "Nothing is changed yet." in after
    assert "You have proposed this, so another person has to approve it." in after
    address = f"{PROPOSALS}{proposed().pk}/"
    assert "You have proposed this yourself." in text_of(clerk.post(address, {"approve": "yes"}, follow=True))

    admin = sign_in("admin")
    assert "1 proposal waits for a second person" in page(admin, "/")
    assert "Credit note INV-2026-00001 North Dental EUR 178.50 Wrong plan Clerk Look and decide" in page(
        admin, PROPOSALS
    )
    done = text_of(admin.post(address, {"approve": "yes"}, follow=True))
    assert "Approved, and done: EUR 178.50 of North Dental." in done
    assert "CN-2026-00001" in done
    assert "proposal waits for a second person" not in page(admin, "/")
    assert "Admin has decided this before: nothing is left to do." in text_of(
        admin.post(address, {"approve": "yes"}, follow=True)
    )


def test_the_bills_page_says_that_a_proposal_about_it_waits(bill: Bill, clerk: Client, sign_in: SignIn) -> None:
    address = f"/billing/bills/{bill.pk}/"
    looked = fill(clerk, f"{address}write-off/", amount="150.00", reason="Insolvent")
    agree(clerk, f"{address}write-off/", looked)

    told = "Write-off, EUR 150.00: it waits for a second person. Proposed by Clerk, nothing is changed yet: Insolvent"
    assert f"{told} Look and decide" in page(clerk, address)
    read_only = page(sign_in("auditor"), address)
    assert told in read_only
    assert f"{told} Look and decide" not in read_only
    assert "Insolvent" not in page(sign_in("customer_admin", customers=[bill.customer_id]), address)
    assert f'href="{PROPOSALS}{proposed().pk}/"' in clerk.get(address).content.decode()


def test_who_credited_a_part_alone_does_not_write_the_rest_off_alone(bill: Bill, clerk: Client) -> None:
    with acting(Scope.all()):
        credit_bill(bill, reason="Goodwill", amounts={2: Decimal(80)}, now=NOW, by=BY)

    looked = fill(clerk, f"/billing/bills/{bill.pk}/write-off/", amount="83.30", reason="Insolvent")
    agree(clerk, f"/billing/bills/{bill.pk}/write-off/", looked)
    assert (proposed().kind, str(proposed().amount)) == ("write_off", "83.300")


def test_a_write_off_is_refused_with_a_reason_and_nothing_was_changed(
    bill: Bill, clerk: Client, sign_in: SignIn
) -> None:
    looked = fill(clerk, f"/billing/bills/{bill.pk}/write-off/", amount="150.00", reason="Insolvent")
    assert "While it waits Open of INV-2026-00001 EUR 178.50" in text_of(looked)
    agree(clerk, f"/billing/bills/{bill.pk}/write-off/", looked)

    admin, address = sign_in("admin"), f"{PROPOSALS}{proposed().pk}/"
    assert "This field is required." in text_of(admin.post(address, {"reason": " "}))
    refused = text_of(admin.post(address, {"reason": "They pay after all"}, follow=True))
    assert "It is refused, and nothing was changed." in refused
    assert "refused by Admin: They pay after all" in refused
    assert "written off" not in page(admin, f"/billing/bills/{bill.pk}/")


def test_who_may_bill_no_more_cannot_approve(bill: Bill, clerk: Client, sign_in: SignIn) -> None:
    looked = fill(clerk, f"/billing/bills/{bill.pk}/write-off/", amount="150.00", reason="Insolvent")
    agree(clerk, f"/billing/bills/{bill.pk}/write-off/", looked)
    auditor = sign_in("auditor")

    assert auditor.post(f"{PROPOSALS}{proposed().pk}/", {"approve": "yes"}).status_code == 403
    assert "waits" in page(auditor, PROPOSALS)


def test_money_goes_back_after_a_look(bill: Bill, clerk: Client) -> None:
    payment = paid(bill, "200.00")
    assert "North Dental INV-2026-00001 EUR 200.00" in page(clerk, "/billing/payments/received/")

    looked = fill(clerk, f"/billing/payments/{payment.pk}/refund/", amount="21.50", reference="paid too much")
    assert "After giving it back What the customer owes EUR 0.00" in text_of(looked)
    after = agree(clerk, f"/billing/payments/{payment.pk}/refund/", looked)
    assert "EUR 21.50 went back to North Dental." in after
    assert "Refund paid too much" in after
    too_much = fill(clerk, f"/billing/payments/{payment.pk}/refund/", amount="178.51", reference="again")
    assert "178.51 is more than the EUR 178.50 that is left of the payment" in text_of(too_much)

    looked = fill(clerk, f"/billing/payments/{payment.pk}/refund/", amount="100.00", reference="the rest")
    assert "It takes two persons" in text_of(looked)


def test_a_payment_that_bounced_is_withdrawn(bill: Bill, clerk: Client) -> None:
    payment = paid(bill)
    address = f"/billing/payments/{payment.pk}/withdraw/"

    assert "This field is required." in text_of(clerk.post(address, {"reason": ""}))
    told = fields_of(clerk.get(address))
    assert told["withdrawn_on"] == NOW.date().isoformat(), "today at the customer, unless the bank says another day"
    after = text_of(clerk.post(address, {"reason": "No cover", "withdrawn_on": "2026-05-01"}, follow=True))
    with acting(Scope.all()):
        payment.refresh_from_db()
        assert payment.withdrawn_on == date(2026, 5, 1)
    assert "The payment is withdrawn; what it settled is open again." in after
    assert "Payment withdrawn INV-2026-00001" in after
    assert "It was withdrawn: No cover" in page(clerk, address)


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_ask_a_fixed_number_of_questions(
    bill: Bill, clerk: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    payments = [paid(bill, "1.00") for _ in range(count)]
    with acting(Scope.all()):
        for payment in payments:
            Proposal.objects.create(
                customer=bill.customer, kind="refund", payment=payment, amount=1, currency="EUR", proposed_at=NOW
            )
        one = Proposal.objects.latest("pk").pk
    clerk.get("/")

    with django_assert_num_queries(9):
        clerk.get(PROPOSALS)
    with django_assert_num_queries(10):
        clerk.get("/billing/payments/received/")
    with django_assert_num_queries(9):
        clerk.get(f"{PROPOSALS}{one}/")
    with django_assert_num_queries(10):
        clerk.get(f"/billing/payments/{payments[0].pk}/refund/")


def test_a_line_of_the_bank_that_gives_back_much_waits_for_another_person(
    bill: Bill, clerk: Client, sign_in: SignIn
) -> None:
    paid(bill, "328.50")
    with acting(Scope.all()):
        imported(entry("-150.00", "back", "North Dental", on=NOW.date()), now=NOW)
        line = BankLine.objects.get()
    assert "money given back to North Dental" in page(clerk, "/billing/payments/bank/")

    asked = text_of(clerk.post(f"/billing/payments/bank/{line.pk}/confirm/", follow=True))
    assert "It takes two persons: another one has to approve it. Nothing is changed yet." in asked
    again = text_of(clerk.post(f"/billing/payments/bank/{line.pk}/confirm/", follow=True))
    assert f"Proposal {proposed().pk} about it waits already" in again
    done = text_of(sign_in("admin").post(f"{PROPOSALS}{proposed().pk}/", {"approve": "yes"}, follow=True))
    assert "Approved, and done: EUR 150.00 of North Dental." in done
    with acting(Scope.all()):
        assert BankLine.objects.get().state == "confirmed"
