"""Late fees: once a bill, only for what is late and undisputed, on the next bill; off until somebody sets the days."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from quarterday.bills.models import BillLine
from quarterday.customers.actions import change_customer
from quarterday.outbox.models import Message
from quarterday.payments import actions, reminders
from quarterday.payments.late_fees import charge_late_fees, due_late_fees, let_late_fee_go
from quarterday.payments.models import LateFee
from quarterday.provider.actions import change_provider
from quarterday.provider.models import Provider, TaxCode
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor, Scope
from quarterday.subscriptions.models import Adjustment
from tests.payments.conftest import NOON, customer, issued

CLERK = Actor("person", "Clara Clerk")
DUE = date(2026, 4, 1)
LATE = datetime(2026, 4, 15, 12, tzinfo=UTC)  # a fortnight after
FIVE_EUROS = {"late_fee_days": 14, "late_fee_since": date(2026, 1, 1), "late_fee_amount": "5.00"}
TWO_PERCENT = {"late_fee_days": 14, "late_fee_since": date(2026, 1, 1), "late_fee_percent": "2"}


def setting(**fields: Any) -> None:
    change_provider(Provider.objects.get(), by=CLERK, now=NOON, **fields)


def would_cost(now: datetime = LATE) -> list[str]:
    """The fees that are due at a moment."""
    return [f"{fee.amount:f} for {fee.open:.2f}" for fee in due_late_fees(now=now)]


def charged(now: datetime = LATE) -> list[Decimal | None]:
    return [fee.adjustment.amount for fee in charge_late_fees(now=now, by=CLERK)]


def test_nobody_is_charged_before_somebody_sets_the_days(north):
    issued(north, "119.00", due=DUE)
    assert would_cost() == []
    setting(**FIVE_EUROS)
    assert would_cost() == ["5.00 for 119.00"]
    setting(late_fee_days=None)
    assert would_cost() == []


def test_the_day_comes_in_the_customers_own_time_zone(desk):
    setting(**FIVE_EUROS)
    issued(customer("Tokyo", time_zone="Asia/Tokyo"), "119.00", due=DUE)

    assert would_cost(datetime(2026, 4, 14, 14, 59, tzinfo=UTC)) == []
    assert would_cost(datetime(2026, 4, 14, 15, 0, tzinfo=UTC)) == ["5.00 for 119.00"]


def test_it_is_an_ordinary_charge_that_names_the_bill_in_the_customers_language(desk):
    TaxCode.objects.create(code="damages", name="Damages")
    setting(**FIVE_EUROS, late_fee_tax_code="damages")
    bill = issued(customer("Nord", language="de"), "119.00", due=DUE)

    assert charged() == [Decimal("5.00")]
    row = Adjustment.objects.get()
    assert row.text.replace("\xa0", " ") == (
        f"Mahngebühr zur Rechnung {bill.issue.number} vom 1. März 2026, fällig am 1. April 2026"
    )
    assert (row.customer_id, row.subscription, row.tax_code) == (bill.customer_id, None, "damages")
    assert (row.starts_on, row.times) == (date(2026, 4, 15), 1)


def test_our_own_words_take_the_place_of_the_usual_ones(north):
    setting(**FIVE_EUROS, late_fee_text="Dunning charge, {number} ({open} open)")
    bill = issued(north, "119.00", due=DUE)
    charged()
    assert Adjustment.objects.get().text.replace("\xa0", " ") == (
        f"Dunning charge, {bill.issue.number} (EUR 119.00 open)"
    )


def test_a_bill_is_charged_once_however_often_the_worker_comes_round(north):
    setting(**FIVE_EUROS)
    issued(north, "119.00", due=DUE)
    assert charged() == [Decimal("5.00")]
    assert charged() == []
    assert charged(LATE + timedelta(days=300)) == []


def test_a_percentage_is_of_what_is_open_and_rounded_once(north):
    setting(**TWO_PERCENT)
    issued(north, "119.25", due=DUE)
    actions.record_payment(
        north, amount=Decimal("19.00"), currency="EUR", received_on=date(2026, 4, 2), now=NOON, by=CLERK
    )
    assert would_cost() == ["2.01 for 100.25"]  # 2.005, half up


def test_the_decimals_are_those_of_the_currency(desk):
    setting(**{**FIVE_EUROS, "late_fee_amount": "5.50"})
    issued(customer("Sakura", currency="JPY"), "11900", due=DUE, currency="JPY")
    assert would_cost() == ["6 for 11900.00"]


def pay(bill):
    told: dict[str, Any] = {"amount": Decimal(119), "currency": "EUR", "received_on": DUE, "now": NOON, "by": CLERK}
    actions.record_payment(bill.customer, **told)


def pay_ahead(bill):
    """Credit that has not been used yet."""
    told: dict[str, Any] = {"amount": Decimal(119), "currency": "EUR", "received_on": DUE, "now": NOON, "by": CLERK}
    actions.record_payment(bill.customer, **told, bills=[])


def credit(bill):
    issued(bill.customer, "119.00", kind="credit_note", corrects=bill)


def write_off(bill):
    actions.write_off(bill, reason="insolvent", now=LATE, by=CLERK)


def pause(bill):
    actions.pause_reminders(bill, reason="disputed", now=LATE, by=CLERK)


def spare(bill):
    change_customer(bill.customer, late_fees=False, by=CLERK, now=NOON)


def switch_reminders_off(bill):
    change_customer(bill.customer, reminders=False, by=CLERK, now=NOON)


def collect_by_direct_debit(bill):
    change_customer(bill.customer, direct_debit=True, by=CLERK, now=NOON)


@pytest.mark.parametrize(
    "happens",
    [pay, pay_ahead, credit, write_off, pause, spare, switch_reminders_off, collect_by_direct_debit],
    ids=lambda act: act.__name__,
)
def test_who_owes_nothing_disputes_it_or_is_spared_is_not_charged(north, happens):
    setting(**FIVE_EUROS)
    bill = issued(north, "119.00", due=DUE)
    assert would_cost() == ["5.00 for 119.00"]
    happens(bill)
    assert would_cost() == []
    assert charged() == []


def test_the_undisputed_rest_is_charged_for(north):
    setting(**TWO_PERCENT)
    bill = issued(north, "119.00", due=DUE)
    BillLine.objects.create(
        bill=bill,
        customer=north,
        position=1,
        kind="usage",
        text="Servers",
        net=Decimal("60.00"),
        quantity=1,
        tax_category="S",
        tax_rate=19,
    )
    actions.pause_reminders(bill, line=1, reason="not theirs", now=LATE, by=CLERK)
    assert would_cost() == ["0.95 for 47.60"]


def test_what_is_shown_beforehand_is_what_is_charged_where_credit_settles_a_part(north):
    """83.30 of one bill stay open once its credit note is used, and 50.00 of the other by a payment not used yet."""
    setting(**TWO_PERCENT)
    older = issued(north, "100.00", due=date(2026, 3, 31))
    newer = issued(north, "119.00", due=DUE)
    issued(north, "35.70", kind="credit_note", corrects=newer)
    told: dict[str, Any] = {"amount": Decimal(50), "currency": "EUR", "received_on": DUE, "now": NOON, "by": CLERK}
    actions.record_payment(north, **told, bills=[])

    assert would_cost() == ["1.00 for 50.00", "1.67 for 83.30"]
    assert charged() == [Decimal("1.00"), Decimal("1.67")]
    assert [fee.bill_id for fee in LateFee.objects.order_by("pk")] == [older.pk, newer.pk]


def test_credit_that_the_oldest_bill_takes_spares_no_other(north):
    setting(**FIVE_EUROS)
    issued(north, "100.00", due=date(2026, 3, 31))
    charged()
    issued(north, "30.00", due=DUE)
    told: dict[str, Any] = {"amount": Decimal(50), "currency": "EUR", "received_on": DUE, "now": NOON, "by": CLERK}
    actions.record_payment(north, **told, bills=[])

    assert would_cost() == ["5.00 for 30.00"]
    assert charged() == [Decimal("5.00")]


def test_bills_from_before_the_first_day_are_left_alone(north):
    issued(north, "119.00", on=date(2025, 12, 31), due=DUE)
    issued(north, "100.00", on=date(2026, 1, 1), due=DUE)
    setting(**FIVE_EUROS)
    assert would_cost() == ["5.00 for 100.00"]


def test_a_bill_in_another_currency_than_the_customers_is_left_alone(north):
    setting(**FIVE_EUROS)
    issued(north, "119.00", due=DUE, currency="USD")
    assert would_cost() == []


def test_a_customers_own_fee_takes_the_place_of_the_usual_one(north):
    setting(**FIVE_EUROS)
    issued(north, "119.00", due=DUE)
    change_customer(north, late_fee_percent="1", by=CLERK, now=NOON)
    assert would_cost() == ["1.19 for 119.00"]
    change_customer(north, late_fee_percent=None, late_fee_amount="2.50", by=CLERK, now=NOON)
    assert would_cost() == ["2.50 for 119.00"]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"late_fee_days": 0}, "late_fee_days"),
        ({"late_fee_days": 366}, "late_fee_days"),
        ({"late_fee_since": None}, "late_fee_since"),
        ({"late_fee_amount": None}, "late_fee_amount"),
        ({"late_fee_amount": "0"}, "late_fee_amount"),
        ({"late_fee_amount": "-5"}, "late_fee_amount"),
        ({"late_fee_amount": "a lot"}, "late_fee_amount"),
        ({"late_fee_percent": "2"}, "late_fee_amount"),
        ({"late_fee_amount": None, "late_fee_percent": "101"}, "late_fee_percent"),
        ({"late_fee_tax_code": "fees"}, "late_fee_tax_code"),
        ({"late_fee_text": "for {customer.emails}"}, "late_fee_text"),
        ({"late_fee_text": "for {number"}, "late_fee_text"),
    ],
)
def test_a_wrong_setting_names_the_field(north, told, field):
    with pytest.raises(Refused) as refused:
        setting(**{**FIVE_EUROS, **told})
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_customer_has_an_amount_or_a_percentage_not_both(north):
    change_customer(north, late_fee_amount="5", by=CLERK, now=NOON)
    with pytest.raises(Refused, match="empty one of the two"):
        change_customer(north, late_fee_percent="2", by=CLERK, now=NOON)


def test_the_reminder_names_the_fee_while_it_waits_for_the_next_bill(north):
    setting(**FIVE_EUROS)
    bill = issued(north, "119.00", due=DUE)
    charged()
    assert reminders.remind(now=LATE) == 1

    body = Message.objects.get().body.replace("\xa0", " ")
    told = f"A late fee of EUR 5.00, plus any tax, for invoice {bill.issue.number} is on your next bill."
    assert f"Total: EUR 119.00\n\n{told}\n\nPlease" in body


def test_a_reminder_without_a_fee_has_no_hole_in_its_place(north):
    issued(north, "119.00", due=DUE)
    reminders.remind(now=LATE)
    assert "Total: EUR 119.00\n\nPlease" in Message.objects.get().body.replace("\xa0", " ")


def test_a_fee_that_was_let_go_is_not_charged_again(north):
    setting(**FIVE_EUROS)
    issued(north, "119.00", due=DUE)
    (fee,) = charge_late_fees(now=LATE, by=CLERK)

    with pytest.raises(Refused, match="say why"):
        let_late_fee_go(fee, reason=" ", now=LATE, by=CLERK)
    let_late_fee_go(fee, reason="their bank was closed", now=LATE, by=CLERK)

    assert Adjustment.objects.get().cancelled_at == LATE
    assert charged(LATE + timedelta(days=60)) == []
    with pytest.raises(Refused, match="let go before"):
        let_late_fee_go(fee, reason="again", now=LATE, by=CLERK)


def test_the_database_itself_refuses_a_second_fee_for_a_bill(north):
    setting(**FIVE_EUROS)
    issued(north, "119.00", due=DUE)
    (fee,) = charge_late_fees(now=LATE, by=CLERK)
    other = Adjustment.objects.get()
    other.pk = None
    other.save()
    with pytest.raises(IntegrityError, match="a_bill_has_one_late_fee"), transaction.atomic():
        LateFee.objects.create(customer=north, bill_id=fee.bill_id, adjustment=other, charged_on=DUE)


def test_two_workers_at_once_charge_each_bill_once(fresh_database):
    with acting(Scope.all()):
        Provider.objects.create(pk=1, name="Bright MSP", reminder_days_after=[14])
        TaxCode.objects.create(code="standard", name="Managed services")
        setting(**FIVE_EUROS)
        for name in ("North Dental", "South Law"):
            owner = customer(name)
            for _ in range(3):
                issued(owner, "119.00", due=DUE)
    together = Barrier(2)

    def work(_: int) -> int:
        try:
            with acting(Scope.all()):
                together.wait(10)
                return len(charge_late_fees(now=LATE, by=CLERK))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(2)))

    assert sorted(done) == [0, 6]
    with acting(Scope.all()):
        assert (LateFee.objects.count(), Adjustment.objects.count()) == (6, 6)
