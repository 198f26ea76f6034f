"""All fourteen months: what the demo promises to show is in it, and nothing else has happened by accident."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Count

from quarterday.audit.queries import PROMISES, audit
from quarterday.bills.models import (
    AdjustmentUse,
    Bill,
    BillApproval,
    BillHold,
    BillIssue,
    BillLine,
    BillTax,
    LateTruth,
    Parking,
    PeriodClaim,
)
from quarterday.bills.queries import drafts_to_review, exception_register
from quarterday.customers.models import Customer
from quarterday.demo.build import DemoReport, build
from quarterday.demo.cast import CUSTOMERS, STRANGER
from quarterday.inventory.models import BillingException, CustomerMapping, Presence, Replacement
from quarterday.inventory.queries import proposed_replacements
from quarterday.outbox.models import Message
from quarterday.payments.models import BankLine, Payment, ReminderPause
from quarterday.payments.queries import (
    balances,
    late_fee_states,
    late_fees,
    open_invoices,
    proposal_list,
    suggestions,
    waiting_lines,
    write_off_list,
)
from quarterday.plans.models import PlanVersion
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.models import Pause, Subscription
from tests.databases import Server, pointing_django_at

pytestmark = pytest.mark.prove

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def story(
    database_server: Server, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoReport]:
    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy):
            told = build(tmp_path_factory.mktemp("demo"), today=TODAY)
            with acting(Scope.all()):
                yield told
        database_server.drop(copy)


def customer(key: str) -> Customer:
    name = next(sketch.name for sketch in CUSTOMERS if sketch.key == key)
    return Customer.objects.get(name=name)


def test_the_cast_is_as_large_as_promised(story: DemoReport) -> None:
    assert (story.counts["customers"], story.counts["devices"]) == (12, 263)
    assert len({sketch.fields["time_zone"] for sketch in CUSTOMERS}) == 8
    assert len({sketch.fields["currency"] for sketch in CUSTOMERS}) == 4
    assert (story.start, story.until, len(story.months)) == (date(2025, 9, 1), date(2026, 11, 23), 15)


def test_five_bills_were_held_in_all_that_time_and_two_of_them_still_are(story: DemoReport) -> None:
    assert list(BillHold.objects.order_by("pk").values_list("bill__customer__name", "code")) == [
        ("Kanzlei Sommer & Partner", "first_bill"),
        ("Southern Cross Veterinary", "first_bill"),
        ("Southern Cross Veterinary", "first_bill"),
        ("さくら製作所 Sakura Manufacturing", "two_persons"),
        ("Harbor Logistics Inc.", "count_changed"),
    ]
    assert [(held.customer, held.total, held.currency) for held in story.held] == [
        ("さくら製作所 Sakura Manufacturing", Decimal("98400.000"), "JPY"),
        ("Harbor Logistics Inc.", Decimal("2450.000"), "USD"),
    ]
    assert [bill.billing_date for bill in drafts_to_review()] == [date(2026, 11, 1), date(2026, 11, 1)]
    assert not Parking.objects.exists()


def test_every_bill_was_issued_on_its_billing_date_in_its_customers_zone_but_one_that_was_made_again(
    story: DemoReport,
) -> None:
    late = [
        issue.bill.customer_id
        for issue in BillIssue.objects.select_related("bill")
        if issue.issued_on != issue.bill.billing_date
    ]

    assert late == [customer("sakura").pk]


def test_every_customer_has_the_bills_of_its_cycle(story: DemoReport) -> None:
    invoices = Counter(
        Bill.objects.filter(kind="invoice", issue__isnull=False).values_list("customer__name", flat=True)
    )

    assert invoices == {
        **{sketch.name: 14 for sketch in CUSTOMERS},
        "Pacific Film Works": 15,  # in advance: the story's first day, too
        "Harbor Logistics Inc.": 13,  # the last one is held
        "Bäckerei Kornblume OHG": 8,  # quarterly, then monthly
        "さくら製作所 Sakura Manufacturing": 14,  # one was credited and made again, the last one takes two persons
        "Rhein Steuerberatung mbB": 11,  # left in July
        "Southern Cross Veterinary": 13,  # one was a present
        "Gemeinde Seefeld": 15,  # on each fifteenth
    }


def test_the_plan_was_modified_in_mid_cycle_and_splits_that_month_only(story: DemoReport) -> None:
    assert PlanVersion.objects.filter(effective_on=date(2026, 4, 16)).count() == 1

    split = BillLine.objects.filter(device_class="computer", fraction="1/2").order_by("bill_id", "position")

    assert {(line.start_on, line.unit_price) for line in split} == {
        (date(2026, 4, 1), Decimal("38.00")),
        (date(2026, 4, 16), Decimal("39.50")),
    }


def test_devices_were_replaced_moved_flapping_excepted_and_learned_late(story: DemoReport) -> None:
    assert [str(row.replaced_on) for row in Replacement.objects.filter(state="confirmed").order_by("pk")] == [
        "2025-12-12",
        "2026-06-08",  # a double that a person merged
    ]
    assert set(Presence.objects.filter(why="moved").values_list("customer__name", flat=True)) == {
        "North Dental Group GmbH",
        "Bäckerei Kornblume OHG",
    }
    flapping = Presence.objects.filter(device__external_id="harbor-computer-05", recorded__endswith=None)
    assert flapping.count() == 9
    assert list(LateTruth.objects.order_by("pk").values_list("customer__name", "decision", "difference")) == [
        ("Harbor Logistics Inc.", "forgiven", Decimal("40.000")),
        ("Kanzlei Sommer & Partner", "billed", Decimal("4.060")),
        ("Kanzlei Sommer & Partner", "billed", Decimal("42.000")),
        ("Kanzlei Sommer & Partner", "billed", Decimal("25.740")),
        ("Nile Pharma شركة النيل", "asked", Decimal("7.000")),
    ]
    assert BillLine.objects.filter(kind="catch_up").count() == 3
    assert BillLine.objects.filter(kind="true_up").exists()


def test_a_device_changed_its_class_and_the_tax_was_lowered(story: DemoReport) -> None:
    stays = Presence.objects.filter(device__external_id="alpen-mobile-03", recorded__endswith=None).order_by("valid")
    assert list(stays.values_list("device_class", "valid__startswith")) == [
        ("mobile", date(2025, 6, 3)),
        ("computer", date(2026, 2, 8)),
    ]
    rates = BillTax.objects.filter(bill__customer=customer("north"), bill__kind="invoice").order_by("bill_id")
    assert [int(rate) for rate in rates.values_list("rate", flat=True)] == [19] * 13 + [16]


def test_a_bill_and_a_credit_note_wait_for_a_second_person(story: DemoReport) -> None:
    assert list(BillApproval.objects.values_list("bill__customer__name", "approved_by")) == [
        ("さくら製作所 Sakura Manufacturing", "Clara Clerk")
    ]
    assert [(row["kind"], str(row["amount"]), row["state"]) for row in proposal_list()] == [
        ("credit", "93000.000", "waiting")
    ]


def test_two_bills_were_paid_by_one_transfer(story: DemoReport) -> None:
    at_once = Payment.objects.annotate(bills=Count("allocations")).get(customer=customer("seefeld"), bills=2)
    assert at_once.received_on == date(2026, 1, 26)


def test_the_newest_bills_mails_say_why_they_differ(story: DemoReport) -> None:
    texts = Message.objects.filter(kind="bill").order_by("pk").values_list("body", flat=True)
    says_why = ["Warum" in text or "Why" in text for text in texts]
    assert (says_why[0], says_why[-1]) == (False, True)


def test_somebody_is_not_mapped_yet(story: DemoReport) -> None:
    (unknown,) = CustomerMapping.objects.filter(customer=None)

    assert (unknown.external_name, unknown.device_count) == (STRANGER, 3)


def test_a_customer_started_on_the_31st_and_another_left_in_mid_month(story: DemoReport) -> None:
    assert Subscription.objects.get(customer=customer("sommer")).starts_on == date(2025, 8, 31)
    assert Subscription.objects.get(customer=customer("rhein")).ends_on == date(2026, 7, 20)
    last = Bill.objects.filter(customer=customer("rhein")).latest("billing_date")
    assert set(BillLine.objects.filter(bill=last).values_list("fraction", flat=True)) == {"19/31"}


def test_the_discount_was_given_twelve_times(story: DemoReport) -> None:
    uses = AdjustmentUse.objects.filter(adjustment__text="Treuerabatt", released_at=None)

    assert list(uses.order_by("occurrence").values_list("occurrence", flat=True)) == list(range(1, 13))


def test_the_credit_note_names_the_bill_it_corrects(story: DemoReport) -> None:
    note = Bill.objects.get(kind="credit_note", customer=customer("thames"))
    corrected = note.corrects

    assert (note.customer.name, note.total) == ("Thames Architects LLP", Decimal("24.000"))
    assert corrected is not None
    assert (corrected.customer, corrected.kind) == (note.customer, "invoice")


def test_days_were_credited_and_a_bill_was_credited_whole_and_made_again(story: DemoReport) -> None:
    repair = Bill.objects.get(kind="credit_note", customer=customer("north"))
    assert (repair.net, repair.reason) == (Decimal("12.740"), "In repair from the 10th to the 19th")
    again = Bill.objects.get(kind="credit_note", customer=customer("sakura"))
    assert again.corrects is not None
    assert again.total == again.corrects.total


def test_a_laptop_in_a_drawer_was_paused_until_it_was_heard_again_and_another_is_still_in_its_drawer(
    story: DemoReport,
) -> None:
    paused = Pause.objects.filter(withdrawn_at=None).order_by("valid")
    assert [(each.device.external_id, each.valid.lower, each.valid.upper) for each in paused] == [
        ("alpen-computer-04", date(2026, 2, 1), date(2026, 3, 10)),
        ("alpen-computer-08", date(2026, 10, 20), None),
    ]


def test_a_laptop_is_there_twice_and_its_double_waits_for_a_person(story: DemoReport) -> None:
    double = proposed_replacements().get()
    assert (double.old_device.external_id, double.new_device.external_id) == (
        "thames-computer-09",
        "thames-computer-09b",
    )
    assert double.because == "serial"


def test_a_draft_was_thrown_away_and_its_month_is_a_present(story: DemoReport) -> None:
    waived = PeriodClaim.objects.get(outcome="waived", released_at=None)
    assert (waived.subscription.customer, waived.period.lower) == (customer("southern"), date(2026, 6, 1))
    assert waived.reason == "The first month after the holidays is free"


def test_an_exception_has_ended_and_another_ends_soon_and_is_announced(story: DemoReport) -> None:
    assert list(BillingException.objects.order_by("pk").values_list("device__external_id", "valid__endswith")) == [
        ("north-server-03", date(2027, 5, 1)),
        ("seefeld-computer-03", date(2026, 12, 3)),
    ]
    assert [row.ends_in_days for row in exception_register(today=TODAY, within_days=14)] == [9]
    *_pauses, ending = Message.objects.filter(kind="notice").order_by("pk")
    assert "SEE-PC-03 of Gemeinde Seefeld: not billed until" in ending.body


def test_one_customer_came_back_and_one_changed_its_plan_and_cycle(story: DemoReport) -> None:
    assert Subscription.objects.filter(customer=customer("southern")).count() == 2
    after = Subscription.objects.get(customer=customer("kornblume"), ends_on=None)
    assert (after.plan.name, after.cycle_unit, after.cycle_every) == ("Complete Care", "month", 1)
    assert after.continues is not None


def test_a_bill_is_written_off_a_line_is_disputed_and_the_banks_lines_wait(story: DemoReport) -> None:
    assert [row["customer"] for row in write_off_list()] == [customer("kornblume").name]
    assert ReminderPause.objects.get(ended_at=None).line is not None
    assert sorted(BankLine.objects.values_list("state", flat=True)) == ["confirmed", "ignored", "waiting", "waiting"]
    assert [row.kind for row in suggestions(list(waiting_lines()))] == ["payment", ""]


def test_who_pays_late_is_charged_who_is_spared_is_not_and_one_fee_was_let_go(story: DemoReport) -> None:
    fees = late_fee_states(late_fees().order_by("pk"))
    assert {(fee.customer_id, fee.amount) for fee in fees} == {(customer("kornblume").pk, Decimal(5))}
    assert [str(fee.charged_on) for fee in fees] == ["2026-07-29", "2026-08-29", "2026-09-29", "2026-10-29"]
    assert [fee.bill_number for fee in fees[:2]] == [fee.number for fee in fees[1:3]]
    assert [fee.is_let_go for fee in fees] == [False, False, False, True]


def test_some_have_paid_some_a_part_and_some_are_late(story: DemoReport) -> None:
    status = {(row.customer_id, row.status) for row in open_invoices(on=TODAY)}

    assert status == {
        (customer("alpen").pk, "partly paid"),
        (customer("seefeld").pk, "open"),
        (customer("seefeld").pk, "overdue"),
        (customer("kornblume").pk, "overdue"),
    }
    assert Message.objects.filter(kind="reminder").count() > 20
    for (customer_id, currency), balance in balances().items():
        issued = Bill.objects.filter(customer=customer_id, issue__isnull=False)
        billed = sum(bill.total * (-1 if bill.kind == "credit_note" else 1) for bill in issued)
        assert balance.amount == billed - balance.paid + balance.refunded - balance.written_off, currency
    rhein = balances()[customer("rhein").pk, "EUR"]
    assert (rhein.refunded, rhein.amount) == (Decimal("400.41"), Decimal(0))


def test_the_books_of_the_whole_story_break_no_promise(story: DemoReport) -> None:
    kept = audit(now=datetime(2026, 11, 24, 6, tzinfo=UTC))

    assert len(kept) == len(PROMISES)
    assert [breach for each in kept for breach in each.breaches] == []
