"""Ending, restarting, agreeing prices, and the small changes that count from the next bill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from quarterday.engine.facts import ClassPrice, FlatFee
from quarterday.engine.periods import Cycle
from quarterday.plans.actions import draft_version
from quarterday.plans.queries import terms_of_plans
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import (
    ChangedMeanwhile,
    add_adjustment,
    agree_terms,
    archive_customer,
    change_customer_currency,
    change_subscription,
    disassociate,
    restart,
    undo_disassociation,
    uplift,
    withdraw_terms,
)
from quarterday.subscriptions.models import Subscription
from quarterday.subscriptions.queries import (
    adjustment_list,
    customers_served,
    effects_of_version,
    find_subscription,
    get_adjustment,
    get_subscription,
    heirs,
    own_terms_for,
    own_terms_list,
    plan_overview,
    subscription_list,
    subscriptions_for,
    subscriptions_of_plan,
)
from quarterday.subscriptions.schedule import periods_of
from quarterday.subscriptions.terms import in_force
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


@pytest.mark.parametrize("day", [date(2026, 4, 3), date(2026, 4, 10), date(2026, 9, 30)])
def test_service_ends_after_its_last_day_past_today_or_to_come(day: date) -> None:
    subscription = a_subscription(a_customer(), a_plan())

    (ended,) = disassociate([subscription], last_day=day, final_period="full", by=BY, now=NOW)

    kept = get_subscription(subscription.pk)
    assert (kept.ends_on, kept.final_period, kept.ended_at) == (day + timedelta(days=1), "full", NOW)
    assert ended.ends_on == kept.ends_on
    assert AuditEntry.objects.get(verb="disassociated").details == {"last_day": str(day), "final_period": "full"}


def test_many_customers_are_disassociated_all_or_none() -> None:
    plan = a_plan()
    first, second = (a_subscription(a_customer(name), plan) for name in ("North", "South"))
    disassociate([first], last_day=date(2026, 4, 20), by=BY, now=NOW)

    with pytest.raises(Refused, match="customer C-0001, Gold: has ended on 2026-04-21 already"):
        disassociate([first, second], last_day=date(2026, 4, 20), by=BY, now=NOW)

    assert subscriptions_of_plan(plan) == [second]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ({"last_day": date(2026, 3, 30)}, "starts on 2026-04-01: a last day before it"),
        ({"last_day": date(2026, 4, 20), "final_period": "half"}, "final_period: 'half' is not one of prorated, full"),
        ({"last_day": date(9999, 12, 31)}, "last_day: 9999-12-31 is out of bounds"),
    ],
)
def test_an_impossible_end_is_refused_in_words(act: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        disassociate([a_subscription(a_customer(), a_plan())], by=BY, now=NOW, **act)


def test_an_end_is_taken_back_while_nothing_was_billed_for_it() -> None:
    customer, plan = a_customer(), a_plan()
    subscription = a_subscription(customer, plan)
    with pytest.raises(Refused, match="has not ended"):
        undo_disassociation(subscription, is_billed=False, by=BY, now=NOW)
    (ended,) = disassociate([subscription], last_day=date(2026, 4, 20), final_period="full", by=BY, now=NOW)

    with pytest.raises(Refused, match="the end on 2026-04-21 is billed already"):
        undo_disassociation(ended, is_billed=True, by=BY, now=NOW)
    undo_disassociation(ended, is_billed=False, by=BY, now=NOW)

    kept = get_subscription(subscription.pk)
    assert (kept.ends_on, kept.ended_at, kept.final_period) == (None, None, "prorated")


def test_an_end_stays_when_the_plan_was_associated_anew() -> None:
    customer, plan = a_customer(), a_plan()
    (ended,) = disassociate([a_subscription(customer, plan)], last_day=date(2026, 4, 20), by=BY, now=NOW)
    a_subscription(customer, plan, starts_on=MAY)

    with pytest.raises(Refused, match="associated anew since"):
        undo_disassociation(ended, is_billed=False, by=BY, now=NOW)


def test_a_restart_ends_and_starts_in_one_act_and_keeps_what_was_agreed() -> None:
    subscription = a_subscription(a_customer(), a_plan(), due_days=30, po_number="PO-7", emails=None)
    agree(subscription, APRIL, {"computer": {"unit_price": "25.00"}})
    agree(subscription, MAY, {"server": {"unit_price": "80.00"}})
    agree(subscription, date(2026, 8, 1), {"computer": {"unit_price": "26.00"}})

    started = restart(subscription, on=JUNE, cycle=Cycle(3, "month"), by=BY, now=NOW)

    before = get_subscription(subscription.pk)
    assert (before.ends_on, before.final_period) == (JUNE, "prorated")
    assert (started.starts_on, started.billed_from, started.continues_id) == (JUNE, JUNE, before.pk)
    assert (started.cycle_every, started.due_days, started.po_number) == (3, 30, "PO-7")
    assert started.review_first_bill is False
    assert [(terms.effective_on, set(terms.prices)) for terms in own_terms_list(started)] == [
        (JUNE, {"computer", "server"}),
        (date(2026, 8, 1), {"computer"}),
    ]


def test_a_restart_under_another_plan_agrees_prices_anew() -> None:
    subscription = a_subscription(a_customer(), a_plan())
    agree(subscription, APRIL, {"computer": {"unit_price": "25.00"}})

    started = restart(subscription, on=MAY, plan=a_plan("Silver"), billing_day=15, by=BY, now=NOW)

    assert (started.plan.name, started.billing_day) == ("Silver", 15)
    assert not own_terms_list(started)


def test_a_refused_restart_leaves_all_as_it_was() -> None:
    subscription = a_subscription(a_customer(), a_plan())

    with pytest.raises(Refused, match="is billed in EUR, and Dollars charges USD"), acting(Scope.all()):
        restart(subscription, on=MAY, plan=a_plan("Dollars", currency="USD"), by=BY, now=NOW)
    with pytest.raises(Refused, match="restart it on a later day"):
        restart(subscription, on=APRIL, by=BY, now=NOW)

    assert get_subscription(subscription.pk).ends_on is None
    assert Subscription.objects.count() == 1


def test_what_was_agreed_goes_on_for_the_heir() -> None:
    customer = a_customer()
    first = a_subscription(customer, a_plan())
    second = restart(first, on=MAY, by=BY, now=NOW)
    third = restart(second, on=JUNE, by=BY, now=NOW)
    other = a_subscription(customer, a_plan("Backup"))

    known = subscriptions_for([customer.pk])[customer.pk]

    assert heirs({each.pk: each.continues_id for each in known}) == {
        first.pk: third.pk,
        second.pk: third.pk,
        third.pk: third.pk,
        other.pk: other.pk,
    }


def agree(subscription: Subscription, on: date, prices: dict[str, Any], **options: Any) -> Any:
    return agree_terms(
        subscription, effective_on=on, prices=prices, **{"settled_until": None, "by": BY, "now": NOW, **options}
    )


def test_agreed_prices_replace_the_plans_and_keep_its_tax_codes() -> None:
    from quarterday.provider.actions import add_tax_code

    add_tax_code(code="reduced", name="Reduced", by=BY, now=NOW)
    # `associate` looks for a rule of every code that the plan uses.
    from quarterday.provider.actions import add_tax_rule
    from quarterday.provider.models import TaxCode

    add_tax_rule(TaxCode.objects.get(code="reduced"), category="S", rate=Decimal(7), country="DE", by=BY, now=NOW)
    plan = a_plan(
        prices={"computer": {"unit_price": "30", "tax_code": "reduced"}, "mobile": {"unit_price": "5"}},
        flat_fee="10",
        flat_fee_tax_code="reduced",
    )
    subscription = a_subscription(a_customer(), plan)

    agree(subscription, MAY, {"computer": {"unit_price": "25"}}, flat_fee="8")

    prices, fee = in_force(terms_of_plans([plan.pk])[plan.pk], own_terms_for([subscription.pk])[subscription.pk], MAY)
    assert prices == {
        "computer": ClassPrice(unit_price=Decimal(25), tax_code="reduced"),
        "mobile": ClassPrice(unit_price=Decimal(5), tax_code="standard"),
    }
    assert fee == FlatFee(Decimal(8), "reduced")


@pytest.mark.parametrize(
    ("on", "options", "words"),
    [
        (date(2026, 3, 31), {}, "starts on 2026-04-01: agree prices from then on"),
        (date(2026, 4, 30), {"settled_until": MAY}, "2026-04-30 is billed already: choose 2026-05-01 or later"),
        (JUNE, {}, "has prices agreed from 2026-06-01"),
        (date(2026, 12, 1), {}, "ends on 2026-12-01: agree prices before it"),
        (MAY, {"applies": "later"}, "applies: 'later' is not one of"),
    ],
)
def test_days_on_which_no_price_can_be_agreed(on: date, options: dict[str, Any], words: str) -> None:
    subscription = a_subscription(a_customer(), a_plan())
    agree(subscription, JUNE, {"computer": {"unit_price": "20"}})
    disassociate([subscription], last_day=date(2026, 11, 30), by=BY, now=NOW)

    with pytest.raises(Refused, match=words):
        agree(get_subscription(subscription.pk), on, {"computer": {"unit_price": "25"}}, **options)


def test_agreeing_nothing_is_refused_and_agreed_prices_can_be_taken_back() -> None:
    subscription = a_subscription(a_customer(), a_plan())
    with pytest.raises(Refused, match="prices: are missing"):
        agree(subscription, MAY, {})
    terms = agree(subscription, MAY, {"computer": {"unit_price": "25"}})

    with pytest.raises(Refused, match="is on a bill already"):
        withdraw_terms(terms, is_used=True, by=BY, now=NOW)
    withdraw_terms(terms, is_used=False, by=BY, now=NOW)
    with pytest.raises(Refused, match="withdrawn before"):
        withdraw_terms(terms, is_used=False, by=BY, now=NOW)

    assert own_terms_for([subscription.pk]) == {}


def test_a_yearly_uplift_writes_own_prices_of_every_customer() -> None:
    plan = a_plan(
        flat_fee="49.90",
        prices={
            "computer": {"unit_price": "30.00", "minimum": 2},
            "mobile": {"unit_price": "0.125"},
            "server": {"tiers": {"mode": "volume", "steps": [[10, "90.00"], [None, "79.99"]]}},
        },
    )
    north, south = (a_subscription(a_customer(name), plan) for name in ("North", "South"))
    agree(south, APRIL, {"computer": {"unit_price": "20.00"}})

    uplift(
        [north, south],
        percent=Decimal("3.5"),
        effective_on=date(2027, 1, 1),
        settled_until={},
        applies="next_period",
        by=BY,
        now=NOW,
    )

    of_north = own_terms_list(north).get(effective_on=date(2027, 1, 1))
    of_south = own_terms_list(south).get(effective_on=date(2027, 1, 1))
    assert of_north.prices == {
        "computer": {"unit_price": "31.05", "minimum": 2},
        "mobile": {"unit_price": "0.129"},
        # 79.99 x 1.035 is 82.78965.
        "server": {"tiers": {"mode": "volume", "steps": [[10, "93.15"], [None, "82.79"]]}},
    }
    assert (of_north.flat_fee, of_north.applies, of_north.note) == (Decimal("51.65"), "next_period", "+3.5 %")
    assert of_south.prices["computer"] == {"unit_price": "20.70"}


def test_an_uplift_keeps_the_currencys_digits() -> None:
    subscription = a_subscription(
        a_customer("Kyoto", currency="JPY"), a_plan(currency="JPY", prices={"computer": {"unit_price": "3050"}})
    )

    uplift([subscription], percent=Decimal(3), effective_on=MAY, settled_until={}, by=BY, now=NOW)

    # 3141.5 rounds half up.
    assert own_terms_list(subscription).get().prices == {"computer": {"unit_price": "3142"}}


@pytest.mark.parametrize("percent", ["0", "-100", "101"])
def test_an_absurd_uplift_is_refused(percent: str) -> None:
    subscription = a_subscription(a_customer(), a_plan())

    with pytest.raises(Refused, match="percent: "):
        uplift([subscription], percent=Decimal(percent), effective_on=MAY, settled_until={}, by=BY, now=NOW)


def test_due_days_and_addresses_change_from_the_next_bill() -> None:
    subscription = a_subscription(a_customer(), a_plan())

    change_subscription(subscription, due_days=7, emails="a@b.example", po_number="4711", by=BY, now=NOW)

    kept = get_subscription(subscription.pk)
    assert (kept.due_days, kept.emails, kept.po_number) == (7, ["a@b.example"], "4711")
    with pytest.raises(Refused, match="emails: are missing"):
        change_subscription(kept, emails="", by=BY, now=NOW)
    with pytest.raises(Refused, match="cycle_every: cannot be set here"):
        change_subscription(kept, cycle_every=2, by=BY, now=NOW)


def test_the_second_of_two_editors_is_told() -> None:
    subscription = a_subscription(a_customer(), a_plan())
    stale = get_subscription(subscription.pk)
    change_subscription(subscription, due_days=7, by=BY, now=NOW)

    with pytest.raises(ChangedMeanwhile):
        change_subscription(stale, due_days=21, by=BY, now=NOW)


def test_a_customer_is_archived_when_no_plan_serves_it() -> None:
    customer = a_customer()
    subscription = a_subscription(customer, a_plan())

    with pytest.raises(Refused, match="still has a plan on 2026-04-30: disassociate it first"):
        archive_customer(customer, on=date(2026, 4, 30), by=BY, now=NOW)
    disassociate([subscription], last_day=date(2026, 4, 29), by=BY, now=NOW)
    archive_customer(customer, on=date(2026, 4, 30), by=BY, now=NOW)

    customer.refresh_from_db()
    assert customer.archived_on == date(2026, 4, 30)


def test_a_currency_changes_while_nothing_is_agreed_in_it() -> None:
    customer = a_customer()
    change_customer_currency(customer, currency="usd", by=BY, now=NOW)
    customer.refresh_from_db()
    assert customer.currency == "USD"

    a_subscription(customer, a_plan(currency="USD"))
    with pytest.raises(Refused, match="agreed in USD"):
        change_customer_currency(customer, currency="EUR", by=BY, now=NOW)


def test_the_effect_of_a_version_is_shown_before_it_is_saved() -> None:
    plan = a_plan()
    monthly = a_subscription(a_customer("Monthly"), plan)
    quarterly = a_subscription(a_customer("Quarterly"), plan, cycle=Cycle(3, "month"))
    ending = a_subscription(a_customer("Ending"), plan)
    disassociate([ending], last_day=date(2026, 5, 14), by=BY, now=NOW)

    def effects(applies: str) -> list[tuple[int, str, str]]:
        version = draft_version(
            plan, effective_on=date(2026, 5, 15), applies=applies, prices={"computer": {"unit_price": "31"}}, now=NOW
        )
        return [
            (effect.subscription.pk, str(effect.from_day), str(effect.billing_on))
            for effect in effects_of_version(version)
        ]

    assert effects("on_day") == [
        (monthly.pk, "2026-05-15", "2026-06-01"),
        (quarterly.pk, "2026-05-15", "2026-07-01"),
    ]
    assert effects("next_period") == [
        (monthly.pk, "2026-06-01", "2026-07-01"),
        (quarterly.pk, "2026-07-01", "2026-10-01"),
    ]
    assert len(terms_of_plans([plan.pk])[plan.pk]) == 1, "showing it saves nothing"


def test_the_plans_are_listed_with_their_terms_and_customers(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    gold, silver = a_plan("Gold"), a_plan("Silver", effective_on=MAY)
    a_subscription(a_customer("North"), gold)
    a_subscription(a_customer("South"), gold)

    with django_assert_num_queries(3):
        overview = plan_overview(today=date(2026, 4, 10))

    assert [(each.plan, each.customer_count, len(each.upcoming)) for each in overview] == [(gold, 2, 0), (silver, 0, 1)]
    assert overview[1].version is None


def test_a_scope_sees_only_its_customers_in_every_query() -> None:
    plan = a_plan()
    mine, theirs = a_customer("Mine"), a_customer("Theirs")
    my_sub, their_sub = a_subscription(mine, plan), a_subscription(theirs, plan)
    for customer, subscription in ((mine, my_sub), (theirs, their_sub)):
        agree(subscription, MAY, {"computer": {"unit_price": "25"}})
        add_adjustment(customer, text="Setup", amount=Decimal(10), starts_on=APRIL, by=BY, now=NOW)
    foreign_adjustment = adjustment_list(customer_id=theirs.pk).get()
    both = [mine.pk, theirs.pk]

    with acting(Scope.of(mine.pk)):
        assert list(subscription_list()) == [my_sub]
        assert list(subscription_list(customer_id=theirs.pk)) == []
        assert subscriptions_of_plan(plan) == [my_sub]
        assert subscriptions_for(both) == {mine.pk: [my_sub]}
        assert find_subscription(their_sub.pk) is None
        assert set(own_terms_for([my_sub.pk, their_sub.pk])) == {my_sub.pk}
        assert not own_terms_list(their_sub)
        assert [each.customer_id for each in adjustment_list()] == [mine.pk]
        assert customers_served(on=APRIL) == {mine.pk}
        assert [summary.customer_count for summary in plan_overview(today=APRIL)] == [1]
        version = draft_version(plan, effective_on=MAY, prices={"computer": {"unit_price": "1"}}, now=NOW)
        assert [effect.subscription for effect in effects_of_version(version)] == [my_sub]
        with pytest.raises(NotFound) as foreign:
            get_subscription(their_sub.pk)
        with pytest.raises(NotFound) as missing:
            get_subscription(10**9)
        with pytest.raises(NotFound):
            get_adjustment(foreign_adjustment.pk)
    assert str(foreign.value).replace(str(their_sub.pk), str(10**9)) == str(missing.value)


def test_the_periods_of_a_row_are_the_engines() -> None:
    subscription = a_subscription(
        a_customer(),
        a_plan(effective_on=date(2020, 1, 1)),
        starts_on=date(2026, 1, 31),
        billed_from=date(2026, 2, 10),
    )

    assert [(str(p.served.start), str(p.served.end)) for p in periods_of(subscription, until=APRIL)] == [
        ("2026-02-10", "2026-02-28"),
        ("2026-02-28", "2026-03-31"),
        ("2026-03-31", "2026-04-30"),
    ]
