"""Associate Service Plan: one plan, one or many customers, and their first two bills before anything is saved."""

from datetime import date

import pytest

from quarterday.outbox.models import MailServer
from quarterday.plans.actions import create_plan
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.models import Subscription
from tests.fleet import computers
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of

ADDRESS = "/billing/associate/"


@pytest.fixture
def desk(sign_in, time_machine):
    desk = at_desk(sign_in, time_machine)
    with acting(Scope.all()):
        yield desk


def gold_for(desk, *customers, **fields):
    """The form as it stands for a plan, with customers chosen."""
    plan = a_plan()
    stands = fields_of(desk.get(ADDRESS, plan=plan.pk))
    return plan, {**stands, "customer": [customer.pk for customer in customers], **fields}


def test_without_a_plan_the_page_leads_to_the_first_one(desk):
    said = text_of(desk.get(ADDRESS))
    assert "There is no plan to associate yet" in said
    assert "Add Service Plan" in said


def test_an_address_that_the_bills_would_lack_is_told_before_anything_is_saved(desk):
    _, fields = gold_for(desk, a_customer("North Dental"), a_customer("South Law", street="Markt 2", city="Bonn"))

    said = text_of(desk.client.post(ADDRESS, {**fields, "look": "yes"}))

    assert "Your own street or city is missing, and an invoice has to name them." in said
    assert "Bills would go out without the street or city of: North Dental. Add them" in said
    assert "Associate with 2 customers" in said


def test_without_a_working_mail_server_the_page_says_so_and_saves_nothing(desk):
    MailServer.objects.update(tested_at=None)
    north = a_customer()
    _, fields = gold_for(desk, north)

    said = text_of(desk.client.post(ADDRESS, {**fields, "look": "yes"}))

    assert "Bills could not reach anybody yet" in said
    assert "Mail Server Settings" in said
    assert "Associate with" not in said
    desk.client.post(ADDRESS, {**fields, "agree": "yes"})
    assert not Subscription.objects.exists()


def test_a_live_preview_takes_back_what_the_page_said_before_it_was_mended(desk):
    _, fields = gold_for(desk, a_customer(), due_days="30")
    refused = desk.client.post(ADDRESS, {**fields, "due_days": "1000", "look": "yes"})
    assert '<div id="errors"><div class="alert alert-danger"' in refused.content.decode()

    live = {"HX-Request": "true", "HX-Target": "preview"}
    mended = desk.client.post(ADDRESS, {**fields, "look": "yes"}, headers=live).content.decode()

    assert '<div id="errors" hx-swap-oob="innerHTML"></div>' in mended
    assert "Please mend" not in mended
    assert "Associate with 1 customer" in mended


def test_the_first_two_bills_of_each_customer_are_shown_before_anything_is_saved(desk):
    north = a_customer("North Dental")
    tokyo = a_customer("Tokyo Branch", time_zone="Asia/Tokyo")
    computers(north, 3)
    computers(tokyo, 2)
    _, fields = gold_for(desk, north, tokyo, starts_on="2026-04-01", billing_day="15", due_days="30")

    said = text_of(desk.client.post(ADDRESS, {**fields, "look": "yes"}))

    # From 1 to 15 April are 14 of the 31 days of the whole period from 15 March: 3 x 30.00 x 14/31.
    assert "North Dental Europe/Berlin 15 Apr 2026 for 1 Apr 2026 to 14 Apr 2026 to be paid by 15 May 2026" in said
    assert "EUR 40.65 15 May 2026 for 15 Apr 2026 to 14 May 2026 to be paid by 14 Jun 2026 EUR 90.00" in said
    assert "Tokyo Branch Asia/Tokyo 15 Apr 2026" in said
    assert "EUR 27.10 15 May 2026" in said
    assert "2 customers EUR 67.75 EUR 150.00" in said
    assert "Associate with 2 customers" in said
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("cycle", "said"),
    [
        ("1 month", "Computer 30.00 per month · Server 90.00 per month Estimated"),
        ("3 month", "Computer 30.00 per quarter · Server 90.00 per quarter If these are prices of a month, choose"),
        ("1 year", "Computer 30.00 per year · Server 90.00 per year If these are prices of a month, choose"),
    ],
)
def test_what_a_price_is_for_is_said_with_the_chosen_cycle(desk, cycle, said):
    _, fields = gold_for(desk, a_customer(), cycle=cycle)

    shown = text_of(desk.client.post(ADDRESS, {**fields, "look": "yes"}))

    assert f"A plan's price is for one billing cycle: {said}" in shown


