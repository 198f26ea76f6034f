"""Many people at one account at the same moment, on connections of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from django.db import connections

from quarterday.outbox.actions import NewMessage, post_messages
from quarterday.payments import actions
from quarterday.payments.models import BankFile, BankLine, Payment, Refund
from quarterday.payments.queries import free_credit, open_balance
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from tests.payments.bank import entry
from tests.payments.conftest import NOON, customer, issued

CLERK = Actor("person", "Clara Clerk")
PEOPLE = 50


def all_at_once(act) -> list[str]:
    """What became of it for each of fifty people, ten of whom are always at it."""

    def one(_: int) -> str:
        try:
            with acting(Scope.all()):
                act()
        except actions.PaymentRefused as refused:
            return str(refused)
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(one, range(PEOPLE)))


def test_fifty_refunds_of_one_payment_at_once_give_it_back_once(fresh_database):
    with acting(Scope.all()):
        north = customer("North Dental")
        told: dict[str, Any] = {
            "amount": Decimal(100),
            "currency": "EUR",
            "received_on": NOON.date(),
            "now": NOON,
            "by": CLERK,
        }
        payment = actions.record_payment(north, **told)

    def give_back() -> None:
        row = Payment.objects.get(pk=payment.pk)
        actions.refund(row, amount=Decimal(100), refunded_on=NOON.date(), now=NOON, by=CLERK)

    outcomes = all_at_once(give_back)

    assert outcomes.count("done") == 1
    assert set(outcomes) - {"done"} == {"amount: 100 is more than the 0.00 EUR that is left of the payment."}
    with acting(Scope.all()):
        assert [row.amount for row in Refund.objects.all()] == [Decimal(100)]
        assert open_balance(north.pk, "EUR") == 0
        assert free_credit([north.pk]) == {}


def test_fifty_write_offs_of_one_bill_at_once_give_it_up_once(fresh_database):
    with acting(Scope.all()):
        bill = issued(customer("North Dental"), "100.00")

    outcomes = all_at_once(
        lambda: actions.write_off(type(bill).objects.get(pk=bill.pk), reason="insolvent", now=NOON, by=CLERK)
    )

    assert outcomes.count("done") == 1
    with acting(Scope.all()):
        assert open_balance(bill.customer_id, "EUR") == 0


def test_a_file_of_the_bank_that_fifty_bring_in_at_once_is_here_once(fresh_database):
    entries = [entry(amount, "thanks", on=NOON.date()) for amount in ("119.00", "50.00")]
    outcomes: list[tuple[int, bool]] = []

    def bring_in() -> None:
        told = actions.import_bank_lines(entries, content=b"the same bytes", name="june.xml", now=NOON, by=CLERK)
        outcomes.append((told.new_count, told.is_known))

    assert set(all_at_once(bring_in)) == {"done"}
    assert sorted(outcomes) == [(0, True)] * (PEOPLE - 1) + [(2, False)]
    with acting(Scope.all()):
        assert (BankFile.objects.count(), BankLine.objects.count()) == (1, 2)


def test_a_mail_that_fifty_post_at_once_is_posted_once_and_found_by_all(fresh_database):
    found: list[dict[str, int]] = []

    def post() -> None:
        found.append(post_messages([NewMessage("link/1", "notice", None, ["a@msp.example"], NOON)], now=NOON))

    assert set(all_at_once(post)) == {"done"}
    assert len(found) == PEOPLE
    assert len({told["link/1"] for told in found}) == 1
