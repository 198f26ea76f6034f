"""Generate bills now: what would be billed is shown first; then the run is watched, with or without a script."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from quarterday.bills.models import BillingRun
from quarterday.bills.running import carry_out, open_run, progress_of
from quarterday.customers.models import Customer
from quarterday.provider.models import Provider, Restoration
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.models import Subscription
from tests.bills.desk import bill_on, moment
from tests.shop import BY
from tests.web.bills_desk import JUNE, MAY, customers, every, fill, open_the_shop, page
from tests.web.plans_desk import fields_of, text_of
from tests.web.visitor import signed_in

if TYPE_CHECKING:
    from tests.databases import Database

RUN = "/billing/bills/run/"


@pytest.fixture
def shop(database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-05-02T09:00:00+00:00", tick=False)
    open_the_shop()


def test_the_dry_run_shows_what_is_issued_held_and_how_it_compares(shop: None, sign_in: Any, time_machine: Any) -> None:
    customers("North Dental")
    bill_on(MAY)
    customers("South Law", review=True)
    time_machine.move_to("2026-06-01T09:00:00+00:00", tick=False)

    shown = page(sign_in("clerk"), RUN)

    assert "1 bill is issued and mailed EUR 178.50" in shown
    assert "2 bills are held for a person EUR 357.00" in shown
    assert shown.index("held This is the first bill") < shown.index("0 % is issued")
    assert "EUR 178.50 EUR 178.50 INV-2026-00001 0 % is issued" in shown
    assert "This is the first bill for Gold" in shown
    assert len(every()) == 1


def test_an_address_that_the_bills_would_lack_is_told_before_the_run(shop: None, sign_in: Any) -> None:
    customers("North Dental")
    bill_on(MAY)
    customers("South Law", "East <b>Works</b>")

    shown = page(sign_in("admin"), RUN)
    assert "Your own street or city is missing, and an invoice has to name them. Provider details" in shown
    assert "without the street or city of: East <b>Works</b>, South Law. Add them" in shown

    with acting(Scope.all()):
        Provider.objects.update(street="Hafen 1", city="Kiel")
        Customer.objects.update(street="Markt 2", city="Bonn")
    assert "street or city" not in page(sign_in("clerk"), RUN)


def test_nothing_due_says_so(shop: None, sign_in: Any) -> None:
    assert "Nothing is due at this moment" in page(sign_in("clerk"), RUN)


def test_a_strange_clock_is_confirmed_by_a_person(shop: None, sign_in: Any, time_machine: Any) -> None:
    customers("North Dental")
    bill_on(JUNE)
    clerk = sign_in("clerk")

    assert "Nobody would be billed. The clock says 2026-05-02" in page(clerk, RUN)
    assert "Nobody would be billed." not in text_of(fill(clerk, RUN, confirmed="on"))


def test_missed_periods_are_billed_all_or_never(shop: None, sign_in: Any, time_machine: Any) -> None:
    customers("North Dental")
    time_machine.move_to("2026-08-01T09:00:00+00:00", tick=False)
    clerk = sign_in("clerk")
    with acting(Scope.all()):
        subscription = Subscription.objects.get()

    assert "4 periods of Gold were missed, more than 2" in page(clerk, RUN)
    assert "4 bills are issued and mailed EUR 714.00" in text_of(fill(clerk, RUN, confirmed="on"))
    address = f"/billing/subscriptions/{subscription.pk}/waive/"
    assert "These 4 periods are settled without a bill, for good." in page(clerk, address)
    assert "1–30 Apr 2026 1–31 May 2026 1–30 Jun 2026 1–31 Jul 2026" in page(clerk, address)
    assert "This field is required." in text_of(fill(clerk, address))
    after = text_of(clerk.post(address, {"reason": "Billed by hand"}, follow=True))
    assert "4 periods are never billed." in after
    assert "Nothing is due at this moment" in after
    assert "Never bill them" not in page(clerk, address)


def test_only_what_was_shown_is_generated(shop: None, sign_in: Any) -> None:
    customers("North Dental")
    clerk = sign_in("clerk")
    looked = clerk.get(RUN)
    customers("South Law")

    answer = clerk.post(RUN, {**fields_of(looked), "agree": "yes"})

    assert "You changed something after looking." in text_of(answer)
    with acting(Scope.all()):
        assert BillingRun.objects.count() == 0


def test_a_restored_copy_shows_what_is_due_and_generates_nothing(shop: None, sign_in: Any) -> None:
    customers("North Dental")
    with acting(Scope.all()):
        Restoration.objects.create(taken_at=moment(MAY), restored_at=moment(MAY), restored_by="Ada", digest="d" * 64)
    clerk = sign_in("clerk")
    looked = clerk.get(RUN)
    assert "1 bill is issued and mailed" in text_of(looked)

    answer = text_of(clerk.post(RUN, {**fields_of(looked), "agree": "yes"}))

    assert "This is a restored copy, and no bill is issued from it" in answer
    assert "Take it for the real one on the status page" in answer
    with acting(Scope.all()):
        assert BillingRun.objects.count() == 0


def test_one_customer_alone_is_billed(shop: None, sign_in: Any) -> None:
    customers("North Dental", "South Law")

    shown = text_of(fill(sign_in("clerk"), RUN, customer="C-0002", look="yes"))

    assert "1 bill is issued and mailed" in shown
    assert "North Dental" not in shown.split("What the run would do")[1].split("For whom")[0]


def test_a_watched_run_tells_how_far_it_is_and_what_came_out(shop: None, sign_in: Any, time_machine: Any) -> None:
    time_machine.move_to(moment(MAY, 12), tick=False)
    customers("A", "B", "C")
    with acting(Scope.all()):
        run = open_run(now=moment(MAY, 12), by=BY)
    clerk = sign_in("clerk")
    assert "It reads what is due …" in page(clerk, f"{RUN}{run.pk}/")

    carry_out(run.pk, at=moment(MAY, 12), by=BY, clock=lambda: moment(MAY, 12), chunk=1)

    with acting(Scope.all()):
        progress = progress_of(run.pk)
    assert progress is not None
    assert (progress.is_over, progress.counts["issued"]) == (True, 3)
    shown = page(clerk, f"{RUN}{run.pk}/")
    assert "The run is over" in shown
    assert "3 bills are issued" in shown
    assert "INV-2026-00003" in shown
    assert "INV-2026-00001" in page(clerk, f"/billing/bills/?run={run.pk}")


def test_a_run_reloads_itself_without_a_script_and_polls_with_one(shop: None, sign_in: Any, time_machine: Any) -> None:
    with acting(Scope.all()):
        run = open_run(now=moment(MAY, 12), by=BY)
    time_machine.move_to(moment(MAY, 12), tick=False)
    clerk = sign_in("clerk")

    whole = clerk.get(f"{RUN}{run.pk}/").content.decode()
    part = clerk.get(f"{RUN}{run.pk}/", headers={"HX-Request": "true"}).content.decode()

    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in whole
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    time_machine.move_to(moment(MAY, 13), tick=False)
    dead = clerk.get(f"{RUN}{run.pk}/").content.decode()
    assert "It told nothing for two minutes." in dead
    assert "http-equiv" not in dead


def test_what_ends_a_run_is_told_on_its_page(shop: None, sign_in: Any) -> None:
    customers("North Dental")
    bill_on(JUNE)
    with acting(Scope.all()):
        run = open_run(now=moment(MAY), by=BY)

    carry_out(run.pk, at=moment(MAY), by=BY, clock=lambda: moment(MAY))

    assert "The clock says 2026-05-01 07:00 UTC, before the last run" in page(sign_in("clerk"), f"{RUN}{run.pk}/")


def test_the_button_starts_the_run_in_a_thread_of_its_own(fresh_database: Database, time_machine: Any) -> None:
    from quarterday.accounts.models import User

    time_machine.move_to("2026-05-02T09:00:00+00:00", tick=True)
    open_the_shop()
    customers("A", "B")
    user = User.objects.create_user("clerk@msp.example", "a long password", role="clerk", name="Clara")
    clerk = signed_in(user)

    looked = clerk.get(RUN)
    answer = clerk.post(RUN, {**fields_of(looked), "agree": "yes"})

    assert answer.status_code == 302
    deadline = time.monotonic() + 20
    while "The run is over" not in page(clerk, answer["Location"]):
        assert time.monotonic() < deadline, "the run did not end"
        time.sleep(0.1)
    assert [bill.issue.number for bill in every()] == ["INV-2026-00001", "INV-2026-00002"]
    with acting(Scope.all()):
        assert BillingRun.objects.get().by == "Clara"
