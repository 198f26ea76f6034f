"""Promise 22: what is beyond all likelihood waits for a person, and what could be a slip of the keys for two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from quarterday.bills.actions import (
    adjust_draft,
    decide_late_truth,
    discard_bill,
    recount_bill,
    release_bill,
    waive_missed,
)
from quarterday.bills.models import Bill, BillDiscard, BillHold, BillIssue, LateTruth, PeriodClaim
from quarterday.bills.run import run_billing
from quarterday.bills.two_persons import TakesTwo
from quarterday.customers.models import Customer
from quarterday.outbox.models import Message
from quarterday.payments.actions import Proposal, approve_proposal, waive_or_propose
from quarterday.plans.actions import modify_plan
from quarterday.plans.models import Plan
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor, Scope
from quarterday.subscriptions.actions import add_adjustment, disassociate
from quarterday.subscriptions.models import Subscription
from tests.bills.desk import bill_on, moment
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture(autouse=True)
def shop(database: None) -> Iterator[None]:
    """A customer with five computers, whose April was billed without a question."""
    with acting(Scope.all()):
        open_shop()
        customer = a_customer()
        a_subscription(customer, a_plan(), review_first_bill=False)
        present(customer, "\n".join(f"PC-{n} #>" for n in range(5)), start=date(2026, 4, 1))
        bill_on(MAY)
        assert BillIssue.objects.count() == 1
        yield


def reasons() -> list[str]:
    """Why the newest bill waits."""
    return list(BillHold.objects.filter(bill=Bill.objects.latest("pk")).order_by("pk").values_list("code", flat=True))


def test_hundreds_of_times_the_devices_are_held_for_two_persons() -> None:
    present(Customer.objects.get(), "\n".join(f"NEW-{n} #>" for n in range(1_100)), start=date(2026, 5, 10))

    bill_on(JUNE)

    assert reasons() == ["count_changed", "total_changed", "out_of_bounds"]
    assert BillIssue.objects.count() == 1
    assert Message.objects.count() == 1


def test_a_price_with_six_digits_too_many_is_held_and_one_person_alone_does_not_release_it() -> None:
    modify_plan(
        Plan.objects.get(),
        effective_on=MAY,
        prices={"computer": {"unit_price": "30000000.00"}},
        settled_until=MAY,
        by=BY,
        now=NOW,
    )

    bill_on(JUNE)

    assert reasons() == ["total_changed", "out_of_bounds", "out_of_bounds"]
    draft = Bill.objects.latest("pk")
    assert release_bill(draft, now=moment(JUNE, 9), by=BY) is None
    with pytest.raises(Refused, match="another person has to agree"):
        release_bill(draft, now=moment(JUNE, 10), by=BY)
    assert BillIssue.objects.count() == 1
    assert release_bill(draft, now=moment(JUNE, 11), by=Actor("person", "Otto Owner", 2)) is not None
    assert BillIssue.objects.count() == 2


def test_a_clock_in_2099_bills_nothing_and_says_why() -> None:
    report = run_billing(at=datetime(2099, 6, 1, 7, tzinfo=UTC), by=BY)

    assert report.stopped.startswith("The last run was 26694 days ago")
    assert Bill.objects.count() == 1


def test_a_clock_in_2099_that_somebody_confirms_is_not_believed_for_the_next_run() -> None:
    disassociate(Subscription.objects.all(), last_day=date(2026, 5, 31), by=BY, now=NOW)
    run_billing(at=datetime(2099, 6, 1, 7, tzinfo=UTC), by=BY, confirmed=True)

    report = run_billing(at=moment(JUNE), by=BY)

    assert report.stopped.startswith("The clock says 2026-06-01 07:00 UTC, before the last run")


# What gives up much before a bill is issued -------------------------------------------------------------------------

OTTO = Actor("person", "Otto Owner", 2)
CLARA = Actor("person", "Clara Clerk", 1)


def a_draft_of_june(**fields: Any) -> Bill:
    """May's bill over 178.50, which everybody looks at first; more than 100 takes two."""
    Provider.objects.update(review_all_bills=True, **fields)
    bill_on(JUNE)
    return Bill.objects.latest("pk")


def test_a_large_discount_waits_for_two_whichever_door_it_came_through() -> None:
    draft = a_draft_of_june(two_persons_above=200)
    assert reasons() == ["review"]

    # 60 % of 150.00 are 107.10 with tax, and 71.40 are left.
    half = adjust_draft(draft, text="Friend", percent=Decimal(-40), now=moment(JUNE, 9), by=CLARA)
    assert half is not None
    assert (half.total, reasons()) == (Decimal("107.10"), ["review"])
    Provider.objects.update(two_persons_above=100)
    less = adjust_draft(half, text="Good friend", percent=Decimal(-20), now=moment(JUNE, 10), by=CLARA)
    assert less is not None
    assert (less.total, reasons()) == (Decimal("71.40"), ["review", "two_persons"])

    assert release_bill(less, now=moment(JUNE, 11), by=CLARA) is None
    assert release_bill(less, now=moment(JUNE, 12), by=OTTO) is not None


