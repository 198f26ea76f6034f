"""The billing run, end to end: association and devices in, claims, bills and numbers out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from quarterday.bills.models import Bill, BillIssue, BillLine, NumberCounter, PeriodClaim
from quarterday.bills.run import run_billing
from quarterday.customers.models import Customer
from quarterday.engine.periods import Cycle
from quarterday.outbox.models import Delivery, Message
from quarterday.subscriptions.actions import add_adjustment
from tests.bills.desk import bill_on, lines, moment, numbers, totals
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))


def a_shop_with_three_devices(**fields: object) -> Customer:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False, **fields)
    present(customer, "PC-1 #>\nPC-2 #>\nSRV server #>", start=APRIL)
    return customer


def test_a_month_of_two_computers_and_a_server_becomes_a_numbered_bill() -> None:
    a_shop_with_three_devices()

    report = bill_on(MAY)

    bill, issue, claim = Bill.objects.get(), BillIssue.objects.get(), PeriodClaim.objects.get()
    assert (bill.net, bill.tax, bill.total) == (Decimal("150.00"), Decimal("28.50"), Decimal("178.50"))
    assert lines(bill) == [("computer", 2, Decimal("60.00")), ("server", 1, Decimal("90.00"))]
    assert (issue.number, issue.issued_on, issue.due_on) == ("INV-2026-00001", MAY, date(2026, 5, 15))
    assert (claim.outcome, claim.period.lower, claim.period.upper) == ("billed", APRIL, MAY)
    assert [line.number for line in report.bills] == ["INV-2026-00001"]
    assert report.is_clean


def test_each_line_names_its_devices_and_their_days() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(counting="prorated"), review_first_bill=False)
    devices = present(customer, "PC-1 #>\nPC-2 ..........#>", start=APRIL)

    bill_on(MAY)

    line = BillLine.objects.get()
    assert line.evidence == [(devices["PC-1"].pk, 30), (devices["PC-2"].pk, 20)]
    assert (line.quantity, line.unit, line.per, line.net) == (50, "device-day", 30, Decimal("50.00"))


def test_running_again_changes_nothing() -> None:
    a_shop_with_three_devices()
    bill_on(MAY)

    again = bill_on(MAY)

    assert (again.bills, again.empty) == ([], 0)
    assert (Bill.objects.count(), PeriodClaim.objects.count(), numbers()) == (1, 1, ["INV-2026-00001"])


def test_two_missed_months_catch_up_one_after_the_other_and_are_dated_today() -> None:
    a_shop_with_three_devices()

    report = bill_on(date(2026, 6, 3))

    assert [bill.billing_on for bill in report.bills] == [MAY, JUNE]
    assert [bill.issued_on for bill in report.bills] == [date(2026, 6, 3)] * 2
    assert numbers() == ["INV-2026-00001", "INV-2026-00002"]


def test_more_than_two_missed_months_wait_until_somebody_confirms() -> None:
    a_shop_with_three_devices()

    waiting = bill_on(JULY)
    assert (waiting.bills, Bill.objects.count()) == ([], 0)
    assert [left.reason for left in waiting.waiting] == [
        "3 periods of Gold were missed, more than 2: look at them and confirm."
    ]

    assert len(bill_on(JULY, confirmed=True).bills) == 3


def test_a_dry_run_says_exactly_what_the_run_then_does() -> None:
    customer = a_shop_with_three_devices()
    add_adjustment(customer, text="Onboarding", starts_on=APRIL, amount=Decimal(100), by=BY, now=NOW)
    add_adjustment(customer, text="Loyalty", starts_on=APRIL, percent=Decimal(-10), times=None, by=BY, now=NOW)

    dry = bill_on(JUNE, dry=True)
    assert (Bill.objects.count(), PeriodClaim.objects.count(), NumberCounter.objects.count()) == (0, 0, 0)
    real = bill_on(JUNE)

    assert [bill.content_digest for bill in dry.bills] == [bill.content_digest for bill in real.bills]
    assert [bill.content_digest for bill in real.bills] == [
        bytes(bill.content_digest).hex() for bill in Bill.objects.order_by("pk")
    ]
    assert [bill.total for bill in dry.bills] == [Decimal("279.65"), Decimal("160.65")]


def test_a_one_time_charge_is_on_one_bill_and_a_discount_on_three() -> None:
    customer = a_shop_with_three_devices()
    add_adjustment(customer, text="Onboarding", starts_on=APRIL, amount=Decimal(100), by=BY, now=NOW)
    add_adjustment(customer, text="Loyalty", starts_on=APRIL, percent=Decimal(-10), times=3, by=BY, now=NOW)

    for month in (5, 6, 7, 8):
        bill_on(date(2026, month, 1))

    assert [bill.net for bill in Bill.objects.order_by("pk")] == [
        Decimal("235.00"),
        Decimal("135.00"),
        Decimal("135.00"),
        Decimal("150.00"),
    ]


def test_a_discount_larger_than_the_bill_carries_its_rest_to_the_next() -> None:
    customer = a_shop_with_three_devices()
    add_adjustment(customer, text="Sorry", starts_on=APRIL, amount=Decimal(-200), by=BY, now=NOW)

    bill_on(MAY)
    bill_on(JUNE)
    bill_on(JULY)

    assert totals() == [Decimal("0.00"), Decimal("119.00"), Decimal("178.50")]


def test_a_period_without_anything_to_charge_is_settled_as_empty() -> None:
    a_subscription(a_customer(), a_plan(), review_first_bill=False)

    report = bill_on(MAY)

    assert (report.bills, report.empty, Bill.objects.count()) == ([], 1, 0)
    assert PeriodClaim.objects.get().outcome == "empty"
    assert bill_on(MAY).empty == 0


def test_everything_due_on_one_date_is_one_bill_with_the_longest_days_to_pay_and_all_recipients() -> None:
    customer = a_customer()
    pcs = a_plan("PCs", prices={"computer": {"unit_price": "30.00"}})
    servers = a_plan("Servers", prices={"server": {"unit_price": "90.00"}})
    a_subscription(customer, pcs, due_days=10, emails={customer.pk: ["a@north.example"]}, review_first_bill=False)
    a_subscription(customer, servers, due_days=30, emails={customer.pk: ["b@north.example"]}, review_first_bill=False)
    present(customer, "PC-1 #>\nSRV server #>", start=APRIL)

    bill_on(MAY)

    bill = Bill.objects.get()
    assert (bill.net, bill.due_days, bill.recipients) == (120, 30, ["a@north.example", "b@north.example"])
    assert PeriodClaim.objects.filter(bill=bill).count() == 2


def test_a_subscription_that_is_billed_separately_has_a_bill_of_its_own() -> None:
    customer = a_customer()
    pcs = a_plan("PCs", prices={"computer": {"unit_price": "30.00"}})
    servers = a_plan("Servers", prices={"server": {"unit_price": "90.00"}})
    a_subscription(customer, pcs, review_first_bill=False)
    a_subscription(customer, servers, bill_separately=True, review_first_bill=False)
    present(customer, "PC-1 #>\nSRV server #>", start=APRIL)

    bill_on(MAY)

    assert sorted(Bill.objects.values_list("net", flat=True)) == [30, 90]


def test_a_bill_leaves_one_message_that_waits_for_its_print_and_the_customers_morning() -> None:
    a_shop_with_three_devices()

    run_billing(at=moment(MAY, hour=4), by=BY)

    message = Message.objects.get()
    assert (message.key, message.ready_at) == (f"bill/{Bill.objects.get().pk}", None)
    assert message.not_before == moment(MAY, hour=6)  # 08:00 in Berlin
    assert Delivery.objects.get().state == "waiting"


def test_bills_are_made_from_six_in_the_morning_of_the_customer() -> None:
    a_shop_with_three_devices()

    assert run_billing(at=moment(MAY, hour=3), by=BY).bills == []
    assert len(run_billing(at=moment(MAY, hour=4), by=BY).bills) == 1


@pytest.mark.parametrize(
    ("zone", "reached_at"),
    [
        ("Pacific/Kiritimati", (2026, 4, 30, 16)),
        ("Europe/Berlin", (2026, 5, 1, 4)),
        ("Pacific/Pago_Pago", (2026, 5, 1, 17)),
    ],
)
def test_a_month_ends_with_the_customers_own_midnight(zone: str, reached_at: tuple[int, int, int, int]) -> None:
    customer = a_customer(time_zone=zone)
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    year, month, day, hour = reached_at

    assert run_billing(at=moment(date(year, month, day), hour - 1), by=BY).bills == []
    [bill] = run_billing(at=moment(date(year, month, day), hour), by=BY).bills
    assert bill.issued_on == MAY


def test_a_customer_that_started_on_the_31st_is_billed_on_each_months_last_day_in_reach() -> None:
    customer = a_customer()
    a_subscription(
        customer, a_plan(), starts_on=date(2026, 1, 31), billed_from=date(2026, 1, 31), review_first_bill=False
    )
    present(customer, "PC-1 #>", start=date(2026, 1, 31))

    billed = []
    for day in (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)):
        billed += [(bill.billing_on, bill.net) for bill in bill_on(day).bills]

    assert billed == [
        (date(2026, 2, 28), Decimal("30.00")),
        (date(2026, 3, 31), Decimal("30.00")),
        (date(2026, 4, 30), Decimal("30.00")),
        (date(2026, 5, 31), Decimal("30.00")),
    ]


def test_quarters_and_years_are_billed_when_they_end() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), cycle=Cycle(3, "month"), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)

    assert bill_on(JUNE).bills == []
    assert [bill.net for bill in bill_on(JULY).bills] == [Decimal("30.00")]


def test_the_number_restarts_with_the_year_of_the_issue() -> None:
    customer = a_customer()
    a_subscription(
        customer, a_plan(), starts_on=date(2026, 11, 1), billed_from=date(2026, 11, 1), review_first_bill=False
    )
    present(customer, "PC-1 #>", start=date(2026, 11, 1))

    bill_on(date(2026, 12, 1))
    bill_on(date(2027, 1, 1))

    assert numbers() == ["INV-2026-00001", "INV-2027-00001"]


def test_a_change_of_prices_splits_the_period_on_its_day() -> None:
    from quarterday.plans.actions import modify_plan

    customer, plan = a_customer(), a_plan()
    a_subscription(customer, plan, review_first_bill=False)
    present(customer, "PC-1 #>\nSRV server #>", start=APRIL)
    modify_plan(
        plan,
        effective_on=date(2026, 4, 16),
        prices={"computer": {"unit_price": "40.00"}, "server": {"unit_price": "90.00"}},
        settled_until=None,
        by=BY,
        now=NOW,
    )

    bill_on(MAY)

    assert lines(Bill.objects.get()) == [
        ("computer", 1, Decimal("15.00")),
        ("computer", 1, Decimal("20.00")),
        ("server", 1, Decimal("90.00")),
    ]
