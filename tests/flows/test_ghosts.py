"""Ghosts: a laptop in a drawer is paused after its plan's days, and charged again on the day it is heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from quarterday.bills.actions import look_back
from quarterday.bills.conservation import device_days_of
from quarterday.bills.models import Bill, LateTruth
from quarterday.engine.periods import Cycle, Period
from quarterday.inventory.actions import apply_snapshot, except_device
from quarterday.inventory.models import Device
from quarterday.inventory.snapshot import SeenCustomer, SeenDevice, Snapshot
from quarterday.outbox.models import Message
from quarterday.plans.actions import change_plan
from quarterday.plans.models import Plan
from quarterday.provider.actions import change_provider
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import announce, end_pause, pause_silent_devices, restart
from quarterday.subscriptions.models import Pause, Subscription
from tests.bills.desk import bill_on, eur, lines, moment
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))
MAY = Period(date(2026, 5, 1), date(2026, 6, 1))


@pytest.fixture(autouse=True)
def shop(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        customer = a_customer()
        a_subscription(customer, a_plan(counting="prorated", pause_after_days=14), review_first_bill=False)
        yield


def reported(day: date, *, laptop_heard: date) -> None:
    """The night's snapshot: the desktop was heard just now, the laptop on some day at noon."""
    now = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    devices = tuple(
        SeenDevice("North Dental", ref, ref, "computer", last_seen_at=heard)
        for ref, heard in (("DESKTOP", now - timedelta(hours=1)), ("LAPTOP", moment(laptop_heard, hour=12)))
    )
    snapshot = Snapshot("RMM", True, now, (SeenCustomer("North Dental", "North Dental"),), devices)
    apply_snapshot(snapshot, now=now, by=BY, present_since=APRIL.start)
    pause_silent_devices(now=now, by=BY)


def paused() -> list[tuple[date, date | None]]:
    return [(row.valid.lower, row.valid.upper) for row in Pause.objects.filter(withdrawn_at=None).order_by("valid")]


def test_a_silent_laptop_is_paused_after_fourteen_days_and_back_on_the_day_it_is_heard() -> None:
    reported(date(2026, 4, 1), laptop_heard=date(2026, 3, 31))
    for day in range(7, 16):
        reported(date(2026, 4, day), laptop_heard=date(2026, 4, 2))
    assert paused() == []

    reported(date(2026, 4, 16), laptop_heard=date(2026, 4, 2))
    assert paused() == [(date(2026, 4, 16), None)]
    reported(date(2026, 4, 17), laptop_heard=date(2026, 4, 2))
    assert len(paused()) == 1

    reported(date(2026, 4, 27), laptop_heard=date(2026, 4, 26))
    reported(date(2026, 4, 28), laptop_heard=date(2026, 4, 27))
    assert paused() == [(date(2026, 4, 16), date(2026, 4, 26))]

    reported(date(2026, 4, 30), laptop_heard=date(2026, 4, 29))
    bill_on(MAY.start)
    # 30 days of the desktop, 20 of the laptop.
    assert lines(Bill.objects.get()) == [("computer", eur("50"), eur("50.00"))]
    found = device_days_of(APRIL, [Bill.objects.get().customer_id], at=moment(MAY.start))
    assert (found.faults, found.buckets()["billed"], found.buckets()["paused"]) == ([], 50, 10)
    verbs = AuditEntry.objects.filter(subject_name="LAPTOP").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["paused", "ended the pause of"]