def test_a_discount_that_waited_at_the_customer_is_looked_at_as_well() -> None:
    Provider.objects.update(two_persons_above=100)
    give: dict[str, Any] = {"text": "Goodwill", "starts_on": JUNE, "now": NOW, "by": CLARA}
    add_adjustment(Customer.objects.get(), amount=Decimal("-84.03"), **give)
    bill_on(JUNE)
    assert reasons() == []  # 100.00 with tax, which one may give away

    add_adjustment(Customer.objects.get(), amount=Decimal("-84.04"), **{**give, "starts_on": JULY})
    bill_on(JULY)
    assert reasons() == ["two_persons"]
    hold = BillHold.objects.get(code="two_persons")
    assert hold.message == "The discounts come to more than 100 EUR: two persons have to release it."


def test_a_limit_that_was_set_since_counts_for_discounts_too() -> None:
    draft = a_draft_of_june()
    less = adjust_draft(draft, text="Friend", percent=Decimal(-60), now=moment(JUNE, 9), by=CLARA)
    assert less is not None
    Provider.objects.update(two_persons_above=100)

    assert release_bill(less, now=moment(JUNE, 10), by=CLARA) is None


def test_who_makes_a_draft_small_by_a_discount_does_not_waive_the_rest_alone() -> None:
    draft = a_draft_of_june()
    less = adjust_draft(draft, text="Friend", percent=Decimal(-60), now=moment(JUNE, 9), by=CLARA)
    assert less is not None
    Provider.objects.update(two_persons_above=100)

    with pytest.raises(TakesTwo, match=r"178.50 EUR takes two persons"):
        discard_bill(less, waive_reason="never mind", now=moment(JUNE, 10), by=CLARA)


def test_a_large_draft_is_waived_by_one_who_proposes_and_another_who_approves() -> None:
    draft = a_draft_of_june(two_persons_above=100)
    wish = waive_or_propose(draft, reason="A gift", now=moment(JUNE, 9), by=CLARA)
    assert isinstance(wish, Proposal)
    assert (wish.amount, open_claims(draft)) == (Decimal("178.50"), 1)
    with pytest.raises(Refused, match="You have proposed this yourself"):
        approve_proposal(wish, now=moment(JUNE, 10), by=CLARA)

    approve_proposal(wish, now=moment(JUNE, 11), by=OTTO)

    waived = PeriodClaim.objects.get(outcome="waived", released_at=None)
    assert (waived.reason, open_claims(draft)) == ("A gift", 0)
    discarded = BillDiscard.objects.get(bill=draft)
    assert (discarded.reason, discarded.discarded_by) == ("waived: A gift", "Otto Owner")


def test_a_waiver_that_was_proposed_does_not_outlive_its_draft() -> None:
    draft = a_draft_of_june(two_persons_above=100)
    wish = waive_or_propose(draft, reason="A gift", now=moment(JUNE, 9), by=CLARA)
    assert isinstance(wish, Proposal)
    recount_bill(draft, now=moment(JUNE, 10), by=CLARA)

    with pytest.raises(Refused, match="was discarded"):
        approve_proposal(wish, now=moment(JUNE, 11), by=OTTO)


def test_up_to_the_amount_one_person_waives_and_anybody_throws_away_what_is_billed_again() -> None:
    draft = a_draft_of_june(two_persons_above=178)
    discard_bill(draft, now=moment(JUNE, 9), by=CLARA)
    bill_on(JUNE)
    Provider.objects.update(two_persons_above=179)

    waive_or_propose(Bill.objects.latest("pk"), reason="A gift", now=moment(JUNE, 10), by=CLARA)
    assert PeriodClaim.objects.filter(outcome="waived").count() == 1


def test_missed_periods_that_come_to_much_are_not_waived_by_one() -> None:
    Provider.objects.update(two_persons_above=178)
    with pytest.raises(Refused, match=r"178.50 EUR takes two persons: bill these periods, and waive the draft\."):
        waive_missed(Subscription.objects.get(), reason="A gift", now=moment(JUNE), by=CLARA)

    Provider.objects.update(two_persons_above=179)
    assert waive_missed(Subscription.objects.get(), reason="A gift", now=moment(JUNE), by=CLARA) == 1


def test_a_late_truth_that_comes_to_much_is_not_forgiven_by_one() -> None:
    customer = Customer.objects.get()
    Plan.objects.update(late_policy="ask")
    present(customer, "NEW-1 #>", start=date(2026, 4, 1), learned_at=moment(date(2026, 5, 10)))
    bill_on(JUNE)
    Provider.objects.update(two_persons_above=29)
    truth = LateTruth.objects.get()

    with pytest.raises(Refused, match=r"30.00 EUR takes two persons: charge it, and credit that bill\."):
        decide_late_truth(truth, decision="forgiven", now=moment(JUNE, 9), by=CLARA)
    decide_late_truth(truth, decision="catch_up", now=moment(JUNE, 9), by=CLARA)


def open_claims(draft: Bill) -> int:
    """How many periods the draft still settles."""
    return PeriodClaim.objects.filter(bill=draft, released_at=None).count()
