"""The tab Service Plan: the list, Add Service Plan, a plan's page, and who may do what."""

from datetime import date
from decimal import Decimal

import pytest

from quarterday.plans.actions import archive_plan, modify_plan
from quarterday.plans.models import Plan, PlanVersion
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.models import Subscription
from tests.fleet import computers
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of

ADDRESSES = ("/billing/", "/billing/plans/add/", "/billing/associate/", "/billing/disassociate/")


@pytest.fixture
def desk(sign_in, time_machine):
    return at_desk(sign_in, time_machine)


@pytest.fixture
def everything(desk):
    with acting(Scope.all()):
        yield


def test_an_empty_list_leads_to_the_first_plan(desk):
    said = text_of(desk.get("/billing/"))
    assert "Admin Customers Billing" in said
    assert "Service Plan Billing" in said
    assert "No service plan yet" in said
    assert b'href="/billing/plans/add/"' in desk.get("/billing/").content


def test_before_anybody_said_who_sends_the_bills_a_plan_has_nothing_to_price(database, sign_in):
    answer = sign_in("admin").get("/billing/plans/add/", follow=True)
    assert answer.redirect_chain == [("/start/", 302)]
    assert "First say who sends the bills" in text_of(answer)

    answer = sign_in("clerk").get("/billing/plans/add/", follow=True)
    assert answer.redirect_chain == [("/billing/", 302)], "who may not set up is not sent there"
    assert "First say who sends the bills" in text_of(answer)


def test_the_list_names_prices_customers_and_the_monthly_value(desk, everything):
    plan = a_plan(flat_fee="12.00")
    for name, devices in (("North Dental", 3), ("South Law", 2)):
        customer = a_customer(name)
        computers(customer, devices)
        a_subscription(customer, plan)

    said = text_of(desk.get("/billing/"))

    assert "Gold in arrears EUR Computer 30.00 Server 90.00 Flat fee 12.00 2 EUR 174.00 Actions" in said


def test_the_search_finds_parts_of_names_and_archived_plans_stand_apart(desk, everything):
    a_plan("Gold")
    archive_plan(a_plan("Silver"), on=date(2026, 4, 1), by=BY, now=NOW)

    assert "Gold" in text_of(desk.get("/billing/", q="gol"))
    assert "No plan has this name" in text_of(desk.get("/billing/", q="silver"))
    archived = text_of(desk.get("/billing/", archived="yes"))
    assert "Silver" in archived
    assert "Gold" not in archived


def test_a_plan_is_added_with_all_that_it_can_have(desk):
    fields = {
        **fields_of(desk.get("/billing/plans/add/")),
        "name": "Complete",
        "description": "Everything.",
        "effective_on": "2026-04-01",
        "unit_price.computer": "30",
        "minimum.computer": "5",
        "included.computer": "1",
        "mode.server": "graduated",
        "bound.0.server": "10",
        "price.0.server": "90.00",
        "price.1.server": "80.00",
        "flat_fee": "49.50",
        "timing": "advance",
        "counting": "prorated",
        "late_policy": "catch_up",
    }

    answer = desk.client.post("/billing/plans/add/", fields)

    with acting(Scope.all()):
        plan = Plan.objects.get()
        version = PlanVersion.objects.get()
    assert answer["Location"] == f"/billing/plans/{plan.pk}/"
    assert (plan.name, plan.currency, plan.timing, plan.counting, plan.late_policy) == (
        "Complete",
        "EUR",
        "advance",
        "prorated",
        "catch_up",
    )
    assert version.prices == {
        "computer": {"unit_price": "30", "minimum": 5, "included": 1},
        "server": {"tiers": {"mode": "graduated", "steps": [[10, "90.00"], [None, "80.00"]]}},
    }
    assert version.flat_fee == Decimal("49.50")


def test_each_rule_is_explained_by_a_picture_in_words_too(desk):
    page = desk.get("/billing/plans/add/")
    said = text_of(page)
    for rule, answer in (
        ("Devices on the last day", "counts 2 of 4"),
        ("Devices on the first day", "counts 1 of 4"),
        ("Most devices on one day", "counts 3 of 4"),
        ("Every device seen", "counts 4 of 4"),
        ("By the day", "charges 67 device-days"),
    ):
        assert rule in said
        assert answer in said
    assert page.content.count(b'<svg class="q-chart q-month"') == 5
    assert "The rule looks at day 30. It counts 2 of 4: PC-1, PC-4." in said
    assert b"style=" not in page.content


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"currency": "EUX", "unit_price.computer": "30"}, "EUX"),
        ({}, "charge nothing: give a price for at least one class, or a flat fee."),
        ({"minimum.computer": "5"}, "Give the price that goes with it, 0 if it is free."),
        ({"price.0.computer": "5"}, "Say how the steps count, or empty them."),
        ({"mode.computer": "volume", "bound.0.computer": "5", "price.0.computer": "5"}, "last step"),
        ({"name": "Gold", "unit_price.computer": "30"}, "'Gold' is taken: choose another."),
    ],
)
def test_what_is_wrong_stands_in_the_form_and_nothing_is_added(desk, everything, wrong, message):
    a_plan("Gold")
    fields = {**fields_of(desk.get("/billing/plans/add/")), "name": "Silver", **wrong}

    answer = desk.client.post("/billing/plans/add/", fields)

    assert answer.status_code == 200
    assert message in text_of(answer)
    assert Plan.objects.count() == 1


