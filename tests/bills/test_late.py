"""Learned late: what the ledger tells about months that were billed already."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from psycopg.types.range import DateRange

from quarterday.bills.actions import (
    credit_bill,
    decide_late_truth,
    discard_bill,
    find_late_truths,
    look_back,
    recount_bill,
    release_bill,
)
from quarterday.bills.models import Bill, BillDiscard, LateTruth
from quarterday.bills.queries.device_days import DaysOfDevice
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import except_device, replace_device
from quarterday.inventory.models import Device, Presence
from quarterday.shared.refusal import Refused
from tests.bills.desk import bill_on, eur, lines, moment
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))
LATER = date(2026, 5, 10)


def billed_for_april(policy: str) -> Customer:
    customer = a_customer()
    a_subscription(customer, a_plan(late_policy=policy), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    bill_on(MAY)
    return customer


def learn_of_a_second_computer(customer: Customer) -> None:
    present(customer, "PC-2 #>", start=APRIL, learned_at=moment(LATER))


def test_a_device_learned_late_is_caught_up_on_the_next_bill_which_names_the_month() -> None:
    learn_of_a_second_computer(billed_for_april("catch_up"))

    bill_on(JUNE)

    may = Bill.objects.order_by("pk")[1]
    assert lines(may) == [
        ("computer", 2, eur("60.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", 1, eur("30.00")),
    ]
    assert LateTruth.objects.get().decision == "billed"
    bill_on(JULY)
    assert Bill.objects.order_by("pk")[2].net == eur("60.00")


def test_by_default_a_person_is_asked_once_and_the_answer_is_billed() -> None:
    learn_of_a_second_computer(billed_for_april("ask"))

    bill_on(JUNE)
    truth = LateTruth.objects.get()
    assert (truth.decision, truth.difference) == ("asked", eur("30.00"))
    assert Bill.objects.order_by("pk")[1].net == eur("60.00")

    decide_late_truth(truth, decision="catch_up", now=moment(date(2026, 6, 10)), by=BY)
    bill_on(JULY)

    assert Bill.objects.order_by("pk")[2].net == eur("90.00")
    truth.refresh_from_db()
    assert (truth.decision, truth.decided_by) == ("billed", "Clara Clerk")


def test_a_question_names_the_devices_and_their_days_as_billed_and_as_known() -> None:
    customer = billed_for_april("ask")
    present(customer, "PC-2 ..........#>\nPHONE mobile #>", start=APRIL, learned_at=moment(LATER))

    look_back(now=moment(LATER))

    truth = LateTruth.objects.get()
    assert [(each["name"], each["before"], each["now"]) for each in truth.devices] == [("PC-2", 0, 20)]
    assert truth.more_devices == 0


def test_a_question_that_was_answered_is_not_asked_again() -> None:
    learn_of_a_second_computer(billed_for_april("ask"))
    bill_on(JUNE)
    truth = LateTruth.objects.get()
    decide_late_truth(truth, decision="forgiven", now=moment(date(2026, 6, 10)), by=BY)

    with pytest.raises(Refused, match="decided already"):
        decide_late_truth(truth, decision="catch_up", now=moment(date(2026, 6, 10)), by=BY)
    bill_on(JULY)

    assert [truth.decision for truth in LateTruth.objects.all()] == ["forgiven"]
    assert Bill.objects.order_by("pk")[2].net == eur("60.00")


@pytest.mark.parametrize("policy", ["ask", "catch_up", "forgive"])
def test_what_is_in_the_customers_favour_is_always_credited(policy: str) -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(late_policy=policy), review_first_bill=False)
    devices = present(customer, "PC-1 #>\nPC-2 #>", start=APRIL)
    bill_on(MAY)
    except_device(
        devices["PC-2"],
        days=Period(APRIL, date(2026, 8, 1)),
        reason="test machine",
        agreed_by="Clara",
        now=moment(LATER),
        by=BY,
    )

    bill_on(JUNE)

    assert lines(Bill.objects.order_by("pk")[1]) == [
        ("computer", 1, eur("30.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", -1, eur("-30.00")),
    ]


def credited(bill: Bill, net: str, **options: Any) -> None:
    credit_bill(bill, reason="Sorry", amounts={1: eur(net)}, now=moment(date(2026, 5, 5)), by=BY, **options)


def test_a_goodwill_credit_is_not_charged_again_by_what_is_learned_late() -> None:
    customer = billed_for_april("catch_up")
    credited(Bill.objects.get(), "30.00")
    learn_of_a_second_computer(customer)

    bill_on(JUNE)

    assert lines(Bill.objects.order_by("-pk")[0]) == [
        ("computer", 2, eur("60.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", 1, eur("30.00")),
    ]


def of_april(device: Device) -> DaysOfDevice:
    return DaysOfDevice(device.pk, Period(APRIL, MAY))


def not_there(device: Device) -> None:
    """We learn in May that the device was never to be charged."""
    told: dict[str, Any] = {"reason": "scrapped", "agreed_by": "Clara", "now": moment(LATER), "by": BY}
    except_device(device, days=Period(APRIL, date(2026, 8, 1)), **told)


def test_a_device_that_was_credited_by_hand_is_not_credited_again_beside_one_of_another_class() -> None:
    """PC-2 was scrapped: its 30.00 are given back by hand, and then the ledger learns of that and of a server."""
    customer = a_customer()
    a_subscription(customer, a_plan(late_policy="catch_up"), review_first_bill=False)
    devices = present(customer, "PC-1 #>\nPC-2 #>", start=APRIL)
    bill_on(MAY)
    credit_bill(
        Bill.objects.get(), reason="Scrapped", days_of=of_april(devices["PC-2"]), now=moment(date(2026, 5, 5)), by=BY
    )
    not_there(devices["PC-2"])
    present(customer, "SRV server #>", start=APRIL, learned_at=moment(LATER))

    bill_on(JUNE)

    assert lines(Bill.objects.order_by("-pk")[0]) == [
        ("computer", 1, eur("30.00")),
        ("server", 1, eur("90.00")),
        ("server, catch-up for 2026-04-01 to 2026-04-30", 1, eur("90.00")),
    ]


def test_goodwill_of_one_class_is_not_charged_again_where_another_is_credited() -> None:
    """30.00 of the server were goodwill. Two computers too many are 60.00, and the server stays as it is."""
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    devices = present(customer, "PC-1 #>\nPC-2 #>\nSRV server #>", start=APRIL)
    bill_on(MAY)
    credit_bill(Bill.objects.get(), reason="Outage", amounts={2: eur("30.00")}, now=moment(date(2026, 5, 5)), by=BY)
    for name in ("PC-1", "PC-2"):
        not_there(devices[name])

    bill_on(JUNE)

    assert lines(Bill.objects.order_by("-pk")[0]) == [
        ("server", 1, eur("90.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", -2, eur("-60.00")),
    ]


def test_what_was_credited_by_the_day_and_what_is_credited_later_come_to_what_was_charged() -> None:
    """10.05 a computer: every second day of April by hand is 5.03, so the catch-up is 5.02 and not 15 times 0.34."""
    customer = a_customer()
    a_subscription(customer, a_plan(prices={"computer": {"unit_price": "10.05"}}), review_first_bill=False)
    devices = present(customer, "PC-1 #>\nPC-2 #>", start=APRIL)
    bill_on(MAY)
    april, given = Bill.objects.get(), Decimal(0)
    for number in range(1, 31, 2):
        day = Period(date(2026, 4, number), date(2026, 4, number + 1))
        told: dict[str, Any] = {"days_of": DaysOfDevice(devices["PC-1"].pk, day), "now": moment(date(2026, 5, 5))}
        given += credit_bill(april, reason="Repair", by=BY, **told).net
    not_there(devices["PC-1"])

    bill_on(JUNE)

    assert given == eur("5.03")
    assert Bill.objects.order_by("-pk")[0].net == eur("5.03")  # 10.05 for May, less 5.02
    bill_on(JULY)
    assert Bill.objects.order_by("-pk")[0].net == eur("10.05")


@pytest.mark.parametrize("waits", [False, True], ids=["issued", "as a draft"])
def test_a_device_that_a_catch_up_took_off_is_not_credited_by_hand_as_well(waits: bool) -> None:
    """PC-3's 30.00 of April go back with May's bill, so its days are not given back again; PC-1's are."""
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    devices = present(customer, "PC-1 #>\nPC-2 #>\nPC-3 #>", start=APRIL)
    bill_on(MAY)
    april = Bill.objects.get()
    not_there(devices["PC-3"])
    Customer.objects.update(review_bills=waits)
    bill_on(JUNE)
    may = Bill.objects.order_by("-pk")[0]
    named = f"Draft {may.pk}" if waits else "INV-2026-00002"
    told: dict[str, Any] = {"reason": "Scrapped", "now": moment(date(2026, 6, 2)), "by": BY}

    with pytest.raises(Refused, match=f"{named} has taken this device off since, from 2026-04-01 to 2026-04-30"):
        credit_bill(april, days_of=of_april(devices["PC-3"]), **told)
    assert credit_bill(april, days_of=of_april(devices["PC-1"]), **told).net == eur("30.00")


