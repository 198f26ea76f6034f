"""Modify: the effect on every open bill first, and only what was shown is saved; an unused version is withdrawn."""

from datetime import date

import pytest

from quarterday.plans.actions import modify_plan
from quarterday.plans.models import PlanVersion
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on
from tests.fleet import computers
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of


@pytest.fixture
def desk(sign_in, time_machine):
    return at_desk(sign_in, time_machine)


@pytest.fixture
def gold(desk):
    """North Dental has Gold for three computers since the first of April."""
    with acting(Scope.all()):
        plan, customer = a_plan(), a_customer()
        computers(customer, 3)
        a_subscription(customer, plan, review_first_bill=False)
        yield plan


def dearer(desk, plan, **changes):
    """The form as it stands, with computers at 40.00."""
    return {**fields_of(desk.get(f"/billing/plans/{plan.pk}/modify/")), "unit_price.computer": "40.00", **changes}


def test_the_effect_on_every_open_bill_is_shown_and_nothing_is_saved(desk, gold):
    shown = desk.client.post(
        f"/billing/plans/{gold.pk}/modify/", {**dearer(desk, gold, effective_on="2026-04-16"), "look": "yes"}
    )

    said = text_of(shown)
    # Fifteen days at 30.00 and fifteen at 40.00 for three computers, then 40.00; with 19 % tax.
    assert "North Dental 1 May 2026 Europe/Berlin EUR 107.10 EUR 124.95 +EUR 17.85" in said
    assert "North Dental 1 Jun 2026 Europe/Berlin EUR 107.10 EUR 142.80 +EUR 35.70" in said
    assert "In all +EUR 53.55" in said
    assert PlanVersion.objects.count() == 1


def test_what_was_shown_is_saved(desk, gold):
    fields = dearer(desk, gold, effective_on="2026-04-16", note="Yearly")

    _, saved = desk.look_then_agree(f"/billing/plans/{gold.pk}/modify/", fields)

    assert saved["Location"] == f"/billing/plans/{gold.pk}/"
    version = PlanVersion.objects.get(effective_on=date(2026, 4, 16))
    assert (version.prices["computer"], version.note) == ({"unit_price": "40.00"}, "Yearly")


def test_from_the_next_period_on_the_open_period_keeps_its_price(desk, gold):
    fields = dearer(desk, gold, effective_on="2026-04-16", applies="next_period")

    said = text_of(desk.client.post(f"/billing/plans/{gold.pk}/modify/", {**fields, "look": "yes"}))

    assert "1 May 2026" not in said
    assert "North Dental 1 Jun 2026 Europe/Berlin EUR 107.10 EUR 142.80 +EUR 35.70" in said


def test_what_was_not_shown_is_not_saved(desk, gold):
    address = f"/billing/plans/{gold.pk}/modify/"
    shown = desk.client.post(address, {**dearer(desk, gold), "look": "yes"})
    fields = {**dearer(desk, gold, **{"unit_price.computer": "400.00"}), "shown": fields_of(shown)["shown"]}

    answer = desk.client.post(address, {**fields, "agree": "yes"})

    assert "You changed something after looking. This is what it does now." in text_of(answer)
    assert desk.client.post(address, {**dearer(desk, gold), "agree": "yes"}).status_code == 200
    assert PlanVersion.objects.count() == 1


def test_days_that_are_billed_keep_their_prices(desk, gold):
    bill_on(date(2026, 5, 1))
    fields = dearer(desk, gold, effective_on="2026-04-16")

    said = text_of(desk.client.post(f"/billing/plans/{gold.pk}/modify/", {**fields, "look": "yes"}))

    assert "2026-04-16 is billed already: choose 2026-05-01 or later" in said


def test_a_colleague_who_was_quicker_is_not_overwritten(desk, gold):
    fields = dearer(desk, gold, effective_on="2026-05-01")
    modify_plan(
        gold,
        effective_on=date(2026, 6, 1),
        prices={"computer": {"unit_price": "31.00"}},
        settled_until=None,
        by=BY,
        now=NOW,
    )
    answer = desk.client.post(f"/billing/plans/{gold.pk}/modify/", {**fields, "look": "yes"})
    assert "was changed by somebody else in the meantime" in text_of(answer)


def test_a_price_list_with_many_steps_keeps_them_all(desk, gold):
    steps = [[bound, f"{100 - bound}.00"] for bound in range(1, 7)] + [[None, "50.00"]]
    modify_plan(
        gold,
        effective_on=date(2026, 6, 1),
        prices={"computer": {"tiers": {"mode": "graduated", "steps": steps}}},
        settled_until=None,
        by=BY,
        now=NOW,
    )
    address = f"/billing/plans/{gold.pk}/modify/"
    fields = {**fields_of(desk.get(address)), "effective_on": "2026-07-01", "flat_fee": "5"}

    desk.look_then_agree(address, fields)

    newest = PlanVersion.objects.latest("effective_on")
    assert newest.prices["computer"]["tiers"]["steps"] == steps
    assert newest.flat_fee == 5


def test_a_version_is_withdrawn_after_its_effect_was_shown(desk, gold):
    version = modify_plan(
        gold,
        effective_on=date(2026, 5, 1),
        prices={"computer": {"unit_price": "40.00"}},
        settled_until=None,
        by=BY,
        now=NOW,
    )
    address = f"/billing/plans/{gold.pk}/versions/{version.pk}/withdraw/"
    assert "Show the effect" in text_of(desk.get(address))

    shown, done = desk.look_then_agree(address, {})

    assert "North Dental 1 Jun 2026 Europe/Berlin EUR 142.80 EUR 107.10 EUR −35.70" in text_of(shown)
    assert done.status_code == 302
    version.refresh_from_db()
    assert version.withdrawn_at == NOW


def test_a_version_that_a_bill_used_stays(desk, gold):
    version = modify_plan(
        gold,
        effective_on=date(2026, 4, 16),
        prices={"computer": {"unit_price": "40.00"}},
        settled_until=None,
        by=BY,
        now=NOW,
    )
    bill_on(date(2026, 5, 1))
    answer = desk.client.post(f"/billing/plans/{gold.pk}/versions/{version.pk}/withdraw/", {"look": "yes"})
    assert "is on a bill already: add a version that replaces it." in text_of(answer)


@pytest.mark.parametrize("count", [1, 3])
def test_the_effect_on_more_customers_needs_no_more_queries(desk, gold, count):
    for number in range(1, count):
        customer = a_customer(f"Customer {number}")
        computers(customer, 2)
        a_subscription(customer, gold)
    fields = dearer(desk, gold)
    with counting_queries() as asked:
        desk.client.post(f"/billing/plans/{gold.pk}/modify/", {**fields, "look": "yes"})
    assert len(asked) == 12, asked
