"""Above the provider's amount nobody gives money up alone: one proposes, another one approves or refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from quarterday.bills.actions import credit_bill
from quarterday.bills.models import Bill
from quarterday.bills.two_persons import TakesTwo
from quarterday.payments import actions, queries
from quarterday.payments.models import Payment, Proposal, Refund, WriteOff
from quarterday.provider.models import Provider
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import COMMAND_LINE, Actor
from tests.payments.bank import entry, imported
from tests.payments.conftest import issued

CLARA = Actor("person", "Clara Clerk", 1)
HANNA = Actor("person", "Hanna Brook", 2)
NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 6, 9, 12, tzinfo=UTC)


@pytest.fixture
def bill(north):
    """119.00, where more than 100 takes two."""
    Provider.objects.update(two_persons_above=100)
    return issued(north, "119.00")


def paid(owner, amount: str = "119.00") -> Payment:
    return actions.record_payment(
        owner, amount=Decimal(amount), currency="EUR", received_on=NOW.date(), now=NOW, by=CLARA
    )


def proposed(bill: Bill, amount: str | None = None, by: Actor = CLARA) -> Proposal:
    given = None if amount is None else Decimal(amount)
    wish = actions.write_off_or_propose(bill, reason="insolvent", amount=given, now=NOW, by=by)
    assert isinstance(wish, Proposal)
    return wish


def open_of(bill: Bill) -> str:
    return str(queries.settlements([bill.pk], on=LATER.date())[bill.pk].open)


def test_up_to_the_amount_one_person_does(bill):
    done = actions.write_off_or_propose(bill, reason="insolvent", amount=Decimal(100), now=NOW, by=CLARA)

    assert isinstance(done, WriteOff)
    assert open_of(bill) == "19.000"


def test_above_it_nothing_changes_until_another_person_approves(bill):
    wish = proposed(bill)
    assert (str(wish.amount), wish.state, open_of(bill)) == ("119.000", "waiting", "119.000")

    row = actions.approve_proposal(wish, now=LATER, by=HANNA)

    # It counts from the day on which both agreed.
    assert isinstance(row, WriteOff)
    assert (row.written_off_on, row.recorded_by, open_of(bill)) == (LATER.date(), "Hanna Brook", "0.000")
    wish.refresh_from_db()
    assert (wish.state, wish.decided_by) == ("approved", "Hanna Brook")
    entries = AuditEntry.objects.filter(subject_kind="payments.Proposal").order_by("pk")
    assert [(entry.verb, entry.actor_name) for entry in entries] == [
        ("proposed", "Clara Clerk"),
        ("approved", "Hanna Brook"),
    ]
    assert entries[1].details["proposed_by"] == "Clara Clerk"


def test_who_proposed_it_cannot_approve_it_under_another_name_either(bill):
    wish = proposed(bill)

    with pytest.raises(Refused, match="You have proposed this yourself"):
        actions.approve_proposal(wish, now=LATER, by=Actor("person", "Clara Married", 1))
    assert open_of(bill) == "119.000"


def test_the_command_line_is_one_person(bill):
    wish = proposed(bill, by=COMMAND_LINE)

    with pytest.raises(Refused, match="You have proposed this yourself"):
        actions.approve_proposal(wish, now=LATER, by=COMMAND_LINE)
    actions.approve_proposal(wish, now=LATER, by=HANNA)
    assert open_of(bill) == "0.000"


def test_the_verb_itself_refuses_one_person(bill):
    with pytest.raises(TakesTwo, match=r"119.00 EUR takes two persons, as all above 100 EUR does\."):
        actions.write_off(bill, reason="insolvent", now=NOW, by=CLARA)


def test_nobody_divides_a_bill_to_stay_below_the_amount(bill):
    actions.write_off(bill, reason="a part", amount=Decimal(60), now=NOW, by=CLARA)

    with pytest.raises(TakesTwo):
        actions.write_off(bill, reason="the rest", amount=Decimal(59), now=NOW, by=CLARA)


def test_never_more_than_is_left_by_then(bill):
    wish = proposed(bill, "119.00")
    paid(bill.customer, "50.00")

    with pytest.raises(Refused, match=r"119.00 is more than the 69.00 EUR that are open\."):
        actions.approve_proposal(wish, now=LATER, by=HANNA)


def test_what_would_come_to_another_amount_is_not_what_was_proposed(bill):
    wish = proposed(bill)
    paid(bill.customer, "10.00")

    with transaction.atomic(), pytest.raises(Refused, match=r"119.00 was proposed, it would be 109.00 now"):
        actions.approve_proposal(wish, now=LATER, by=HANNA)
    wish.refresh_from_db()
    assert wish.state == "waiting"


def test_a_refused_one_leaves_everything_and_another_may_be_proposed(bill):
    wish = proposed(bill)
    with pytest.raises(Refused, match="reason: is missing"):
        actions.refuse_proposal(wish, reason=" ", now=LATER, by=HANNA)
    actions.refuse_proposal(wish, reason="They pay after all", now=LATER, by=HANNA)

    assert open_of(bill) == "119.000"
    with pytest.raises(Refused, match="Hanna Brook has decided this before"):
        actions.approve_proposal(wish, now=LATER, by=HANNA)
    assert proposed(bill).state == "waiting"


def test_a_bill_has_one_proposal_at_a_time(bill):
    wish = proposed(bill)

    with pytest.raises(Refused, match=f"Proposal {wish.pk} about it waits already"):
        proposed(bill, "110.00")
    with transaction.atomic(), pytest.raises(IntegrityError, match="a_bill_has_one_proposal_waiting"):
        Proposal.objects.create(
            customer=bill.customer, kind="credit", bill=bill, amount=1, currency="EUR", proposed_at=NOW
        )


def test_what_is_not_in_order_is_refused_and_not_proposed(bill):
    with pytest.raises(Refused, match=r"120.00 is more than the 119.00 EUR that are open\."):
        proposed(bill, "120.00")
    assert not Proposal.objects.exists()


def test_money_goes_back_above_the_amount_with_two_persons(bill):
    payment = paid(bill.customer)
    wish = actions.refund_or_propose(
        payment, amount=Decimal("119.00"), refunded_on=NOW.date(), reference="paid twice", now=NOW, by=CLARA
    )
    assert isinstance(wish, Proposal)
    assert not Refund.objects.exists()

    actions.approve_proposal(wish, now=LATER, by=HANNA)
    row = Refund.objects.get()
    assert (row.refunded_on, str(row.amount), row.reference) == (NOW.date(), "119.000", "paid twice")


def test_a_line_of_the_bank_that_gives_back_much_takes_two_as_well(bill):
    """A file can be written by anybody: one person uploads it and confirms the line, another one agrees."""
    payment = paid(bill.customer)
    (line,) = imported(entry("-119.00", "back", "North Dental", on=NOW.date()), now=NOW)
    (suggestion,) = queries.suggestions([line])
    assert (suggestion.kind, suggestion.is_sure) == ("", False), "nothing of the payment is left"
    assert actions.confirm_sure_lines(now=NOW, by=CLARA) == []
    with pytest.raises(TakesTwo):
        actions.confirm_line(line, kind="refund", payment=payment, now=NOW, by=CLARA)

    wish = actions.confirm_or_propose(line, kind="refund", payment=payment, now=NOW, by=CLARA)
    assert isinstance(wish, Proposal)
    line.refresh_from_db()
    assert (str(wish.amount), line.state, Refund.objects.count()) == ("119.000", "waiting", 0)
    with pytest.raises(Refused, match="You have proposed this yourself"):
        actions.approve_proposal(wish, now=LATER, by=CLARA)
    actions.approve_proposal(wish, now=LATER, by=HANNA)

    line.refresh_from_db()
    assert (line.state, line.note, line.decided_by) == ("confirmed", "refund", "Hanna Brook")
    assert (line.refund, str(Refund.objects.get().refunded_on)) == (Refund.objects.get(), "2026-06-02")


def test_a_line_that_was_put_away_meanwhile_gives_nothing_back(bill):
    payment = paid(bill.customer)
    (line,) = imported(entry("-119.00", "back", "North Dental", on=NOW.date()), now=NOW)
    wish = actions.confirm_or_propose(line, kind="refund", payment=payment, now=NOW, by=CLARA)
    assert isinstance(wish, Proposal)
    actions.ignore_line(line, reason="forged", now=NOW, by=HANNA)

    with pytest.raises(Refused, match="This line was ignored by Hanna Brook before"):
        actions.approve_proposal(wish, now=LATER, by=HANNA)
    assert not Refund.objects.exists()


def test_up_to_the_amount_one_person_confirms_what_went_back_and_no_sweep_does(bill):
    payment = paid(bill.customer, "219.00")
    (line,) = imported(entry("-100.00", "back", "North Dental", on=NOW.date()), now=NOW)
    (suggestion,) = queries.suggestions([line])
    assert (suggestion.kind, suggestion.because, suggestion.is_sure) == ("refund", ("payer", "amount"), False)
    assert actions.confirm_sure_lines(now=NOW, by=CLARA) == []

    done = actions.confirm_suggestion(suggestion, now=NOW, by=CLARA)
    assert (done.state, done.refund.payment) == ("confirmed", payment)


def test_without_an_amount_nothing_waits(bill):
    Provider.objects.update(two_persons_above=None)

    assert isinstance(actions.write_off_or_propose(bill, reason="insolvent", now=NOW, by=CLARA), WriteOff)
    with pytest.raises(Refused):
        credit_bill(bill, reason=" ", now=NOW, by=CLARA)
