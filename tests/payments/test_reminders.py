"""Reminders: the right step on the right day, one mail a customer and day, never twice, never without need."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from quarterday.bills.models import BillLine
from quarterday.outbox.models import Message
from quarterday.payments import actions, queries, reminders
from quarterday.payments.actions import PaymentRefused, pause_reminders, resume_reminders, settle
from quarterday.payments.models import Reminder
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from tests.payments.conftest import NOON, customer, issued

CLERK = Actor("person", "Clara Clerk")


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def days_with_mail(start: date, days: int) -> list[tuple[date, list[int]]]:
    """Run the reminders each noon; answer the days on which something was posted, with the steps."""
    told = []
    for n in range(days):
        day = start + timedelta(days=n)
        if reminders.remind(now=noon(day)):
            told.append((day, sorted(Reminder.objects.filter(reminded_on=day).values_list("step", flat=True))))
    return told


def test_an_unpaid_invoice_is_reminded_three_days_before_due_and_3_and_14_days_after(north):
    issued(north, "100.00", on=date(2026, 3, 1), due=date(2026, 3, 31))

    assert days_with_mail(date(2026, 3, 1), 90) == [
        (date(2026, 3, 28), [-3]),
        (date(2026, 4, 3), [3]),
        (date(2026, 4, 14), [14]),
    ]


def test_no_reminder_before_due_within_a_week_of_issue(north):
    issued(north, "100.00", on=date(2026, 3, 1), due=date(2026, 3, 8))
    assert days_with_mail(date(2026, 3, 1), 10) == []


def test_after_an_outage_only_the_latest_step_is_sent(north):
    issued(north, "100.00", on=date(2026, 1, 1), due=date(2026, 1, 15))
    assert days_with_mail(date(2026, 6, 1), 30) == [(date(2026, 6, 1), [14])]


def test_two_invoices_of_a_customer_go_in_one_mail(north):
    issued(north, "100.00", on=date(2026, 3, 1), due=date(2026, 3, 15))
    issued(north, "50.00", on=date(2026, 3, 1), due=date(2026, 3, 15))
    assert reminders.remind(now=noon(date(2026, 3, 18))) == 1

    message = Message.objects.get()
    assert (message.recipients, message.subject) == (["ap@North.example"], "Bright MSP: payment overdue")
    assert "100.00 open, due since 15 March 2026" in message.body.replace("\xa0", " ")
    assert "Total: EUR 150.00" in message.body.replace("\xa0", " ")


@pytest.mark.parametrize("fields", [{"direct_debit": True}, {"reminders": False}])
def test_a_customer_on_direct_debit_or_without_reminders_gets_none(desk, fields):
    issued(customer("East", **fields), "100.00")
    assert days_with_mail(date(2026, 3, 1), 60) == []


def test_a_paid_invoice_is_not_reminded(north):
    issued(north, "100.00")
    actions.record_payment(
        north, amount=Decimal("100"), currency="EUR", received_on=date(2026, 3, 10), now=NOON, by=CLERK
    )
    assert days_with_mail(date(2026, 3, 1), 60) == []


def test_an_invoice_that_free_credit_covers_is_not_reminded(north):
    actions.record_payment(
        north, amount=Decimal("100"), currency="EUR", received_on=date(2026, 2, 10), now=NOON, by=CLERK
    )
    bill = issued(north, "100.00")
    assert days_with_mail(date(2026, 3, 1), 60) == []
    assert queries.settlements([bill.pk], on=date(2026, 4, 1))[bill.pk].status == "paid"


def test_a_credited_invoice_is_shown_as_credited_though_nobody_was_reminded(north):
    bill = issued(north, "100.00")
    issued(north, "100.00", kind="credit_note", corrects=bill)

    assert reminders.remind(now=NOON) == 0
    assert queries.settlements([bill.pk], on=NOON.date())[bill.pk].status == "credited"


def test_a_mail_waits_for_the_customers_morning(north):
    issued(north, "100.00", on=date(2026, 3, 1), due=date(2026, 3, 15))
    berlin_seven, berlin_eight = datetime(2026, 3, 18, 6, tzinfo=UTC), datetime(2026, 3, 18, 7, tzinfo=UTC)

    assert reminders.remind(now=berlin_seven) == 0
    assert reminders.remind(now=berlin_eight) == 1
    assert reminders.remind(now=berlin_eight) == 0


@pytest.mark.parametrize(
    ("zone", "eight"),
    [
        ("Asia/Tokyo", datetime(2026, 3, 17, 23, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 3, 17, 19, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 3, 18, 2, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 18, 12, tzinfo=UTC)),
    ],
)
def test_eight_oclock_is_the_customers_and_the_day_is_the_day_there(desk, zone, eight):
    issued(customer("Far", time_zone=zone), "100.00", on=date(2026, 3, 1), due=date(2026, 3, 15))

    assert reminders.remind(now=eight - timedelta(minutes=1)) == 0
    assert reminders.remind(now=eight) == 1
    assert Reminder.objects.get().reminded_on == date(2026, 3, 18)


def test_a_customers_own_schedule_counts(desk):
    issued(customer("East", reminder_days_before=0, reminder_days_after=[7]), "100.00", due=date(2026, 3, 31))
    assert days_with_mail(date(2026, 3, 1), 90) == [(date(2026, 4, 7), [7])]


def test_a_german_customer_is_reminded_in_german(desk):
    issued(customer("Nord", language="de"), "1234.50", due=date(2026, 3, 15))
    reminders.remind(now=noon(date(2026, 3, 18)))

    assert "Summe: 1.234,50 EUR" in Message.objects.get().body.replace("\xa0", " ")


def a_line(bill, position, net, corrects=None):
    return BillLine.objects.create(
        bill=bill,
        customer_id=bill.customer_id,
        position=position,
        kind="usage",
        text="Computers",
        net=Decimal(net),
        quantity=1,
        tax_category="S",
        tax_rate=19,
        corrects_line=corrects,
    )


def test_a_pause_lasts_to_the_end_of_a_day_where_the_customer_is(desk):
    """Seven in the evening of the last of March in Los Angeles is April in UTC."""
    evening = datetime(2026, 4, 1, 2, tzinfo=UTC)
    bill = issued(customer("West", country="US", time_zone="America/Los_Angeles"), "100.00")

    pause_reminders(bill, reason="asked back", until=date(2026, 3, 31), now=evening, by=CLERK)
    with pytest.raises(PaymentRefused, match="2026-03-30 is over"):
        pause_reminders(bill, reason="asked back", until=date(2026, 3, 30), now=evening, by=CLERK)


def asked(on: datetime) -> list[str]:
    return [f"{row.asked:.2f}" for mail in reminders.due_reminders(now=on) for row in mail.invoices]


def test_a_disputed_bill_is_not_reminded_of_until_the_pause_ends(north):
    bill = issued(north, "119.00", due=date(2026, 4, 1))
    late = datetime(2026, 4, 20, 12, tzinfo=UTC)
    assert asked(late) == ["119.00"]

    pause_reminders(bill, reason="they say it is too much", until=date(2026, 4, 25), now=late, by=CLERK)
    assert asked(late) == []
    assert asked(late + timedelta(days=5)) == []
    assert asked(late + timedelta(days=6)) == ["119.00"]

    pause_reminders(bill, reason="still disputed", now=late, by=CLERK)
    assert asked(late + timedelta(days=60)) == []
    assert resume_reminders(bill, now=late, by=CLERK) == 1
    assert asked(late) == ["119.00"]


def test_a_disputed_line_is_left_out_of_what_is_asked_for_with_its_tax(north):
    bill = issued(north, "119.00", due=date(2026, 4, 1))
    a_line(bill, 1, "70.00")
    a_line(bill, 2, "30.00")
    late = datetime(2026, 4, 20, 12, tzinfo=UTC)

    pause_reminders(bill, line=2, reason="that server is not ours", now=late, by=CLERK)
    assert asked(late) == ["83.30"]
    assert reminders.remind(now=late) == 1
    body = Message.objects.get().body
    assert "83.30" in body
    assert "119.00" not in body

    pause_reminders(bill, line=1, reason="nor are the others", now=late, by=CLERK)
    assert asked(late + timedelta(days=40)) == []


def test_what_was_credited_of_a_disputed_line_is_disputed_no_longer(north):
    """100.00 and 19.00 of tax, of which 30.00 net are disputed; then 20.00 of them are credited, and then the rest."""
    bill = issued(north, "119.00", due=date(2026, 4, 1))
    a_line(bill, 1, "70.00")
    server = a_line(bill, 2, "30.00")
    late = datetime(2026, 4, 20, 12, tzinfo=UTC)
    pause_reminders(bill, line=2, reason="that server is not ours", now=late, by=CLERK)

    for net, gross in (("20.00", "23.80"), ("10.00", "11.90")):
        note = issued(north, gross, kind="credit_note", corrects=bill, on=date(2026, 4, 19))
        a_line(note, 1, net, corrects=server)
        settle([north.pk], now=late)
        assert asked(late) == ["83.30"]


@pytest.mark.parametrize(
    ("told", "field"),
    [({"reason": " "}, "reason"), ({"line": 9}, "line"), ({"until": date(2026, 4, 19)}, "until")],
)
def test_what_cannot_be_paused_names_the_field(north, told, field):
    bill = issued(north, "119.00")
    with pytest.raises(Refused) as refused:
        pause_reminders(bill, **{"reason": "disputed", **told}, now=datetime(2026, 4, 20, 12, tzinfo=UTC), by=CLERK)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_only_what_is_paused_is_resumed(north):
    with pytest.raises(PaymentRefused, match="not paused"):
        resume_reminders(issued(north, "119.00"), now=NOON, by=CLERK)
