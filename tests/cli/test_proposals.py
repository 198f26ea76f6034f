"""`quarterday payments proposals`, `approve` and `refuse`; the command line is one person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quarterday.bills.models import Bill
from quarterday.payments.actions import approve_proposal, record_payment, write_off_or_propose
from quarterday.payments.models import Proposal
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from tests.bills.desk import bill_on
from tests.bills.ledger import present
from tests.cli.terminal import run
from tests.payments.bank import entry, imported
from tests.payments.conftest import NOON, customer, issued
from tests.shop import a_customer, a_plan, a_subscription, open_shop

CLARA = Actor("person", "Clara Clerk", 1)


@pytest.fixture
def bill(database: None) -> Bill:
    with acting(Scope.all()):
        open_shop()
        Provider.objects.update(two_persons_above=100)
        return issued(customer("North Dental"), "119.00")


def test_above_the_amount_it_waits_with_exit_code_1(bill: Bill) -> None:
    looked = run("payments", "write-off", bill.issue.number, "--reason", "insolvent", "--dry-run")
    assert (looked.code, looked.out.strip()) == (0, "119.00 EUR would wait for a second person.")

    asked = run("payments", "write-off", bill.issue.number, "--reason", "insolvent")
    assert asked.code == 1
    assert "another person approves it. Nothing is changed yet." in asked.out

    (row,) = run("payments", "proposals", "--json").json
    assert (row["kind"], row["about"], row["state"]) == ("write_off", bill.issue.number, "waiting")
    alone = run("payments", "approve", str(row["id"]))
    assert (alone.code, "You have proposed this yourself." in alone.err) == (1, True)
    assert "Refused." in run("payments", "refuse", str(row["id"]), "--reason", "they pay").out
    assert run("payments", "proposals", "--json").json[0]["state"] == "refused"


def test_what_a_person_proposed_the_command_line_approves(bill: Bill) -> None:
    with acting(Scope.all()):
        wish = write_off_or_propose(bill, reason="insolvent", now=NOON, by=CLARA)

    done = run("payments", "approve", str(wish.pk))
    assert f"Approved: 119.00 EUR are written off of {bill.issue.number}." in done.out


def test_there_is_no_such_proposal(bill: Bill) -> None:
    answer = run("payments", "approve", "77")

    assert answer.code != 0
    assert "There is no proposal 77: see quarterday payments proposals." in answer.err


def test_a_large_draft_is_waived_by_the_command_line_and_another_person(database: None) -> None:
    with acting(Scope.all()):
        open_shop()
        Provider.objects.update(two_persons_above=20)
        a_subscription(north := a_customer(), a_plan())
        present(north, "PC-1 #>", start=date(2026, 4, 1))
        bill_on(date(2026, 5, 1))
        draft = Bill.objects.get()

    asked = run("bills", "discard", f"draft {draft.pk}", "--waive", "trial month")
    assert (asked.code, "It takes two persons: proposal" in asked.out) == (1, True)
    (row,) = run("payments", "proposals", "--json").json
    assert (row["kind"], row["about"], row["amount"]) == ("waive", f"draft {draft.pk}", "35.70")
    with acting(Scope.all()):
        approve_proposal(Proposal.objects.get(), now=NOON, by=CLARA)
    assert "was discarded" in run("bills", "discard", f"draft {draft.pk}").err


def test_a_large_line_of_the_bank_that_gives_back_waits_too(bill: Bill) -> None:
    with acting(Scope.all()):
        told: dict[str, Any] = {"currency": "EUR", "received_on": NOON.date(), "now": NOON, "by": CLARA}
        record_payment(bill.customer, amount=Decimal(300), **told)
        (line,) = imported(entry("-150.00", "back", "North Dental", on=NOON.date()), now=NOON)

    asked = run("payments", "confirm", str(line.pk))
    assert (asked.code, "0 confirmed." in asked.out) == (1, True)
    assert "another person approves it. Nothing is changed yet." in asked.out
    assert [row["kind"] for row in run("payments", "proposals", "--json").json] == ["refund"]
    assert len(run("payments", "suggestions", "--json").json) == 1
