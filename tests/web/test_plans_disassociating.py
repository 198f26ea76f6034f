"""Disassociate Plan: the plan, then the customers; what is billed or credited is shown first; undo until it is."""

from datetime import date

import pytest

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.models import Subscription
from tests.bills.desk import bill_on
from tests.fleet import computers
from tests.shop import NOW, a_customer, a_plan, a_subscription
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of

ADDRESS = "/billing/disassociate/"


@pytest.fixture
def desk(sign_in, time_machine):
    desk = at_desk(sign_in, time_machine)
    with acting(Scope.all()):
        yield desk


@pytest.fixture
def gold(desk):
    """North Dental with three computers and South Law with one have Gold since the first of April."""
    plan = a_plan()
    for name, devices in (("North Dental", 3), ("South Law", 1)):
        customer = a_customer(name)
        computers(customer, devices)
        a_subscription(customer, plan, review_first_bill=False)
    return plan


def ending(desk, plan, *names, **fields):
    """The form as it stands, with customers of these names chosen."""
    chosen = list(Subscription.objects.filter(customer__name__in=names).values_list("pk", flat=True))
    return {**fields_of(desk.get(ADDRESS, plan=plan.pk)), "customer": chosen, **fields}


def test_first_the_plan_then_its_customers(desk, gold):
    assert "North Dental" not in text_of(desk.get(ADDRESS))
    said = text_of(desk.get(ADDRESS, plan=gold.pk))
    assert "North Dental" in said
    assert "South Law" in said


def test_what_will_be_billed_is_shown_before_the_end_is_saved(desk, gold):
    fields = ending(desk, gold, "North Dental", last_day="2026-04-20")

    shown, saved = desk.look_then_agree(ADDRESS, fields)

    said = text_of(shown)
    # Twenty of thirty days of three computers, with tax, instead of the whole of April.
    assert "North Dental 21 Apr 2026 Europe/Berlin no bill EUR 71.40 +EUR 71.40" in said
    assert "North Dental 1 May 2026 Europe/Berlin EUR 107.10 no bill EUR −107.10" in said
    assert "South Law 1 May" not in said
    assert saved.status_code == 302
    ended = Subscription.objects.get(customer__name="North Dental")
    assert (ended.ends_on, ended.final_period) == (date(2026, 4, 21), "prorated")
    assert Subscription.objects.get(customer__name="South Law").ends_on is None


def test_looking_saves_nothing(desk, gold):
    desk.client.post(ADDRESS, {**ending(desk, gold, "North Dental", last_day="2026-04-20"), "look": "yes"})
    assert not Subscription.objects.exclude(ends_on=None).exists()


def test_the_last_period_in_full(desk, gold):
    fields = ending(desk, gold, "North Dental", last_day="2026-04-20", final_period="full")
    shown, _ = desk.look_then_agree(ADDRESS, fields)
    assert "North Dental 21 Apr 2026 Europe/Berlin no bill EUR 107.10" in text_of(shown)
    assert Subscription.objects.get(customer__name="North Dental").final_period == "full"


def test_a_day_in_the_past_shows_the_credit(desk, gold, sign_in, time_machine):
    bill_on(date(2026, 5, 1))
    time_machine.move_to(NOW.replace(month=5), tick=False)
    desk.client = sign_in("admin")
    fields = ending(desk, gold, "North Dental", last_day="2026-04-20")
    said = text_of(desk.client.post(ADDRESS, {**fields, "look": "yes"}))
    assert "North Dental 10 May 2026 Europe/Berlin no bill EUR −35.70 credit note" in said


def test_all_customers_at_once(desk, gold):
    fields = ending(desk, gold, last_day="2026-04-20", everyone="yes")
    shown, _ = desk.look_then_agree(ADDRESS, fields)
    assert "Disassociate from 2 customers" in text_of(shown)
    assert Subscription.objects.filter(ends_on=date(2026, 4, 21)).count() == 2


def test_nobody_chosen_and_a_day_before_the_start_are_said_in_words(desk, gold):
    nobody = desk.client.post(ADDRESS, {**ending(desk, gold), "look": "yes"})
    assert "Choose at least one customer." in text_of(nobody)
    early = desk.client.post(ADDRESS, {**ending(desk, gold, "North Dental", last_day="2026-03-01"), "look": "yes"})
    assert "starts on 2026-04-01: a last day before it serves nothing." in text_of(early)


def test_an_end_is_taken_back_while_nothing_was_billed_for_it(desk, gold):
    desk.look_then_agree(ADDRESS, ending(desk, gold, "North Dental", last_day="2026-04-20"))
    ended = Subscription.objects.get(customer__name="North Dental")
    page = f"/billing/subscriptions/{ended.pk}/"
    assert "It ends: the last day of service is 20 Apr 2026 (Europe/Berlin)." in text_of(desk.get(page))
    assert "Take the end back" in text_of(desk.get(page))

    said = text_of(desk.client.post(f"{page}undo/", follow=True))

    assert "Gold goes on for North Dental, as if it had not been disassociated." in said
    ended.refresh_from_db()
    assert ended.ends_on is None


def test_an_end_that_is_billed_stays(desk, gold):
    desk.look_then_agree(ADDRESS, ending(desk, gold, "North Dental", last_day="2026-04-20"))
    bill_on(date(2026, 4, 21))
    ended = Subscription.objects.get(customer__name="North Dental")
    page = f"/billing/subscriptions/{ended.pk}/"
    assert "Take the end back" not in text_of(desk.get(page))
    said = text_of(desk.client.post(f"{page}undo/", follow=True))
    assert "the end on 2026-04-21 is billed already: associate the plan again." in said


@pytest.mark.parametrize("names", [["North Dental"], ["North Dental", "South Law"]])
def test_more_customers_need_no_more_queries(desk, gold, names):
    with counting_queries() as asked:
        desk.get(ADDRESS, plan=gold.pk)
    assert len(asked) == 5, asked
    fields = ending(desk, gold, *names)
    with counting_queries() as asked:
        desk.client.post(ADDRESS, {**fields, "look": "yes"})
    assert len(asked) == 12, asked