def test_what_was_shown_is_saved_for_all_of_them(desk):
    north, south = a_customer("North Dental"), a_customer("South Law")
    plan, fields = gold_for(
        desk,
        north,
        south,
        cycle="3 month",
        starts_on="2026-04-01",
        due_days="30",
        po_number="PO 7",
        bill_separately="on",
        **{f"emails.{north.pk}": "a@north.example, b@north.example"},
    )
    fields.pop("review_first_bill")

    _, saved = desk.look_then_agree(ADDRESS, fields)

    assert saved["Location"] == f"/billing/plans/{plan.pk}/"
    first = Subscription.objects.get(customer=north)
    assert (first.cycle_every, first.cycle_unit, first.due_days, first.po_number) == (3, "month", 30, "PO 7")
    assert (first.starts_on, first.bill_separately, first.review_first_bill) == (date(2026, 4, 1), True, False)
    assert first.emails == ["a@north.example", "b@north.example"]
    assert Subscription.objects.get(customer=south).emails == ["it@north.example"]
    assert "is associated with 2 customers." in text_of(desk.get(saved["Location"]))


def test_a_cycle_of_ones_own_needs_its_length(desk):
    north = a_customer()
    _, fields = gold_for(desk, north, cycle="other")
    assert "Say how many weeks, months or years a cycle has." in text_of(
        desk.client.post(ADDRESS, {**fields, "look": "yes"})
    )
    desk.look_then_agree(ADDRESS, {**fields, "every": "2", "unit": "week"})
    assert Subscription.objects.values_list("cycle_every", "cycle_unit").get() == (2, "week")


def test_another_customer_chosen_after_looking_is_looked_at_first(desk):
    north, south = a_customer("North Dental"), a_customer("South Law")
    _, fields = gold_for(desk, north)
    shown = fields_of(desk.client.post(ADDRESS, {**fields, "look": "yes"}))["shown"]

    answer = desk.client.post(ADDRESS, {**fields, "customer": [north.pk, south.pk], "shown": shown, "agree": "yes"})

    assert "You changed something after looking." in text_of(answer)
    assert not Subscription.objects.exists()


def test_nobody_chosen_is_said_in_words(desk):
    a_customer()
    _, fields = gold_for(desk)
    assert "Choose at least one customer." in text_of(desk.client.post(ADDRESS, {**fields, "look": "yes"}))


def test_who_cannot_have_it_is_left_out_with_the_cure(desk):
    north, dollar = a_customer("North Dental"), a_customer("Dollar Diner", currency="USD")
    mute = a_customer("Mute Ltd", emails=[])
    _, fields = gold_for(desk, north, dollar, mute)

    shown, saved = desk.look_then_agree(ADDRESS, fields)

    said = text_of(shown)
    assert "Dollar Diner is billed in USD, and Gold charges EUR: choose a plan in USD." in said
    assert "Mute Ltd has no e-mail address for its bills: give one." in said
    assert "Associate with 1 customer 2 are left out." in said
    assert saved.status_code == 302
    assert Subscription.objects.get().customer == north


