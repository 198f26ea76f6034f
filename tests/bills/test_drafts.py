"""Drafts: what holds a bill, and what a person does with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quarterday.bills.actions import (
    NotADraft,
    adjust_draft,
    discard_bill,
    recount_bill,
    release_bill,
    unpark_customer,
    waive_missed,
)
from quarterday.bills.models import Bill, BillDiscard, BillHold, BillIssue, Parking, PeriodClaim
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import except_device
from quarterday.inventory.models import SyncCoverage, SyncRun
from quarterday.outbox.models import Message
from quarterday.plans.actions import modify_plan
from quarterday.plans.models import Plan, PlanVersion
from quarterday.provider.actions import add_tax_rule
from quarterday.provider.models import Provider, TaxCode
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import COMMAND_LINE, Actor
from quarterday.subscriptions.actions import add_adjustment, disassociate
from quarterday.subscriptions.models import Adjustment, Subscription
from tests.bills.desk import bill_on, eur, lines, moment, numbers, totals
from tests.bills.ledger import present, source
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))
NOON = moment(MAY, hour=12)
DORA = Actor("person", "Dora Director", 2)


def codes(bill: Bill) -> list[str]:
    return list(BillHold.objects.filter(bill=bill).order_by("pk").values_list("code", flat=True))


def a_first_bill() -> Bill:
    customer = a_customer()
    a_subscription(customer, a_plan())
    present(customer, "PC-1 #>\nPC-2 #>", start=APRIL)
    bill_on(MAY)
    return Bill.objects.get()


def test_the_first_bill_waits_to_be_reviewed_and_the_second_does_not() -> None:
    bill = a_first_bill()
    assert (codes(bill), numbers(), Message.objects.count()) == (["first_bill"], [], 0)

    issue = release_bill(bill, now=NOON, by=BY)
    bill_on(JUNE)

    assert issue is not None
    assert (issue.number, issue.issued_on, issue.issued_by) == ("INV-2026-00001", MAY, "Clara Clerk")
    assert numbers() == ["INV-2026-00001", "INV-2026-00002"]
    assert Message.objects.count() == 2


def test_the_second_bill_waits_too_while_the_first_is_not_released() -> None:
    first = a_first_bill()

    bill_on(JUNE)

    second = Bill.objects.order_by("pk")[1]
    assert (codes(second), numbers()) == (["first_bill"], [])
    release_bill(first, now=moment(JUNE, hour=12), by=BY)
    bill_on(JULY)
    assert numbers() == ["INV-2026-00001", "INV-2026-00002"]


def test_two_months_that_are_due_at_once_both_wait_when_the_first_is_to_be_reviewed() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan())
    present(customer, "PC-1 #>", start=APRIL)

    report = bill_on(JUNE)

    assert [[hold.code for hold in bill.holds] for bill in report.held] == [["first_bill"], ["first_bill"]]


def test_after_a_first_bill_that_was_thrown_away_the_next_is_the_first() -> None:
    discard_bill(a_first_bill(), now=NOON, by=BY, waive_reason="trial month")

    assert [hold.code for bill in bill_on(JUNE).held for hold in bill.holds] == ["first_bill"]


def test_a_release_issues_what_was_reviewed_even_if_the_devices_changed_since() -> None:
    bill = a_first_bill()
    present(bill.customer, "PC-3 #>", start=APRIL, learned_at=NOON)

    release_bill(bill, now=NOON, by=BY)

    assert Bill.objects.get().net == eur("60.00")
    assert bytes(Bill.objects.get().content_digest) == bytes(bill.content_digest)


def test_a_recount_takes_what_is_known_now_and_waits_again() -> None:
    bill = a_first_bill()
    present(bill.customer, "PC-3 #>", start=APRIL, learned_at=NOON)

    new = recount_bill(bill, now=NOON, by=BY)

    assert new is not None
    assert (new.net, codes(new)) == (eur("90.00"), ["first_bill"])
    discard = BillDiscard.objects.get(bill=bill)
    assert (discard.reason, discard.replaced_by) == ("recounted", new)
    assert PeriodClaim.objects.filter(released_at=None).get().bill == new
    with pytest.raises(NotADraft, match="was discarded"):
        release_bill(bill, now=NOON, by=BY)


def test_a_recount_trues_up_what_the_draft_trued_up() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(timing="advance", counting="at_end"), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 ....#>", start=APRIL, learned_at=moment(APRIL, 5))
    bill_on(APRIL)
    Customer.objects.update(review_bills=True)
    bill_on(MAY)

    new = adjust_draft(Bill.objects.order_by("-pk")[0], text="Cables", amount=Decimal("12.50"), now=NOON, by=BY)

    assert new is not None
    assert lines(new) == [
        ("computer, true-up", 1, eur("30.00")),
        ("computer", 2, eur("60.00")),
        ("Cables", 1, eur("12.50")),
    ]


def test_a_recount_credits_the_days_after_the_service_that_the_draft_credited() -> None:
    customer = a_customer()
    subscription = a_subscription(customer, a_plan(), review_first_bill=False)
    a_subscription(customer, a_plan("Backup", prices={"computer": {"unit_price": "50.00"}}), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    bill_on(MAY)
    disassociate([subscription], last_day=date(2026, 4, 15), now=NOON, by=BY)
    Customer.objects.update(review_bills=True)
    bill_on(JUNE)

    new = recount_bill(Bill.objects.order_by("-pk")[0], now=moment(JUNE, hour=12), by=BY)

    assert new is not None
    assert lines(new) == [
        ("computer, credit for 2026-04-16 to 2026-04-30", -1, eur("-15.00")),
        ("computer", 1, eur("50.00")),
    ]


def test_a_recount_of_a_bill_that_nothing_holds_any_more_still_waits_for_a_look() -> None:
    bill = a_first_bill()
    Subscription.objects.update(review_first_bill=False)

    new = recount_bill(bill, now=NOON, by=BY)

    assert new is not None
    assert codes(new) == ["recounted"]


def test_a_charge_on_a_draft_is_counted_in_and_used_up() -> None:
    bill = a_first_bill()

    new = adjust_draft(bill, text="Cables", amount=Decimal("12.50"), now=NOON, by=BY)

    assert new is not None
    assert lines(new) == [("computer", 2, eur("60.00")), ("Cables", 1, eur("12.50"))]
    release_bill(new, now=NOON, by=BY)
    bill_on(JUNE)
    assert Bill.objects.order_by("-pk")[0].net == eur("60.00")


def test_a_discarded_draft_is_due_again() -> None:
    bill = a_first_bill()

    discard_bill(bill, now=NOON, by=BY)

    assert PeriodClaim.objects.filter(released_at=None).count() == 0
    assert len(bill_on(MAY).bills) == 1


def test_a_draft_that_is_waived_is_never_billed_and_says_why() -> None:
    bill = a_first_bill()
    with pytest.raises(Refused, match="waive_reason: is missing"):
        discard_bill(bill, now=NOON, by=BY, waive_reason=" ")

    discard_bill(bill, now=NOON, by=BY, waive_reason="trial month")

    claim = PeriodClaim.objects.get(released_at=None)
    assert (claim.outcome, claim.reason, claim.bill) == ("waived", "trial month", None)
    assert bill_on(MAY).bills == []
    acts = AuditEntry.objects.filter(subject_id=bill.pk, subject_kind="bills.Bill").order_by("pk")
    assert [act.verb for act in acts] == ["drafted", "discarded"]


def test_a_discarded_draft_gives_its_discount_back() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan())
    present(customer, "PC-1 #>", start=APRIL)
    add_adjustment(customer, text="Welcome", starts_on=APRIL, amount=Decimal(-10), by=BY, now=NOW)
    bill_on(MAY)
    discard_bill(Bill.objects.get(), now=NOON, by=BY)

    bill_on(MAY)

    assert totals() == [eur("23.80"), eur("23.80")]


def test_a_draft_whose_cut_discount_went_on_to_a_later_bill_is_kept() -> None:
    customer = a_customer(review_bills=True)
    a_subscription(customer, a_plan())
    present(customer, "PC-1 #>", start=APRIL)
    add_adjustment(customer, text="Sorry", starts_on=APRIL, amount=Decimal(-40), by=BY, now=NOW)
    bill_on(MAY)
    bill_on(JUNE)
    first = Bill.objects.order_by("pk")[0]

    with pytest.raises(Refused, match="A later bill has taken up the rest of “Sorry”"):
        discard_bill(first, now=NOON, by=BY)


def a_customer_billed_for_april(devices: str) -> Customer:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, devices, start=APRIL)
    bill_on(MAY)
    return customer


def test_many_more_devices_than_last_time_hold_the_bill() -> None:
    customer = a_customer_billed_for_april("PC-1 #>\nPC-2 #>\nPC-3 #>\nPC-4 #>")
    present(customer, "PC-5 #>\nPC-6 #>\nPC-7 #>", start=MAY)

    bill_on(JUNE)

    hold, other = BillHold.objects.order_by("pk")
    assert (hold.code, hold.message) == ("count_changed", "7 devices are counted, 4 were last time.")
    assert (other.code, other.message) == ("total_changed", "The amount by the day differs from last time by +69 %.")


def test_the_bill_after_a_credit_note_is_compared_with_what_that_charged_of_its_month() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    devices = present(customer, "PC-1 #>\nPC-2 #>\nPC-3 #>", start=APRIL)
    bill_on(MAY)
    for name in ("PC-2", "PC-3"):
        except_device(
            devices[name], days=Period.since(APRIL), reason="A test machine.", agreed_by="Clara", now=NOON, by=BY
        )
    bill_on(JUNE)
    note = Bill.objects.get(kind="credit_note")
    assert lines(note) == [
        ("computer", -1, eur("-30.00")),
        ("computer, catch-up for 2026-04-01 to 2026-04-30", 2, eur("60.00")),
    ]
    release_bill(note, now=moment(JUNE, hour=12), by=BY)

    assert [bill.holds for bill in bill_on(JULY).bills] == [()]


def test_a_new_price_in_mid_month_makes_two_lines_of_the_same_devices_and_holds_nothing() -> None:
    customer = a_customer_billed_for_april("PC-1 #>\nPC-2 #>\nPC-3 #>\nPC-4 #>")
    dearer = {"computer": {"unit_price": "32.00"}, "server": {"unit_price": "90.00"}}
    mid_may = date(2026, 5, 16)
    modify_plan(Plan.objects.get(), effective_on=mid_may, prices=dearer, settled_until=MAY, by=BY, now=NOW)

    assert bill_on(JUNE).held == []
    assert bill_on(JULY).held == []

    assert list(Bill.objects.order_by("billing_date").values_list("device_count", flat=True)) == [4, 4, 4]
    assert len(lines(Bill.objects.get(customer=customer, billing_date=JUNE))) == 2


def test_two_more_devices_are_no_reason_however_few_there_were() -> None:
    customer = a_customer_billed_for_april("PC-1 #>\nPC-2 #>\nPC-3 #>\nPC-4 #>\nPC-5 #>")
    present(customer, "PC-6 #>\nPC-7 #>", start=MAY)

    assert bill_on(JUNE).held == []


def test_a_stub_month_is_compared_by_the_day() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), starts_on=date(2026, 4, 16), billing_day=1, review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)

    assert [bill.net for bill in bill_on(MAY).issued] == [eur("15.00")]
    assert [bill.net for bill in bill_on(JUNE).issued] == [eur("30.00")]


def test_devices_that_nobody_has_reported_for_four_days_hold_the_bill() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    reported = moment(date(2026, 4, 27), hour=3)
    sync = SyncRun.objects.create(
        source=source(), taken_at=reported, complete=True, state="applied", digest="", by="test"
    )
    SyncCoverage.objects.create(
        customer=customer, source=source(), complete_at=reported, complete_on=reported.date(), run=sync
    )

    assert [hold.code for bill in bill_on(MAY).held for hold in bill.holds] == ["stale_feed"]


def test_all_bills_are_reviewed_when_the_provider_or_the_customer_wants_it() -> None:
    careful, other = a_customer("Careful", review_bills=True), a_customer("Other")
    for customer in (careful, other):
        a_subscription(customer, a_plan(f"Plan of {customer}"), review_first_bill=False)
        present(customer, "PC-1 #>", start=APRIL)

    assert [bill.customer for bill in bill_on(MAY).held] == ["Careful"]
    Provider.objects.update(review_all_bills=True)
    assert sorted(bill.customer for bill in bill_on(JUNE).held) == ["Careful", "Other"]


def test_an_absurd_price_takes_two_persons() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(prices={"computer": {"unit_price": "300000.00"}}), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    bill_on(MAY)
    bill = Bill.objects.get()
    assert codes(bill) == ["out_of_bounds"]

    assert release_bill(bill, now=NOON, by=BY) is None
    for same_person in (BY, replace(BY, name="Clara Married")):
        with pytest.raises(Refused, match="another person has to agree"):
            release_bill(bill, now=NOON, by=same_person)
    assert BillIssue.objects.count() == 0
    assert release_bill(bill, now=NOON, by=replace(DORA, name=BY.name)) is not None


def test_above_the_set_amount_two_persons_release_a_bill() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    Provider.objects.update(two_persons_above=35)
    bill_on(MAY)
    bill = Bill.objects.get()
    assert (codes(bill), str(bill.total)) == (["two_persons"], "35.700")

    assert release_bill(bill, now=NOON, by=BY) is None
    with pytest.raises(Refused, match="another person has to agree"):
        release_bill(bill, now=NOON, by=BY)
    assert release_bill(bill, now=NOON, by=COMMAND_LINE) is not None
    entries = AuditEntry.objects.filter(subject_kind="bills.Bill", subject_id=bill.pk).order_by("pk")
    assert list(entries.values_list("verb", flat=True))[1:] == ["approved", "approved", "released"]


def test_the_amount_that_is_set_when_a_draft_is_released_counts_too() -> None:
    bill = a_first_bill()
    assert (codes(bill), str(bill.total)) == (["first_bill"], "71.400")

    Provider.objects.update(two_persons_above=71)
    assert release_bill(bill, now=NOON, by=BY) is None
    assert release_bill(bill, now=NOON, by=DORA) is not None

    Provider.objects.update(two_persons_above=72)
    bill_on(JUNE)
    assert BillIssue.objects.count() == 2, "71.40 is not above 72"


def test_a_customer_whose_facts_contradict_is_parked_and_the_others_are_billed() -> None:
    good, bad = a_customer("Good"), a_customer("Bad")
    plan = a_plan()
    for customer in (good, bad):
        a_subscription(customer, plan, review_first_bill=False)
        present(customer, "PC-1 #>", start=APRIL)
    Customer.objects.filter(pk=bad.pk).update(country="FR", tax_status="business", vat_id="")

    report = bill_on(MAY)

    assert [bill.customer for bill in report.bills] == ["Good"]
    assert [left.customer for left in report.parked] == ["Bad"]
    assert "needs its VAT number" in Parking.objects.get().reason
    assert bill_on(MAY).parked == []

    Customer.objects.filter(pk=bad.pk).update(vat_id="FR61954506077")
    unpark_customer(bad, now=NOON, by=BY)
    assert [bill.customer for bill in bill_on(MAY).bills] == ["Bad"]


def test_a_vat_number_is_asked_for_only_by_the_days_that_reverse_charge_is_for() -> None:
    """Domestic reverse charge begins in May: April is billed without a number, and May waits for it."""
    customer = a_customer(tax_status="standard")
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    domestic: dict[str, Any] = {"country": "DE", "status": "standard", "by": BY, "now": NOW}
    code = TaxCode.objects.get()
    add_tax_rule(code, category="AE", reason="Reverse charge", valid_from=MAY, **domestic)

    assert [bill.total for bill in bill_on(MAY).bills] == [eur("35.70")]
    assert [left.customer for left in bill_on(JUNE).parked] == ["North Dental"]

    add_tax_rule(code, category="S", rate=Decimal(19), valid_from=date(2026, 5, 15), **domestic)
    unpark_customer(customer, now=moment(JUNE, 10), by=BY)
    assert [bill.total for bill in bill_on(JUNE).bills] == [eur("35.70")]


def test_a_plan_whose_prices_cannot_be_read_parks_its_own_customers_only() -> None:
    good, bad = a_customer("Good"), a_customer("Bad")
    broken = a_plan("Broken")
    for customer, plan in ((good, a_plan()), (bad, broken)):
        a_subscription(customer, plan, review_first_bill=False)
        present(customer, "PC-1 #>", start=APRIL)
    PlanVersion.objects.filter(plan=broken).update(prices={"computer": {"unit_price": "thirty"}})

    report = bill_on(MAY)

    assert [bill.customer for bill in report.bills] == ["Good"]
    assert [left.customer for left in report.parked] == ["Bad"]
    assert "prices.computer.unit_price" in Parking.objects.get().reason


def test_what_the_database_refuses_for_good_parks_one_customer_and_bills_the_rest() -> None:
    good, bad = a_customer("Good"), a_customer("Bad")
    plan = a_plan()
    for customer in (good, bad):
        a_subscription(customer, plan, review_first_bill=False)
        present(customer, "PC-1 #>", start=APRIL)
    # More money than a bill's column holds.
    huge = Decimal("999999999999")
    Adjustment.objects.create(
        customer=bad, text="All", currency="EUR", quantity=huge, unit_price=huge, starts_on=APRIL, created_at=NOW
    )

    report = bill_on(MAY)

    assert [bill.customer for bill in report.bills] == ["Good"]
    assert [left.customer for left in report.parked] == ["Bad"]
    assert "the database refused its bill: numeric field overflow" in Parking.objects.get().reason


def test_missed_months_can_be_waived_instead_of_confirmed() -> None:
    customer = a_customer()
    subscription = a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)

    waived = waive_missed(subscription, reason="we were not ready", now=moment(JULY), by=BY)

    assert waived == 3
    assert bill_on(JULY).bills == []
    assert len(bill_on(date(2026, 8, 1)).bills) == 1


def test_a_clock_before_the_last_run_or_long_after_it_bills_nobody() -> None:
    a_customer_billed_for_april("PC-1 #>")

    assert "before the last run" in bill_on(APRIL).stopped
    assert "The last run was 61 days ago" in bill_on(JULY).stopped
    assert len(bill_on(JULY, confirmed=True).bills) == 2
