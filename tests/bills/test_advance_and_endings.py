"""Billed in advance and trued up; ended in the past and credited; changed in the middle."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quarterday.bills.actions import credit_bill, discard_bill, recount_bill, release_bill
from quarterday.bills.models import Bill, BillIssue, PeriodClaim
from quarterday.bills.queries import drafts_to_review
from quarterday.shared.refusal import Refused
from quarterday.subscriptions.actions import disassociate
from tests.bills.desk import bill_on, eur, lines, moment, numbers
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))


def test_in_advance_the_first_day_is_billed_and_the_difference_is_trued_up_with_the_next_bill() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(timing="advance", counting="at_end"), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 ...#>", start=APRIL)

    bill_on(APRIL)
    bill_on(MAY)

    first, second = Bill.objects.order_by("pk")
    assert lines(first) == [("computer", 1, eur("30.00"))]
    assert lines(second) == [("computer, true-up", 1, eur("30.00")), ("computer", 2, eur("60.00"))]
    assert second.lines.get(kind="true_up").corrects_bills == [first.pk]
    assert list(PeriodClaim.objects.order_by("pk").values_list("part", "period__startswith")) == [
        ("period", APRIL),
        ("settlement", APRIL),
        ("period", MAY),
    ]


def test_months_missed_in_advance_come_one_by_one_each_with_its_true_up() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(timing="advance", counting="at_end"), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 ...#>", start=APRIL)

    dry = bill_on(MAY, dry=True)
    report = bill_on(MAY)

    assert [bill.content_digest for bill in dry.bills] == [bill.content_digest for bill in report.bills]
    assert [(bill.billing_on, bill.net) for bill in report.bills] == [(APRIL, 30), (MAY, 90)]
    first, second = Bill.objects.order_by("pk")
    assert second.lines.get(kind="true_up").corrects_bills == [first.pk]


def test_a_true_up_below_zero_with_nothing_else_is_a_credit_note_that_names_its_bill() -> None:
    customer = a_customer()
    [subscription] = [a_subscription(customer, a_plan(timing="advance", counting="at_end"), review_first_bill=False)]
    present(customer, "PC-1 ##############################>\nPC-2 ####", start=APRIL)
    disassociate([subscription], last_day=date(2026, 4, 30), by=BY, now=NOW)

    bill_on(APRIL)
    bill_on(MAY)

    invoice, note = Bill.objects.order_by("pk")
    assert (invoice.kind, invoice.total, note.kind, note.total) == (
        "invoice",
        eur("71.40"),
        "credit_note",
        eur("35.70"),
    )
    assert note.corrects_id == invoice.pk
    assert lines(note) == [("computer, true-up", 1, eur("30.00"))]
    assert numbers() == ["CN-2026-00001", "INV-2026-00001"]


def test_a_last_day_ahead_prorates_the_last_period_and_bills_it_then() -> None:
    customer = a_customer()
    subscription = a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    disassociate([subscription], last_day=date(2026, 4, 15), by=BY, now=NOW)

    [bill] = bill_on(date(2026, 4, 16)).bills

    assert (bill.billing_on, bill.net) == (date(2026, 4, 16), eur("15.00"))
    assert bill_on(MAY).bills == []


def test_a_last_day_in_the_past_credits_the_days_after_it_at_once() -> None:
    customer = a_customer()
    subscription = a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 #>", start=APRIL)
    bill_on(MAY)
    disassociate([subscription], last_day=date(2026, 4, 15), by=BY, now=moment(date(2026, 5, 10)))

    report = bill_on(date(2026, 5, 10))

    [note] = Bill.objects.filter(kind="credit_note")
    invoice = Bill.objects.get(kind="invoice")
    assert (note.net, note.total, note.corrects_id) == (eur("30.00"), eur("35.70"), invoice.pk)
    assert [bill.number for bill in report.bills] == ["CN-2026-00001"]
    assert bill_on(date(2026, 5, 10)).bills == bill_on(JUNE).bills == []


def test_a_last_day_before_a_month_that_was_billed_in_advance_credits_all_of_it() -> None:
    customer = a_customer()
    plan = a_plan(timing="advance", counting="at_end")
    subscription = a_subscription(customer, plan, review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    bill_on(APRIL)
    bill_on(MAY)
    disassociate([subscription], last_day=date(2026, 4, 20), by=BY, now=moment(date(2026, 5, 10)))

    bill_on(date(2026, 5, 10))

    note = Bill.objects.get(kind="credit_note")
    # 10 of April's 30 days, and May.
    assert sorted(line.net for line in note.lines.all()) == [eur("10.00"), eur("30.00")]
    assert bill_on(date(2026, 5, 11)).bills == []


def test_an_advance_month_that_ends_early_is_settled_at_its_end() -> None:
    customer = a_customer()
    plan = a_plan(timing="advance", counting="at_end")
    subscription = a_subscription(customer, plan, review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    bill_on(APRIL)
    disassociate([subscription], last_day=date(2026, 4, 20), by=BY, now=moment(date(2026, 4, 10)))

    assert bill_on(date(2026, 4, 20)).bills == []
    [note] = bill_on(date(2026, 4, 21)).bills

    assert (note.kind, note.net) == ("credit_note", eur("10.00"))
    assert bill_on(MAY).bills == []


def test_a_flat_fee_and_a_minimum_are_prorated_over_the_whole_aligned_period() -> None:
    customer = a_customer()
    plan = a_plan(flat_fee="60.00", prices={"computer": {"unit_price": "30.00", "minimum": 2}})
    a_subscription(customer, plan, billing_day=16, starts_on=date(2026, 4, 1), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)

    [stub] = bill_on(date(2026, 4, 16)).bills

    # 15 of the 31 days from 16 March to 16 April.
    assert lines(stub.bill_id or 0) == [
        ("computer", 1, eur("14.52")),
        ("computer, minimum", 1, eur("14.52")),
        ("Gold, flat fee", 1, eur("29.03")),
    ]


def test_issue_dates_never_fall_within_a_series() -> None:
    east, west = a_customer("East", time_zone="Pacific/Kiritimati"), a_customer("West", time_zone="Pacific/Pago_Pago")
    for customer in (east, west):
        a_subscription(customer, a_plan(f"Plan of {customer}"), review_first_bill=False)
        present(customer, "PC-1 #>", start=APRIL)

    bill_on(date(2026, 5, 2))
    dates = list(BillIssue.objects.order_by("sequence").values_list("issued_on", flat=True))

    assert dates == sorted(dates)
    assert len(dates) == 2
    assert Decimal(0) < Bill.objects.first().total  # type: ignore[union-attr]


def billed_for_april_and_may_in_advance(**fields: Any) -> tuple[Bill, Bill]:
    """One computer in April, and from its fifth day on a second, which May's bill trues up."""
    customer = a_customer(**fields)
    a_subscription(customer, a_plan(timing="advance", counting="at_end"), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 ....#>", start=APRIL, learned_at=moment(APRIL, 5))
    bill_on(APRIL)
    bill_on(MAY)
    april, may = Bill.objects.order_by("pk")
    return april, may


def test_who_waives_a_draft_waives_its_true_up_which_waits_on_a_later_draft() -> None:
    april, _ = billed_for_april_and_may_in_advance(review_bills=True)

    discard_bill(april, waive_reason="trial month", now=moment(MAY, 12), by=BY)
    bill_on(MAY, confirmed=True)

    assert lines(Bill.objects.order_by("-pk")[0]) == [("computer", 2, eur("60.00"))]


def test_a_draft_is_counted_anew_with_the_one_that_trues_it_up() -> None:
    customer = a_customer(review_bills=True)
    a_subscription(customer, a_plan(timing="advance", counting="at_end"), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    bill_on(APRIL)
    present(customer, f"PC-2 #>\nPC-3 {10 * '#'}", start=APRIL, learned_at=moment(date(2026, 4, 20)))
    bill_on(MAY)
    april, may = Bill.objects.order_by("pk")
    assert (lines(april), lines(may)[0]) == (
        [("computer", 1, eur("30.00"))],
        ("computer, true-up", 1, eur("30.00")),
    )

    recount_bill(april, now=moment(MAY, 12), by=BY)

    assert [lines(bill) for bill in Bill.objects.filter(discard=None).order_by("pk")] == [
        [("computer", 3, eur("90.00"))],
        [("computer, true-up", -1, eur("-30.00")), ("computer", 2, eur("60.00"))],
    ]


def test_a_month_in_advance_that_is_billed_again_is_trued_up_again() -> None:
    april, may = billed_for_april_and_may_in_advance()
    for held in drafts_to_review():
        release_bill(held, now=moment(MAY, 12), by=BY)
    later = moment(date(2026, 5, 10))
    with pytest.raises(Refused, match="INV-2026-00002 has corrected this one since: credit that one whole"):
        credit_bill(april, reason="Wrong", bill_again=True, now=later, by=BY)

    credit_bill(may, reason="Wrong", bill_again=True, now=later, by=BY)
    credit_bill(april, reason="Wrong", bill_again=True, now=later, by=BY)
    present(april.customer, "PC-3 #>", start=APRIL, learned_at=moment(date(2026, 5, 11)))
    bill_on(date(2026, 5, 12))

    assert [lines(bill) for bill in Bill.objects.filter(kind="invoice").order_by("pk")[2:]] == [
        [("computer", 2, eur("60.00"))],
        [("computer, true-up", 1, eur("30.00")), ("computer", 3, eur("90.00"))],
    ]