def test_a_pause_that_was_learned_after_the_bill_is_credited_whatever_the_policy() -> None:
    reported(date(2026, 4, 1), laptop_heard=date(2026, 3, 31))
    bill_on(MAY.start)
    reported(date(2026, 5, 3), laptop_heard=date(2026, 4, 2))

    bill_on(MAY.end)

    assert paused() == [(date(2026, 4, 16), None)]
    assert lines(Bill.objects.order_by("-pk")[0]) == [
        ("computer", eur("31"), eur("30.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", eur("-15"), eur("-15.00")),
    ]


def test_a_person_may_charge_it_all_the_same_and_it_is_not_paused_again_for_that_silence() -> None:
    reported(date(2026, 4, 20), laptop_heard=date(2026, 4, 2))
    [pause] = Pause.objects.all()

    with pytest.raises(Refused, match="There is no pause 0"):
        end_pause(0, on=None, now=moment(date(2026, 4, 21)), by=BY)
    end_pause(pause.pk, on=date(2026, 4, 21), now=moment(date(2026, 4, 21)), by=BY)
    reported(date(2026, 4, 22), laptop_heard=date(2026, 4, 2))

    assert paused() == [(date(2026, 4, 16), date(2026, 4, 21))]
    with pytest.raises(Refused, match="ends on 2026-04-21 already"):
        end_pause(Pause.objects.get(withdrawn_at=None).pk, on=date(2026, 5, 1), now=moment(MAY.start), by=BY)


@pytest.mark.parametrize("is_charged", [True, False])
def test_what_a_person_charges_all_the_same_stays_so_for_who_restarts_and_what_is_paused_stays_paused(
    is_charged: bool,
) -> None:
    reported(date(2026, 4, 20), laptop_heard=date(2026, 4, 2))
    [pause] = Pause.objects.all()
    if is_charged:
        end_pause(pause.pk, on=date(2026, 4, 21), now=moment(date(2026, 4, 21)), by=BY)
    for day in (date(2026, 4, 22), date(2026, 4, 24)):
        goes_on = Subscription.objects.get(ends_on=None)
        restart(goes_on, on=day, cycle=Cycle(1, "week"), by=BY, now=moment(day))
    reported(date(2026, 4, 25), laptop_heard=date(2026, 4, 2))

    newest = Subscription.objects.latest("pk")
    found = [row.valid.lower for row in Pause.objects.filter(subscription=newest)]
    assert found == ([] if is_charged else [date(2026, 4, 24)])


def test_a_plan_that_pauses_no_longer_charges_from_that_day_on() -> None:
    reported(date(2026, 4, 20), laptop_heard=date(2026, 4, 2))
    change_plan(Plan.objects.get(), pause_after_days=None, by=BY, now=moment(date(2026, 4, 24)))

    reported(date(2026, 4, 25), laptop_heard=date(2026, 4, 2))

    assert paused() == [(date(2026, 4, 16), date(2026, 4, 25))]


def test_by_default_nothing_is_paused_and_a_source_that_tells_nothing_pauses_nothing() -> None:
    change_plan(Plan.objects.get(), pause_after_days=None, by=BY, now=moment(APRIL.start))
    reported(date(2026, 4, 20), laptop_heard=date(2026, 4, 2))

    assert (paused(), Device.objects.get(name="DESKTOP").silent_since) == ([], None)
    with pytest.raises(Refused, match="1 is out of bounds: write a number from 2 to 730"):
        change_plan(Plan.objects.get(), pause_after_days=1, by=BY, now=moment(APRIL.start))


def test_pauses_and_exceptions_that_end_soon_are_mailed_to_us_once() -> None:
    Provider.objects.update(email="accounts@shop.example")
    reported(date(2026, 4, 16), laptop_heard=date(2026, 4, 2))
    desktop = Device.objects.get(name="DESKTOP")
    days = Period(date(2026, 4, 16), date(2026, 5, 5))
    except_device(desktop, days=days, reason="on loan", agreed_by="Dora", now=moment(date(2026, 4, 16)), by=BY)

    assert announce(now=moment(date(2026, 4, 17))) == 1
    assert announce(now=moment(date(2026, 4, 20))) == 0
    assert announce(now=moment(date(2026, 4, 21))) == 1

    pause, ending = Message.objects.filter(kind="notice").order_by("pk")
    assert (pause.recipients, pause.customer_id) == (["accounts@shop.example"], None)
    assert "LAPTOP of North Dental: nothing was heard of it, so Gold does not charge it from" in pause.body
    assert "DESKTOP of North Dental: not billed until" in ending.body
    assert "(on loan), and charged after it" in ending.body


def test_an_ending_is_announced_as_many_days_before_as_the_provider_sets() -> None:
    Provider.objects.update(email="accounts@shop.example")
    change_provider(Provider.objects.get(), exception_notice_days=3, by=BY, now=moment(APRIL.start))
    reported(date(2026, 4, 16), laptop_heard=date(2026, 4, 16))
    days = Period(date(2026, 4, 16), date(2026, 5, 5))
    desktop = Device.objects.get(name="DESKTOP")
    except_device(desktop, days=days, reason="on loan", agreed_by="Dora", now=moment(date(2026, 4, 16)), by=BY)

    assert [announce(now=moment(date(2026, 5, day))) for day in (1, 2, 3)] == [0, 1, 0]
    with pytest.raises(Refused, match="write a number from 0 to 365"):
        change_provider(Provider.objects.get(), exception_notice_days=366, by=BY, now=moment(APRIL.start))


def test_without_an_address_of_ours_nothing_is_mailed_and_nothing_counts_as_told() -> None:
    Provider.objects.update(email="")
    reported(date(2026, 4, 16), laptop_heard=date(2026, 4, 2))

    assert announce(now=moment(date(2026, 4, 17))) == 0
    assert Pause.objects.get().announced_at is None


def test_a_pause_that_ends_after_a_billed_month_is_no_news_about_that_month() -> None:
    reported(date(2026, 4, 1), laptop_heard=date(2026, 3, 31))
    reported(date(2026, 4, 30), laptop_heard=date(2026, 4, 2))
    bill_on(MAY.start)
    reported(date(2026, 5, 10), laptop_heard=date(2026, 5, 9))

    assert look_back(now=moment(date(2026, 5, 11))) == 0
    assert LateTruth.objects.count() == 0
