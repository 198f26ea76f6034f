"""A subscription's page: terms, own prices, charges and discounts, the next bills, and another plan or cycle."""

from datetime import date
from decimal import Decimal

import pytest

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment, agree_terms
from quarterday.subscriptions.models import Adjustment, Subscription, SubscriptionTerms
from tests.bills.desk import bill_on
from tests.fleet import computers
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of


@pytest.fixture
def desk(sign_in, time_machine):
    desk = at_desk(sign_in, time_machine)
    with acting(Scope.all()):
        yield desk


@pytest.fixture
def gold(desk):
    """North Dental has Gold for three computers since the first of April."""
    customer = a_customer()
    computers(customer, 3)
    return a_subscription(customer, a_plan(), review_first_bill=False, po_number="PO 7", due_days=30)


def at(subscription, rest=""):
    return f"/billing/subscriptions/{subscription.pk}/{rest}"


def test_the_page_says_what_was_agreed(desk, gold):
    said = text_of(desk.get(at(gold)))
    assert "Billing cycle Monthly, in arrears Start date 1 Apr 2026 Europe/Berlin Due days 30" in said
    assert "Bills go to it@north.example PO number PO 7 First bill sent without review" in said
    assert "Devices charged today 3 Monthly value, net EUR 90.00" in said
    assert "Nothing: the plan's prices count." in said


