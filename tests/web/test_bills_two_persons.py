"""Above the provider's amount two persons release a bill: the page says who has, and that another one has to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from quarterday.bills.models import Bill
from quarterday.payments.actions import credit_or_propose
from quarterday.payments.models import Proposal
from quarterday.payments.queries import proposal_list
from quarterday.provider.actions import change_provider
from quarterday.provider.queries import get_provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import BY
from tests.web.bills_desk import billed, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import text_of

NOW = datetime(2026, 5, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    open_the_shop()


def test_the_first_ones_word_is_kept_and_the_second_one_issues_it(sign_in: SignIn) -> None:
    with acting(Scope.all()):
        change_provider(get_provider(), two_persons_above=178, by=BY, now=NOW)
    (draft,) = billed("North Dental")
    address = f"/billing/bills/{draft.pk}/"
    clerk, admin = sign_in("clerk"), sign_in("admin")

    assert "The total is above EUR 178: two persons have to release it." in page(clerk, address)
    assert "has released it" not in page(clerk, address)
    clerk.post(f"{address}release/", follow=True)
    assert "Clerk has released it; another person has to, too." in page(admin, address)
    again = text_of(clerk.post(f"{address}release/", follow=True))
    assert "You have agreed already." in again
    admin.post(f"{address}release/", follow=True)

    issued = page(admin, address)
    assert "has released it; another" not in issued
    assert "Approved · Clerk" in issued
    assert "Approved · Admin" in issued
    assert "Released as it was reviewed · Admin" in issued


def test_up_to_the_amount_one_person_does(sign_in: SignIn) -> None:
    with acting(Scope.all()):
        change_provider(get_provider(), two_persons_above=179, by=BY, now=NOW)
    (bill,) = billed("North Dental")
    assert bill.issue.number == "INV-2026-00001"


def test_a_large_draft_is_never_billed_only_when_another_person_agrees(sign_in: SignIn) -> None:
    with acting(Scope.all()):
        change_provider(get_provider(), two_persons_above=100, by=BY, now=NOW)
    (draft,) = billed("North Dental")
    address = f"/billing/bills/{draft.pk}/"
    clerk, admin = sign_in("clerk"), sign_in("admin")

    wish = {"what": "waive", "waive_reason": "Trial month"}
    asked = text_of(clerk.post(f"{address}discard/", wish, follow=True))
    assert "Never billed, EUR 178.50" in asked
    assert "You have proposed this, so another person has to approve it." in asked
    told = (
        "Never billed, EUR 178.50: it waits for a second person. Proposed by Clerk, nothing is changed yet: Trial month"
    )
    assert told in page(admin, address)
    assert "Never billed Draft North Dental EUR 178.50 Trial month Clerk" in page(admin, "/billing/payments/proposals/")

    with acting(Scope.all()):
        waiting = Proposal.objects.get()
    done = text_of(admin.post(f"/billing/payments/proposals/{waiting.pk}/", {"approve": "yes"}, follow=True))
    assert "Approved, and done: EUR 178.50 of North Dental." in done
    assert "Discarded by Admin" in done
    assert "waived: Trial month" in done


@pytest.mark.parametrize("act", ["recount/", "discard/", "release/"])
def test_a_proposal_to_waive_is_moot_once_its_draft_is_gone(sign_in: SignIn, act: str) -> None:
    with acting(Scope.all()):
        change_provider(get_provider(), two_persons_above=100, by=BY, now=NOW)
    (draft,) = billed("North Dental")
    address = f"/billing/bills/{draft.pk}/"
    clerk, admin = sign_in("clerk"), sign_in("admin")
    clerk.post(f"{address}discard/", {"what": "waive", "waive_reason": "Trial month"})
    with acting(Scope.all()):
        wish = Proposal.objects.get()
    assert "1 proposal waits for a second person" in page(admin, "/")

    for client in (clerk, admin):
        client.post(f"{address}{act}", {"what": "again"})

    listed = page(admin, "/billing/payments/proposals/")
    assert "Trial month Clerk moot: its draft is gone" in listed
    assert "Look and decide" not in listed
    assert "proposal waits for a second person" not in page(admin, "/")
    assert "it waits for a second person" not in page(admin, address)
    shown = page(admin, f"/billing/payments/proposals/{wish.pk}/")
    assert "so nothing is left to decide" in shown
    assert "Approve it" not in shown
    with acting(Scope.all()):
        assert [row["state"] for row in proposal_list()] == ["moot"]


def test_a_moot_waiver_does_not_stand_in_the_way_of_a_credit_note(sign_in: SignIn) -> None:
    with acting(Scope.all()):
        change_provider(get_provider(), two_persons_above=100, by=BY, now=NOW)
    (draft,) = billed("North Dental")
    address = f"/billing/bills/{draft.pk}/"
    clerk, admin = sign_in("clerk"), sign_in("admin")
    clerk.post(f"{address}discard/", {"what": "waive", "waive_reason": "Trial month"})
    for client in (clerk, admin):
        client.post(f"{address}release/")

    with acting(Scope.all()):
        wish = credit_or_propose(Bill.objects.get(pk=draft.pk), reason="Wrong plan", now=NOW, by=BY)
        assert isinstance(wish, Proposal)
        states = Proposal.objects.order_by("pk").values_list("kind", "state", "decided_because")
        assert list(states) == [("waive", "refused", "The draft was issued meanwhile."), ("credit", "waiting", "")]


def test_of_many_drafts_those_that_take_two_wait(sign_in: SignIn) -> None:
    with acting(Scope.all()):
        change_provider(get_provider(), two_persons_above=100, by=BY, now=NOW)
    (draft,) = billed("North Dental")
    form = {"draft": [draft.pk], "act": "waive", "waive_reason": "Trial month"}

    told = text_of(sign_in("clerk").post("/billing/bills/waiting/decide/", form, follow=True))
    assert "1 needs another person, too." in told
    with acting(Scope.all()):
        assert Proposal.objects.get().kind == "waive"
