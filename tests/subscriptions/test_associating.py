"""Associating a plan with many customers: all or none, with the first bills shown before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from quarterday.engine.facts import ClassPrice, FlatFee
from quarterday.engine.periods import Cycle
from quarterday.outbox.models import MailServer
from quarterday.plans.actions import archive_plan
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import archive_customer, associate, disassociate, propose
from quarterday.subscriptions.models import Subscription
from quarterday.subscriptions.queries import own_terms_for
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

APRIL = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


def bills_of(**arrangement: Any) -> list[tuple[str, str, str, str]]:
    """(served from, served to, billed on, due on) of the first bills that are proposed."""
    plan = a_plan(timing=arrangement.pop("timing", "arrears"), effective_on=date(2020, 1, 1))
    (proposal,) = propose(plan, [a_customer()], **{"starts_on": APRIL, "now": NOW, **arrangement})
    return [
        (str(bill.period.served.start), str(bill.period.served.end), str(bill.billing_on), str(bill.due_on))
        for bill in proposal.bills
    ]


def test_the_first_two_bills_are_shown() -> None:
    assert bills_of() == [
        ("2026-04-01", "2026-05-01", "2026-05-01", "2026-05-15"),
        ("2026-05-01", "2026-06-01", "2026-06-01", "2026-06-15"),
    ]


def test_a_start_on_the_31st_is_clamped_and_never_drifts() -> None:
    assert bills_of(starts_on=date(2026, 3, 31), now=datetime(2026, 3, 31, 12, tzinfo=UTC), due_days=0) == [
        ("2026-03-31", "2026-04-30", "2026-04-30", "2026-04-30"),
        ("2026-04-30", "2026-05-31", "2026-05-31", "2026-05-31"),
    ]


def test_a_billing_day_gives_a_stub_first() -> None:
    assert bills_of(starts_on=date(2026, 4, 10), billing_day=1) == [
        ("2026-04-10", "2026-05-01", "2026-05-01", "2026-05-15"),
        ("2026-05-01", "2026-06-01", "2026-06-01", "2026-06-15"),
    ]


def test_in_advance_with_an_offset_is_due_before_the_period() -> None:
    assert bills_of(timing="advance", starts_on=date(2026, 5, 1), offset_days=-14) == [
        ("2026-05-01", "2026-06-01", "2026-04-17", "2026-05-01"),
        ("2026-06-01", "2026-07-01", "2026-05-18", "2026-06-01"),
    ]


def test_what_is_due_already_is_issued_today() -> None:
    assert bills_of(timing="advance")[0] == ("2026-04-01", "2026-05-01", "2026-04-01", "2026-04-24")


@pytest.mark.parametrize(
    ("starts_on", "cycle", "billing_day", "billed_from"),
    [
        (date(2024, 1, 31), Cycle(1, "month"), None, date(2026, 3, 31)),
        (date(2024, 1, 15), Cycle(3, "month"), None, date(2026, 1, 15)),
        (date(2024, 1, 15), Cycle(1, "month"), 1, date(2026, 4, 1)),
        (date(2026, 4, 9), Cycle(1, "month"), 1, date(2026, 4, 9)),
        (date(2024, 6, 1), Cycle(1, "year"), None, date(2025, 6, 1)),
        (date(2026, 4, 6), Cycle(1, "week"), None, date(2026, 4, 6)),
        (date(2026, 7, 1), Cycle(1, "month"), None, date(2026, 7, 1)),
    ],
)
def test_a_start_in_the_past_does_not_bill_what_was_invoiced_elsewhere(
    starts_on: date, cycle: Cycle, billing_day: int | None, billed_from: date
) -> None:
    subscription = a_subscription(
        a_customer(),
        a_plan(effective_on=date(2020, 1, 1)),
        starts_on=starts_on,
        cycle=cycle,
        billing_day=billing_day,
    )

    assert subscription.billed_from == billed_from


def test_today_is_the_customers_own() -> None:
    # 30 April 23:00 UTC is 1 May in Tokyo.
    now = datetime(2026, 4, 30, 23, tzinfo=UTC)
    customers = [a_customer("Tokyo", time_zone="Asia/Tokyo"), a_customer("Lisbon", time_zone="Europe/Lisbon")]

    tokyo, lisbon = associate(a_plan(), customers, starts_on=date(2026, 1, 1), by=BY, now=now)

    assert (tokyo.billed_from, lisbon.billed_from) == (date(2026, 5, 1), date(2026, 5, 1))
    earlier = datetime(2026, 4, 30, 21, tzinfo=UTC)
    (proposal,) = propose(a_plan("Silver"), customers[1:], starts_on=date(2026, 1, 1), now=earlier)
    assert proposal.subscription.billed_from == date(2026, 4, 1)


def test_many_customers_get_the_plan_in_one_act() -> None:
    customers = [a_customer(f"Customer {n}") for n in range(3)]
    plan = a_plan()

    made = associate(
        plan,
        customers,
        starts_on=APRIL,
        emails={customers[1].pk: ["books@two.example", "boss@two.example"]},
        po_number="PO-7",
        bill_separately=True,
        review_first_bill=False,
        due_days=30,
        by=BY,
        now=NOW,
    )

    assert [each.emails for each in made] == [
        ["it@north.example"],
        ["books@two.example", "boss@two.example"],
        ["it@north.example"],
    ]
    kept = Subscription.objects.get(pk=made[0].pk)
    assert (kept.po_number, kept.bill_separately, kept.review_first_bill, kept.due_days) == ("PO-7", True, False, 30)
    assert AuditEntry.objects.filter(verb="associated").count() == 3


def test_each_customer_that_cannot_have_it_is_named_with_the_cure_and_nobody_gets_it() -> None:
    plan = a_plan()
    customers = {
        "C-0001": a_customer("Swiss", currency="CHF"),
        "C-0002": a_customer("Gone"),
        "C-0003": a_customer("Twice"),
        "C-0004": a_customer("Mute", emails=[]),
        "C-0005": a_customer("Fine"),
    }
    archive_customer(customers["C-0002"], on=APRIL, by=BY, now=NOW)
    a_subscription(customers["C-0003"], plan)

    with pytest.raises(Refused) as error:
        associate(plan, customers.values(), starts_on=APRIL, by=BY, now=NOW)

    assert [str(problem) for problem in error.value.problems] == [
        "customer C-0001: Swiss is billed in CHF, and Gold charges EUR: choose a plan in CHF.",
        "customer C-0002: Gone is archived: restore it first.",
        "customer C-0003: Twice has Gold already, from 2026-04-01 without an end: end that first.",
        "customer C-0004: Mute has no e-mail address for its bills: give one.",
    ]
    assert Subscription.objects.count() == 1


def test_nothing_is_associated_before_a_test_mail_has_gone_out() -> None:
    MailServer.objects.update(tested_at=None)

    with pytest.raises(Refused, match="mail: No test mail has gone out"):
        associate(a_plan(), [a_customer()], starts_on=APRIL, by=BY, now=NOW)


def test_billing_before_the_plan_has_prices_is_refused() -> None:
    with pytest.raises(Refused, match="would be billed from 2025-12-01, and Gold has prices from 2026-01-01 on"):
        associate(a_plan(), [a_customer()], starts_on=date(2025, 12, 1), billed_from=date(2025, 12, 1), by=BY, now=NOW)


def test_reverse_charge_without_our_own_number_is_told_before_the_first_bill() -> None:
    from quarterday.provider.models import Provider

    Provider.objects.update(vat_id="")
    lyon = a_customer("Lyon", country="FR", tax_status="business", vat_id="FR61954506077")

    with pytest.raises(Refused, match="customer C-0001: Lyon in France is billed by reverse charge"):
        associate(a_plan(), [lyon], starts_on=APRIL, by=BY, now=NOW)


@pytest.mark.parametrize(
    ("arrangement", "words"),
    [
        ({"billing_day": 32}, "billing_day: 32 is out of bounds"),
        ({"billing_day": 1, "cycle": Cycle(1, "week")}, "billing_day: cannot be set for a weekly cycle"),
        ({"cycle": Cycle(121, "month")}, "cycle: of 121 months is too long"),
        ({"due_days": -1}, "due_days: -1 is out of bounds"),
        ({"due_days": "soon"}, "due_days: 'soon' is not a whole number"),
        ({"offset_days": 400}, "offset_days: 400 is out of bounds"),
        ({"starts_on": date(1066, 10, 14)}, "starts_on: 1066-10-14 is out of bounds"),
        ({"billed_from": date(2026, 3, 1)}, "billed_from: 2026-03-01 is before the start"),
        ({"po_number": "x" * 61}, "po_number: is too long"),
        ({"colour": "blue"}, "colour: cannot be set here"),
    ],
)
def test_an_impossible_arrangement_is_refused_in_words(arrangement: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as error:
        associate(a_plan(), [a_customer()], **{"starts_on": APRIL, "by": BY, "now": NOW, **arrangement})

    assert words in str(error.value)


def test_wrong_addresses_are_told_for_their_customer() -> None:
    customer = a_customer()

    with pytest.raises(Refused, match="customer C-0001: 'nobody' is not an e-mail address"):
        associate(a_plan(), [customer], starts_on=APRIL, emails={customer.pk: ["nobody"]}, by=BY, now=NOW)


def test_no_customer_and_an_archived_plan_are_refused() -> None:
    plan = a_plan()
    with pytest.raises(Refused, match="customers: are missing"):
        associate(plan, [], starts_on=APRIL, by=BY, now=NOW)

    archive_plan(plan, on=APRIL, by=BY, now=NOW)
    with pytest.raises(Refused, match="plan: Gold is archived"):
        associate(plan, [a_customer()], starts_on=APRIL, by=BY, now=NOW)


def test_a_plan_that_ended_can_be_associated_again_from_its_end() -> None:
    customer, plan = a_customer(), a_plan()
    first = a_subscription(customer, plan)
    disassociate([first], last_day=date(2026, 4, 20), by=BY, now=NOW)

    with pytest.raises(Refused, match="from 2026-04-01 to 2026-04-21: end that first"):
        a_subscription(customer, plan, starts_on=date(2026, 4, 20))
    assert a_subscription(customer, plan, starts_on=date(2026, 4, 21)).starts_on == date(2026, 4, 21)


def test_the_table_itself_refuses_a_plan_twice() -> None:
    from django.db import IntegrityError, transaction

    existing = a_subscription(a_customer(), a_plan())
    existing.pk = None

    with pytest.raises(IntegrityError, match="a_customer_has_a_plan_once_at_a_time"), transaction.atomic():
        existing.save(force_insert=True)


def test_prices_can_be_agreed_at_the_start() -> None:
    plan = a_plan(flat_fee="10")

    (made,) = associate(
        plan,
        [a_customer()],
        starts_on=APRIL,
        prices={"computer": {"unit_price": "25.00"}},
        flat_fee="0",
        by=BY,
        now=NOW,
    )

    (own,) = own_terms_for([made.pk])[made.pk]
    assert own.effective_on == APRIL
    assert own.prices == {"computer": ClassPrice(unit_price=Decimal("25.00"), tax_code="standard")}
    assert own.flat_fee == FlatFee(Decimal(0), "standard")


def test_a_thousand_customers_cost_as_many_queries_as_one(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    from quarterday.customers.actions import add_customers

    row = {"country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR", "emails": ["it@x.example"]}
    customers = add_customers([{**row, "name": f"Customer {n}"} for n in range(1000)], by=BY, now=NOW)
    plan = a_plan()

    with django_assert_max_num_queries(20):
        assert len(associate(plan, customers, starts_on=APRIL, by=BY, now=NOW)) == 1000