def test_a_device_that_was_replaced_since_is_still_credited_beside_a_catch_up() -> None:
    """PC-4 is PC-2 by another name: a catch-up that counts it under that name has not taken PC-2 off."""
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    devices = present(customer, f"PC-1 #>\nPC-2 {30 * '#'}\nPC-3 #>", start=APRIL)
    bill_on(MAY)
    after = present(customer, "PC-4 #>", start=MAY, learned_at=moment(date(2026, 5, 2)))["PC-4"]
    replace_device(devices["PC-2"], new=after, now=moment(LATER), by=BY)
    not_there(devices["PC-3"])
    bill_on(JUNE)

    told: dict[str, Any] = {"reason": "Repair", "now": moment(date(2026, 6, 2)), "by": BY}
    note = credit_bill(Bill.objects.order_by("pk")[0], days_of=of_april(devices["PC-2"]), **told)

    assert note.net == eur("30.00")


def test_a_goodwill_credit_of_a_month_in_advance_is_not_charged_again_by_its_true_up() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(timing="advance", counting="at_start"), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    bill_on(APRIL)
    credited(Bill.objects.get(), "10.00")

    bill_on(MAY)

    assert Bill.objects.order_by("-pk")[0].net == eur("30.00")


def test_what_was_credited_to_be_billed_again_is_counted_as_if_it_had_never_been_billed() -> None:
    customer = billed_for_april("catch_up")
    credited(Bill.objects.get(), "10.00")
    credit_bill(Bill.objects.get(kind="invoice"), reason="Wrong", bill_again=True, now=moment(LATER), by=BY)
    bill_on(LATER)
    present(customer, "PC-2 #>", start=APRIL, learned_at=moment(date(2026, 5, 12)))

    bill_on(JUNE)

    assert lines(Bill.objects.order_by("-pk")[0]) == [
        ("computer", 2, eur("60.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", 1, eur("30.00")),
    ]


def test_at_most_three_periods_back_are_looked_at() -> None:
    customer = billed_for_april("catch_up")
    for month in (6, 7, 8):
        bill_on(date(2026, month, 1))
    present(customer, "PC-2 #>", start=APRIL, learned_at=moment(date(2026, 8, 10)))

    bill_on(date(2026, 9, 1))

    # August itself, and May to July; April is forgotten.
    assert Bill.objects.order_by("-pk")[0].net == eur("150.00")


def test_a_device_that_left_after_the_month_changes_nothing() -> None:
    customer = billed_for_april("catch_up")
    [stay] = Presence.objects.all()
    now = moment(LATER)
    Presence.objects.filter(pk=stay.pk).update(recorded=(stay.recorded.lower, now))
    Presence.objects.create(
        device=stay.device,
        customer=customer,
        device_name=stay.device_name,
        device_class=stay.device_class,
        valid=DateRange(APRIL, date(2026, 5, 9)),
        recorded=(now, None),
        why="gone",
    )

    bill_on(JUNE)

    assert LateTruth.objects.count() == 0


def test_the_nightly_look_asks_before_the_next_bill_comes() -> None:
    customer = billed_for_april("ask")
    learn_of_a_second_computer(customer)

    assert look_back(now=moment(LATER)) == 1
    assert find_late_truths([customer.pk], now=moment(date(2026, 5, 11))) == 0
    assert [(truth.decision, truth.difference) for truth in LateTruth.objects.all()] == [("asked", eur("30.00"))]


def held_with_a_catch_up(policy: str) -> Customer:
    """A draft of May that catches up April's second computer; then a third one of April is learned of."""
    customer = billed_for_april(policy)
    learn_of_a_second_computer(customer)
    if policy == "ask":
        look_back(now=moment(LATER))
        decide_late_truth(LateTruth.objects.get(), decision="catch_up", now=moment(LATER), by=BY)
    Customer.objects.update(review_bills=True)
    bill_on(JUNE)
    present(customer, f"PC-3 {30 * '#'}", start=APRIL, learned_at=moment(date(2026, 6, 5)))
    assert look_back(now=moment(date(2026, 6, 6))) == 1
    return customer


def truths() -> list[tuple[str, Decimal]]:
    return [(truth.decision, truth.difference) for truth in LateTruth.objects.order_by("pk")]


def test_a_question_that_came_after_a_draft_is_about_the_drafts_catch_up_too_once_that_is_discarded() -> None:
    held_with_a_catch_up("ask")
    assert truths() == [("billed", eur("30.00")), ("asked", eur("30.00"))]

    discard_bill(Bill.objects.order_by("pk")[1], now=moment(date(2026, 6, 7)), by=BY)

    assert truths() == [("gone", eur("30.00")), ("asked", eur("60.00"))]
    decide_late_truth(LateTruth.objects.order_by("pk")[1], decision="catch_up", now=moment(date(2026, 6, 8)), by=BY)
    bill_on(date(2026, 6, 9))
    assert lines(Bill.objects.order_by("-pk")[0]) == [
        ("computer", 2, eur("60.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", 2, eur("60.00")),
    ]


def test_a_recount_catches_up_what_the_draft_caught_up() -> None:
    customer = billed_for_april("catch_up")
    learn_of_a_second_computer(customer)
    Customer.objects.update(review_bills=True)
    bill_on(JUNE)

    recount_bill(Bill.objects.order_by("pk")[1], now=moment(date(2026, 6, 2)), by=BY)

    assert lines(Bill.objects.order_by("-pk")[0]) == [
        ("computer", 2, eur("60.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", 1, eur("30.00")),
    ]
    assert truths() == [("billed", eur("30.00"))]


def test_a_draft_is_recounted_with_what_was_learned_late_after_it() -> None:
    held_with_a_catch_up("catch_up")

    recount_bill(Bill.objects.order_by("pk")[1], now=moment(date(2026, 6, 7)), by=BY)

    assert lines(Bill.objects.order_by("-pk")[0]) == [
        ("computer", 2, eur("60.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", 2, eur("60.00")),
    ]
    assert truths() == [("gone", eur("30.00")), ("billed", eur("60.00"))]


def test_a_month_that_was_caught_up_is_billed_again_only_after_that_was_taken_back() -> None:
    learn_of_a_second_computer(billed_for_april("catch_up"))
    bill_on(JUNE)
    april, may = Bill.objects.order_by("pk")
    release_bill(may, now=moment(JUNE, 12), by=BY)
    again: dict[str, Any] = {"reason": "Wrong", "bill_again": True, "by": BY, "now": moment(date(2026, 6, 10))}

    with pytest.raises(Refused, match="INV-2026-00002 has corrected this one since: credit that one whole first"):
        credit_bill(april, **again)
    credit_bill(may, **again)
    credit_bill(april, **again)
    bill_on(date(2026, 6, 11))

    assert [lines(bill) for bill in Bill.objects.filter(kind="invoice").order_by("pk")[2:]] == [
        [("computer", 2, eur("60.00"))],
        [("computer", 2, eur("60.00"))],
    ]
    bill_on(JULY)
    assert lines(Bill.objects.order_by("-pk")[0]) == [("computer", 2, eur("60.00"))]


def test_a_draft_that_catches_up_a_month_is_made_anew_when_the_month_is_billed_again() -> None:
    learn_of_a_second_computer(billed_for_april("catch_up"))
    bill_on(JUNE)
    april, may = Bill.objects.order_by("pk")

    credit_bill(april, reason="Wrong", bill_again=True, now=moment(date(2026, 6, 10)), by=BY)
    bill_on(date(2026, 6, 11))
    bill_on(JULY)

    assert BillDiscard.objects.get().bill == may
    assert [lines(bill) for bill in Bill.objects.filter(kind="invoice").order_by("pk")[2:]] == [
        [("computer", 2, eur("60.00"))],
        [("computer", 2, eur("60.00"))],
        [("computer", 2, eur("60.00"))],
    ]