def test_the_history_tells_what_each_version_changed(desk, everything):
    plan = a_plan(flat_fee="10.00")
    modify_plan(
        plan,
        effective_on=date(2026, 7, 1),
        prices={"computer": {"unit_price": "32.50"}, "mobile": {"unit_price": "5"}},
        flat_fee="10.00",
        note="Yearly",
        settled_until=None,
        by=BY,
        now=NOW,
    )

    said = text_of(desk.get(f"/billing/plans/{plan.pk}/"))

    assert "New prices count from 1 Jul 2026" in said
    assert "Computer: 30.00 → 32.50" in said
    assert "Mobile device: not charged → 5.00" in said
    assert "Server: 90.00 → not charged any more" in said
    assert "“Yearly”" in said
    assert "The plan began with: Computer: 30.00 Server: 90.00 Flat fee: 10.00" in said


def test_the_page_tells_who_did_what_to_the_plan(desk):
    fields = {**fields_of(desk.get("/billing/plans/add/")), "name": "Silver", "unit_price.computer": "30"}
    desk.client.post("/billing/plans/add/", fields)
    with acting(Scope.all()):
        plan = Plan.objects.get()
    desk.client.post(f"/billing/plans/{plan.pk}/archive/")

    said = text_of(desk.get(f"/billing/plans/{plan.pk}/"))

    assert "Clerk archived it 10 Apr 2026, 09:00 (UTC)" in said
    assert "Clerk added the plan (from 1 Apr 2026) 10 Apr 2026, 09:00 (UTC)" in said


def test_a_plan_is_renamed_and_two_people_do_not_undo_each_other(desk, everything):
    plan = a_plan()
    address = f"/billing/plans/{plan.pk}/change/"
    fields = fields_of(desk.get(address))

    assert desk.client.post(address, {**fields, "name": "Platinum"}).status_code == 302
    late = desk.client.post(address, {**fields, "name": "Copper"})

    assert "was changed by somebody else in the meantime" in text_of(late)
    assert Plan.objects.get().name == "Platinum"


def test_an_archived_plan_keeps_its_customers_and_comes_back(desk, everything):
    plan = a_plan()
    a_subscription(a_customer(), plan)
    said = text_of(desk.client.post(f"/billing/plans/{plan.pk}/archive/", follow=True))
    assert "Gold is offered no longer; the customers who have it keep it." in said
    assert "North Dental" in said
    assert "is archived since" in text_of(desk.client.post(f"/billing/plans/{plan.pk}/archive/", follow=True))
    desk.client.post(f"/billing/plans/{plan.pk}/restore/")
    assert Plan.objects.get().archived_on is None


def test_an_auditor_reads_and_changes_nothing(sign_in, time_machine):
    desk = at_desk(sign_in, time_machine, "auditor")
    with acting(Scope.all()):
        plan = a_plan()
    assert desk.get("/billing/").status_code == 200
    for address in ("/billing/", f"/billing/plans/{plan.pk}/"):
        assert "Gold" in text_of(desk.get(address))
        for act in (b"Add Service Plan", b"Associate Service Plan", b"dropdown-menu", b"Withdraw"):
            assert act not in desk.get(address).content, (address, act)
    for address in (*ADDRESSES[1:], f"/billing/plans/{plan.pk}/modify/", f"/billing/plans/{plan.pk}/change/"):
        assert desk.get(address).status_code == 403, address


def test_a_customer_admin_sees_the_plan_with_their_customers_only(sign_in, time_machine):
    at_desk(sign_in, time_machine)
    with acting(Scope.all()):
        plan = a_plan()
        north, south = a_customer("North Dental"), a_customer("South Law")
        for customer in (north, south):
            computers(customer, 2)
            a_subscription(customer, plan)
    client = sign_in("customer_admin", customers=[south.pk])

    said = text_of(client.get(f"/billing/plans/{plan.pk}/"))

    assert "South Law" in said
    assert "North Dental" not in said
    assert "Customers 1 Devices charged today 2 Monthly value, net EUR 60.00" in said
    with acting(Scope.all()):
        foreign = Subscription.objects.get(customer=north)
    assert client.get(f"/billing/subscriptions/{foreign.pk}/").status_code == 404
    assert client.get("/billing/subscriptions/999999/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_more_rows_need_no_more_queries(desk, everything, count):
    plans = [a_plan(f"Plan {n}") for n in range(count)]
    customers = [a_customer(f"Customer {n}") for n in range(count)]
    for customer in customers:
        computers(customer, 2)
        for plan in plans:
            a_subscription(customer, plan)
    for address, expected in (
        ("/billing/", 10),
        ("/billing/plans/add/", 7),
        (f"/billing/plans/{plans[0].pk}/", 12),
        (f"/billing/plans/{plans[0].pk}/modify/", 4),
        (f"/billing/plans/{plans[0].pk}/change/", 4),
    ):
        with counting_queries() as asked:
            assert desk.get(address).status_code == 200
        assert len(asked) == expected, (address, asked)