def test_all_that_a_search_finds_are_chosen_without_listing_them(desk):
    for name in ("Bakery 1", "Bakery 2", "Butcher"):
        a_customer(name)
    _, fields = gold_for(desk, q="bakery", everyone="yes")

    shown, _ = desk.look_then_agree(ADDRESS, fields)

    assert "All 2 customers found are chosen, each with its own e-mail addresses." in text_of(shown)
    names = Subscription.objects.order_by("customer__name").values_list("customer__name", flat=True)
    assert list(names) == ["Bakery 1", "Bakery 2"]


def test_customers_that_have_the_plan_are_not_offered_again(desk):
    plan = a_plan()
    a_subscription(a_customer("North Dental"), plan)
    a_customer("South Law")
    said = text_of(desk.get(ADDRESS, plan=plan.pk))
    assert "South Law" in said
    assert "North Dental" not in said


def test_searching_without_a_script_keeps_what_was_chosen_and_written(desk):
    north = a_customer("North Dental")
    a_customer("South Law")
    _, fields = gold_for(
        desk, north, starts_on="", q="south", due_days="21", **{f"emails.{north.pk}": "x@north.example"}
    )

    page = desk.client.post(ADDRESS, {**fields, "search": "yes"})

    stands = fields_of(page)
    assert (stands["customer"], stands["due_days"]) == (str(north.pk), "21")
    assert stands[f"emails.{north.pk}"] == "x@north.example"
    assert "South Law" in text_of(page)
    assert "This field is required." not in text_of(page)


def test_a_script_asks_for_the_list_or_the_preview_alone(desk):
    north = a_customer("North Dental")
    computers(north, 1)
    _, fields = gold_for(desk, north, starts_on="2026-04-01")

    def part(target, **data):
        headers = {"HX-Request": "true", "HX-Target": target}
        return desk.client.post(ADDRESS, {**fields, **data}, headers=headers)

    assert "<html" not in part("customers", search="yes").content.decode()
    preview = part("preview", look="yes")
    assert "<html" not in preview.content.decode()
    assert "EUR 30.00" in text_of(preview)


def test_a_start_in_the_past_bills_no_month_that_was_billed_elsewhere(desk):
    north = a_customer("North Dental")
    computers(north, 1, since=date(2026, 1, 1))
    _, fields = gold_for(desk, north, starts_on="2026-01-01")
    said = text_of(desk.client.post(ADDRESS, {**fields, "look": "yes"}))
    assert "1 May 2026 for 1 Apr 2026 to 30 Apr 2026" in said

    said = text_of(desk.client.post(ADDRESS, {**fields, "billed_from": "2026-03-01", "look": "yes"}))
    assert "1 Apr 2026 due at once for 1 Mar 2026 to 31 Mar 2026" in said


def test_a_plan_billed_in_advance_shows_its_bill_at_the_start(desk):
    north = a_customer("North Dental")
    computers(north, 1)
    plan = create_plan(
        name="Ahead", currency="EUR", effective_on=date(2026, 1, 1), timing="advance",
        prices={"computer": {"unit_price": "30.00"}}, by=BY, now=NOW,
    )  # fmt: skip
    fields = {**fields_of(desk.get(ADDRESS, plan=plan.pk)), "customer": [north.pk], "starts_on": "2026-05-01"}
    said = text_of(desk.client.post(ADDRESS, {**fields, "look": "yes"}))
    assert "1 May 2026 for 1 May 2026 to 31 May 2026 to be paid by 15 May 2026 EUR 30.00" in said


@pytest.mark.parametrize("count", [1, 3])
def test_more_customers_need_no_more_queries(desk, count):
    customers = [a_customer(f"Customer {number}") for number in range(count)]
    for customer in customers:
        computers(customer, 2)
    plan, fields = gold_for(desk, *customers)
    with counting_queries() as asked:
        desk.get(ADDRESS, plan=plan.pk)
    assert len(asked) == 5, asked
    with counting_queries() as asked:
        desk.client.post(ADDRESS, {**fields, "look": "yes"})
    assert len(asked) == 12, asked
