"""What the next bills would be is what they are: the run's own arithmetic ahead of its day, nothing left behind."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from quarterday.bills.estimate import effect_of as effect_of_act
from quarterday.bills.estimate import open_bills, undone
from quarterday.bills.first_bills import first_bills
from quarterday.bills.models import Bill
from quarterday.bills.recurring import plan_values, recurring_values
from quarterday.engine.periods import Cycle, Period
from quarterday.inventory.actions import except_device
from quarterday.inventory.models import Device
from quarterday.plans.actions import modify_plan
from quarterday.plans.models import PlanVersion
from quarterday.shared.refusal import Refused
from quarterday.subscriptions.actions import add_adjustment, agree_terms, associate, disassociate, propose
from quarterday.subscriptions.models import Pause, Subscription
from tests.bills.desk import bill_on, eur, moment
from tests.fleet import APRIL, computers
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription


def effect_of(act, **options):
    """The effect of an act whose answer starts no subscription."""

    def without_answer():
        act()

    return effect_of_act(without_answer, **options)


def seen(outlook):
    return [(str(bill.billing_on), bill.net, bill.total) for bill in outlook.bills]


def test_the_first_two_bills_are_estimated_with_the_devices_of_today(shop):
    customer, plan = a_customer(), a_plan()
    computers(customer, 3)
    subscription = a_subscription(customer, plan)

    outlook = open_bills([subscription], at=NOW)

    assert seen(outlook) == [("2026-05-01", eur("90.00"), eur("107.10")), ("2026-06-01", eur("90.00"), eur("107.10"))]
    assert [bill.shares[subscription.pk].device_count for bill in outlook.bills] == [3, 3]
    assert outlook.bills[0].due_on == date(2026, 5, 15)


def test_an_estimate_is_what_the_run_then_bills(shop):
    customer = a_customer()
    computers(customer, 3)
    a_subscription(customer, a_plan(), starts_on=date(2026, 4, 11))
    add_adjustment(customer, text="Set-up", starts_on=APRIL, amount=Decimal(50), by=BY, now=NOW)
    (expected, *_) = open_bills(list(customer.subscriptions.all()), at=NOW).bills

    bill_on(date(2026, 5, 11))

    assert Bill.objects.get().total == expected.total == eur("166.60")


def test_a_new_version_splits_the_open_period_and_nothing_is_saved(shop):
    customer, plan = a_customer(), a_plan()
    computers(customer, 3)
    subscription = a_subscription(customer, plan)

    effect = effect_of(
        lambda: modify_plan(
            plan, effective_on=date(2026, 4, 16), prices={"computer": {"unit_price": "40.00"}}, settled_until=None,
            by=BY, now=NOW,
        ),
        of=[subscription], at=NOW, since=date(2026, 4, 16),
    )  # fmt: skip

    # Half a month at 30.00 and half at 40.00, three computers; then 40.00.
    assert [(c.before.net, c.after.net) for c in effect.changes] == [
        (eur("90.00"), eur("105.00")),
        (eur("90.00"), eur("120.00")),
    ]
    assert effect.differences == {"EUR": eur("53.55")}
    assert PlanVersion.objects.count() == 1


def test_an_end_shows_the_last_prorated_bill(shop):
    customer, plan = a_customer(), a_plan()
    computers(customer, 3)
    subscription = a_subscription(customer, plan)

    effect = effect_of(
        lambda: disassociate([subscription], last_day=date(2026, 4, 20), by=BY, now=NOW),
        of=[subscription], at=NOW, count=1,
    )  # fmt: skip

    shown = [(c.before and c.before.net, c.after and (str(c.after.billing_on), c.after.net)) for c in effect.changes]
    assert shown == [(None, ("2026-04-21", eur("60.00"))), (eur("90.00"), None)]
    subscription.refresh_from_db()
    assert subscription.ends_on is None


def test_billed_in_advance_and_ended_in_the_past_gives_a_credit(shop):
    customer = a_customer()
    computers(customer, 3)
    plan = a_plan(timing="advance")
    subscription = a_subscription(customer, plan, review_first_bill=False)
    bill_on(date(2026, 4, 1))

    effect = effect_of(
        lambda: disassociate([subscription], last_day=date(2026, 4, 10), by=BY, now=NOW),
        of=[subscription], at=moment(date(2026, 4, 12)), count=1,
    )  # fmt: skip

    credits = [change.after for change in effect.changes if change.after]
    assert [credit.net for credit in credits] == [eur("-60.00")]


def test_a_refused_act_refuses_its_preview(shop):
    customer, plan = a_customer(), a_plan()
    subscription = a_subscription(customer, plan)
    with pytest.raises(Refused, match="give a price for at least one class"):
        effect_of(
            lambda: agree_terms(
                subscription, effective_on=APRIL, settled_until=None, prices={},
                by=BY, now=NOW,
            ),
            of=[subscription], at=NOW,
        )  # fmt: skip


def test_what_is_done_to_be_looked_at_is_taken_back(shop):
    customer, plan = a_customer(), a_plan()
    computers(customer, 2)
    with undone():
        made = associate(plan, [customer], starts_on=APRIL, by=BY, now=NOW)
        outlook = open_bills(made, at=NOW, count=1)
    assert seen(outlook) == [("2026-05-01", eur("60.00"), eur("71.40"))]
    assert not Subscription.objects.exists()


def test_more_customers_need_no_more_queries(shop, django_assert_num_queries):
    plan = a_plan()
    made = [a_subscription(a_customer(name), plan) for name in ("North", "South", "West")]
    for customers in (made[:1], made):
        with django_assert_num_queries(3):
            open_bills(customers, at=NOW)


def test_a_value_is_a_month_of_what_the_run_bills(shop):
    customer = a_customer()
    computers(customer, 3)
    monthly = a_subscription(customer, a_plan("Gold", flat_fee="12.00"))
    yearly = a_subscription(
        customer,
        a_plan("Care", prices={"computer": {"unit_price": "120.00", "minimum": 5, "included": 1}}),
        cycle=Cycle(1, "year"),
    )

    values = recurring_values(today=date(2026, 4, 10))

    assert (values[monthly.pk].period, values[monthly.pk].month) == (eur("102.00"), eur("102.00"))
    # Two of three are charged, three more by the minimum of five: 600.00 a year.
    assert (values[yearly.pk].period, values[yearly.pk].month) == (eur("600.00"), eur("50.00"))
    assert (
        values[monthly.pk].period == open_bills([monthly], at=NOW).of_subscription(monthly.pk)[0].shares[monthly.pk].net
    )
    assert plan_values([monthly.plan_id], today=date(2026, 4, 10))[monthly.plan_id].customer_count == 1


def test_what_is_paused_or_excepted_today_has_no_value_and_a_pause_counts_for_its_plan_only(shop):
    customer = a_customer()
    computers(customer, 4)
    gold = a_subscription(customer, a_plan("Gold", pause_after_days=14))
    backup = a_subscription(customer, a_plan("Backup", prices={"computer": {"unit_price": "5.00"}}))
    days = Period(date(2026, 4, 8), date(2026, 4, 20))
    first, second, third, _ = Device.objects.order_by("pk")
    for device in (first, second):
        pause(gold, device, days)
    # Both paused and excepted it is still one device less.
    for device in (second, third):
        except_device(device, days=days, reason="on loan", agreed_by="Dora", now=NOW, by=BY)

    on = {day: recurring_values(today=date(2026, 4, day)) for day in (7, 10, 20)}

    assert [on[day][gold.pk].device_count for day in on] == [4, 1, 4]
    assert [on[day][backup.pk].device_count for day in on] == [4, 2, 4]
    assert on[10][gold.pk].month == eur("30.00")
    assert plan_values([gold.plan_id], today=date(2026, 4, 10))[gold.plan_id].device_count == 1


def pause(subscription: Subscription, device: Device, days: Period) -> None:
    Pause.objects.create(
        customer_id=subscription.customer_id,
        subscription=subscription,
        device=device,
        valid=DateRange(days.start, days.end),
        silent_since=NOW,
        recorded_at=NOW,
    )


def test_the_first_bills_of_an_association_are_shown_before_it_is_agreed(shop):
    north, south = a_customer("North Dental"), a_customer("South Law")
    plan = a_plan()
    computers(north, 3)
    computers(south, 2)
    a_subscription(south, plan)
    agreed: dict[str, Any] = {"starts_on": APRIL, "now": NOW}
    proposals = propose(plan, [north, south], **agreed)

    found = first_bills(proposals, lambda customers: associate(plan, customers, by=BY, **agreed), at=NOW)

    assert [(str(bill.planned.billing_on), bill.net, bill.is_due) for bill in found.rows[0].bills] == [
        ("2026-05-01", eur("90.00"), False),
        ("2026-06-01", eur("90.00"), False),
    ]
    assert found.rows[1].bills == ()
    assert "has Gold already" in found.rows[1].proposal.problems[0].message
    assert (found.good_count, found.bad_count, found.sums) == (1, 1, [eur("90.00"), eur("90.00")])
    assert Subscription.objects.count() == 1