def test_the_next_bills_are_a_page_and_a_part_of_one(desk, gold):
    said = text_of(desk.get(at(gold, "next/")))
    assert "1 May 2026 Europe/Berlin 1 Apr 2026 – 30 Apr 2026 3 EUR 90.00 EUR 107.10" in said
    part = desk.client.get(at(gold, "next/"), headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()


def test_due_days_and_addresses_count_from_the_next_bill(desk, gold):
    fields = fields_of(desk.get(at(gold, "change/")))
    assert (fields["due_days"], fields["emails"]) == ("30", "it@north.example")

    desk.client.post(at(gold, "change/"), {**fields, "due_days": "7", "emails": "a@x.example\nb@x.example"})

    gold.refresh_from_db()
    assert (gold.due_days, gold.emails) == (7, ["a@x.example", "b@x.example"])
    wrong = desk.client.post(at(gold, "change/"), {**fields, "seen": gold.revision, "emails": "nobody"})
    assert "'nobody' is not an e-mail address" in text_of(wrong)


def test_agreed_prices_show_their_effect_and_are_saved(desk, gold):
    fields = {**fields_of(desk.get(at(gold, "prices/"))), "unit_price.computer": "25", "effective_on": "2026-05-01"}

    shown, _ = desk.look_then_agree(at(gold, "prices/"), fields)

    assert "North Dental 1 Jun 2026 Europe/Berlin EUR 107.10 EUR 89.25 EUR −17.85" in text_of(shown)
    terms = SubscriptionTerms.objects.get()
    assert (terms.prices, terms.flat_fee, terms.effective_on) == (
        {"computer": {"unit_price": "25"}},
        None,
        date(2026, 5, 1),
    )
    assert "From 1 May 2026 to come Withdraw 1 May 2026 Computer: 25.00" in text_of(desk.get(at(gold)))


def test_an_uplift_raises_every_price(desk, gold):
    fields = {**fields_of(desk.get(at(gold, "uplift/"))), "percent": "3", "effective_on": "2026-05-01"}
    shown, _ = desk.look_then_agree(at(gold, "uplift/"), fields)
    assert "EUR 107.10 EUR 110.31 +EUR 3.21" in text_of(shown)
    assert SubscriptionTerms.objects.get().prices == {
        "computer": {"unit_price": "30.90"},
        "server": {"unit_price": "92.70"},
    }


def test_a_percentage_beyond_reason_is_refused_beside_its_field(desk, gold):
    fields = {**fields_of(desk.get(at(gold, "uplift/"))), "percent": "-100", "look": "yes"}
    page = desk.client.post(at(gold, "uplift/"), fields)
    assert "is out of bounds: give more than -100 and at most 100, and not 0." in text_of(page)
    assert b'id="id_percent_error"' in page.content


def test_agreed_prices_are_withdrawn_after_a_look(desk, gold):
    terms = agree_terms(
        gold,
        effective_on=date(2026, 5, 1),
        settled_until=None,
        prices={"computer": {"unit_price": "25"}},
        by=BY,
        now=NOW,
    )
    shown, _ = desk.look_then_agree(at(gold, f"prices/{terms.pk}/withdraw/"), {})
    assert "EUR 89.25 EUR 107.10 +EUR 17.85" in text_of(shown)
    terms.refresh_from_db()
    assert terms.withdrawn_at == NOW


@pytest.mark.parametrize(
    ("entered", "stored", "total"),
    [
        ({"kind": "charge", "value": "50"}, {"amount": Decimal(50), "times": 1}, "EUR 166.60"),
        ({"kind": "discount", "value": "50"}, {"amount": Decimal(-50), "times": 1}, "EUR 47.60"),
        (
            {"kind": "discount_percent", "value": "10", "how_often": "times", "times": "12"},
            {"percent": Decimal(-10), "times": 12},
            "EUR 96.39",
        ),
        (
            {"kind": "charge_price", "value": "12.50", "quantity": "2", "how_often": "until", "until": "2026-12-31"},
            {"unit_price": Decimal("12.5"), "quantity": Decimal(2), "times": None, "until": date(2027, 1, 1)},
            "EUR 136.85",
        ),
    ],
)
def test_a_charge_or_discount_shows_its_effect_and_waits_for_the_next_bill(desk, gold, entered, stored, total):
    fields = {**fields_of(desk.get(at(gold, "charges/add/"))), "text": "Agreed", **entered}

    shown, saved = desk.look_then_agree(at(gold, "charges/add/"), fields)

    assert f"North Dental 1 May 2026 Europe/Berlin EUR 107.10 {total}" in text_of(shown)
    assert saved["Location"] == at(gold)
    adjustment = Adjustment.objects.get()
    assert {name: getattr(adjustment, name) for name in stored} == stored
    assert adjustment.subscription_id == gold.pk
    assert "“Agreed” waits for the next bill." in text_of(desk.get(at(gold)))


def test_how_long_is_asked_where_it_is_missing(desk, gold):
    fields = {**fields_of(desk.get(at(gold, "charges/add/"))), "text": "Agreed", "value": "5", "how_often": "times"}
    assert "Say how long." in text_of(desk.client.post(at(gold, "charges/add/"), {**fields, "look": "yes"}))


def test_a_discount_goes_on_no_further_bill(desk, gold):
    discount = add_adjustment(
        gold.customer, text="Loyalty", starts_on=date(2026, 4, 1), percent=Decimal(-10), times=None, subscription=gold,
        by=BY, now=NOW,
    )  # fmt: skip
    assert "Loyalty Gold 1 Apr 2026 until it is cancelled −10 %" in text_of(desk.get(at(gold)))

    shown, _ = desk.look_then_agree(at(gold, f"charges/{discount.pk}/cancel/"), {})

    assert "EUR 96.39 EUR 107.10 +EUR 10.71" in text_of(shown)
    discount.refresh_from_db()
    assert discount.cancelled_at == NOW


def test_another_cycle_ends_the_one_and_starts_the_other(desk, gold):
    fields = {**fields_of(desk.get(at(gold, "restart/"))), "on": "2026-04-16", "cycle": "3 month"}

    shown, saved = desk.look_then_agree(at(gold, "restart/"), fields)

    said = text_of(shown)
    # Fifteen days of April for three computers, then a quarter from 16 April.
    assert "16 Apr 2026 Europe/Berlin no bill EUR 53.55" in said
    assert "16 Jul 2026 Europe/Berlin no bill EUR 107.10" in said
    started = Subscription.objects.get(continues=gold)
    assert saved["Location"] == at(started)
    assert (started.cycle_every, started.starts_on, started.po_number) == (3, date(2026, 4, 16), "PO 7")
    gold.refresh_from_db()
    assert gold.ends_on == date(2026, 4, 16)


def test_a_restart_on_its_first_day_is_refused_in_words(desk, gold):
    fields = {**fields_of(desk.get(at(gold, "restart/"))), "on": "2026-04-01", "look": "yes"}
    said = text_of(desk.client.post(at(gold, "restart/"), fields))
    assert "starts on 2026-04-01: restart it on a later day." in said


def test_billed_days_keep_their_agreed_prices(desk, gold):
    bill_on(date(2026, 5, 1))
    fields = fields_of(desk.get(at(gold, "prices/")))
    assert fields["effective_on"] == "2026-05-01"
    early = {**fields, "unit_price.computer": "25", "effective_on": "2026-04-15", "look": "yes"}
    assert "2026-04-15 is billed already: choose 2026-05-01 or later." in text_of(
        desk.client.post(at(gold, "prices/"), early)
    )


def test_an_auditor_reads_the_page_and_changes_nothing(desk, gold, sign_in):
    client = sign_in("auditor")
    page = client.get(at(gold))
    assert page.status_code == 200
    assert b"Actions" not in page.content
    for rest in ("change/", "prices/", "uplift/", "charges/add/", "restart/"):
        assert client.get(at(gold, rest)).status_code == 403, rest


@pytest.mark.parametrize("count", [1, 3])
def test_more_terms_and_charges_need_no_more_queries(desk, gold, count):
    for number in range(count):
        agree_terms(
            gold, effective_on=date(2026, 5 + number, 1), settled_until=None,
            prices={"computer": {"unit_price": "25"}}, by=BY, now=NOW,
        )  # fmt: skip
        add_adjustment(gold.customer, text="Charge", starts_on=date(2026, 4, 1), amount=Decimal(1), by=BY, now=NOW)
    for rest, expected in (
        ("", 11),
        ("change/", 4),
        ("prices/", 4),
        ("uplift/", 4),
        ("charges/add/", 5),
        ("restart/", 4),
    ):
        with counting_queries() as asked:
            assert desk.get(at(gold, rest)).status_code == 200
        assert len(asked) == expected, (rest, asked)


@pytest.mark.parametrize("count", [1, 3])
def test_the_effect_beside_more_terms_and_charges_needs_no_more_queries(desk, gold, count):
    for number in range(count):
        agree_terms(
            gold, effective_on=date(2026, 6 + number, 1), settled_until=None,
            prices={"computer": {"unit_price": "25"}}, by=BY, now=NOW,
        )  # fmt: skip
        add_adjustment(gold.customer, text="Charge", starts_on=date(2026, 4, 1), amount=Decimal(1), by=BY, now=NOW)
    for rest, told, expected in (
        ("prices/", {"effective_on": "2026-05-01", "unit_price.computer": "25"}, 12),
        ("uplift/", {"effective_on": "2026-05-01", "percent": "3"}, 12),
        ("restart/", {}, 13),  # of which five are written, and taken back
    ):
        fields = fields_of(desk.get(at(gold, rest)))
        with counting_queries() as asked:
            shown = desk.client.post(at(gold, rest), {**fields, **told, "look": "yes"})
        assert "shown" in fields_of(shown), rest
        assert len(asked) == expected, (rest, asked)
