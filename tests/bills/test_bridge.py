"""Why a bill differs from another of its customer, read from what is stored with both."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from quarterday.bills.actions import credit_bill
from quarterday.bills.models import Bill
from quarterday.bills.printing import print_bills, printed_pdf
from quarterday.bills.queries import BillBridge, Unexplained, bridge_to
from quarterday.customers.models import Customer
from quarterday.documents.bridge_words import reason_words
from quarterday.documents.wording import language
from quarterday.engine.periods import Period
from quarterday.outbox.models import Message
from quarterday.payments.statements import consolidated_pdf
from quarterday.plans.actions import modify_plan
from quarterday.plans.queries import get_plan
from quarterday.provider.actions import change_provider
from quarterday.provider.queries import get_provider
from quarterday.subscriptions.actions import add_adjustment, associate, disassociate
from quarterday.subscriptions.queries import subscription_list
from tests.bills.desk import bill_on, eur, moment
from tests.bills.ledger import present
from tests.documents.reading import text
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))


def on_gold(name: str = "North Dental", picture: str = "PC-1 #>\nSRV server #>", **fields: str) -> Customer:
    customer = a_customer(name, **fields)
    a_subscription(customer, a_plan(f"Gold for {name}"), review_first_bill=False)
    present(customer, picture, start=APRIL)
    return customer


def reasons(found: BillBridge | None) -> list[tuple[str, str | None, Decimal]]:
    assert found is not None
    return [(reason.kind, reason.device_class, reason.amount) for reason in found.bridge.reasons]


def newest() -> Bill:
    return Bill.objects.order_by("-pk")[0]


def test_a_bill_is_explained_from_the_one_before() -> None:
    customer = on_gold()
    bill_on(MAY)
    present(customer, "PC-2 #>", start=MAY)
    add_adjustment(customer, text="Installation", amount=Decimal(50), starts_on=MAY, by=BY, now=NOW)
    bill_on(JUNE)

    found = bridge_to(newest())

    assert found is not None
    assert (found.earlier.number, found.later.number) == ("INV-2026-00001", "INV-2026-00002")
    assert (found.earlier.total, found.later.total) == (eur("142.80"), eur("238.00"))
    assert reasons(found) == [
        ("came", "computer", eur("30.00")),
        ("adjustment", None, eur("50.00")),
        ("tax", None, eur("15.20")),
    ]
    assert [found.device_names[device] for device in found.bridge.reasons[0].devices] == ["PC-2"]


def test_the_first_bill_has_nothing_to_be_explained_from() -> None:
    on_gold()
    bill_on(MAY)

    assert bridge_to(newest()) is None


def told() -> list[tuple[str, str]]:
    """The newest bill's reasons as people read them; its devices and taxes are another test's."""
    found = bridge_to(newest())
    assert found is not None
    words = [reason_words(each, language("en"), "EUR", found.device_names) for each in found.bridge.reasons]
    return [(each.text, each.amount) for each in words if each.text != "Tax on these amounts"]


def test_a_price_that_changes_within_a_month_is_told_by_both_bills_with_the_two_prices() -> None:
    on_gold()
    bill_on(MAY)
    prices = {"computer": {"unit_price": "36.00"}, "server": {"unit_price": "90.00"}}
    modify_plan(
        get_plan("Gold for North Dental"),
        effective_on=date(2026, 5, 17),
        prices=prices,
        settled_until=MAY,
        by=BY,
        now=NOW,
    )

    bill_on(JUNE)
    may = told()
    bill_on(JULY)

    assert may == [("Computers: 36.00 each, before 30.00 (for a part of the period)", "+2.90")]
    assert told() == [("Computers: 36.00 each, before 30.00 (for a part of the period)", "+3.10")]


def test_a_customer_who_comes_back_to_a_plan_has_it_for_another_length_and_not_as_a_new_plan() -> None:
    customer = on_gold()
    bill_on(MAY)
    disassociate(subscription_list(customer_id=customer.pk), last_day=date(2026, 5, 10), by=BY, now=moment(MAY))
    bill_on(JUNE)
    ended = told()
    associate(get_plan("Gold for North Dental"), [customer], starts_on=JUNE, billed_from=JUNE, by=BY, now=moment(JUNE))
    bill_on(JULY)

    assert ended == [("Gold for North Dental: 10/31 of a full period, before 1", "−81.29")]
    assert told() == [("Gold for North Dental: 1 of a full period, before 10/31", "+81.29")]


def test_a_charge_that_came_and_went_says_so() -> None:
    customer = on_gold()
    bill_on(MAY)
    add_adjustment(customer, text="Installation", amount=Decimal(50), starts_on=MAY, by=BY, now=NOW)
    bill_on(JUNE)
    came = told()
    bill_on(JULY)

    assert came == [("Installation: new on this bill", "+50.00")]
    assert told() == [("Installation: no longer on this bill", "−50.00")]


def test_any_two_bills_can_be_named_in_any_order() -> None:
    customer = on_gold()
    bill_on(MAY)
    present(customer, "PC-2 #>", start=MAY)
    bill_on(JUNE)
    present(customer, "PC-3 #>", start=JUNE)
    bill_on(JULY)
    april, _, june = Bill.objects.order_by("pk")

    assert bridge_to(april, june) == bridge_to(june, april)
    assert reasons(bridge_to(june, april)) == [("came", "computer", eur("60.00")), ("tax", None, eur("11.40"))]


def test_a_credit_by_hand_is_set_against_the_bill_that_it_takes_back() -> None:
    on_gold()
    bill_on(MAY)
    bill = newest()
    note = credit_bill(bill, reason="Wrong", now=moment(MAY, 12), by=BY)

    assert bridge_to(note) is None
    found = bridge_to(note, bill)
    assert found is not None
    assert (found.earlier.total, found.later.total) == (eur("142.80"), eur("-142.80"))


def test_bills_of_two_customers_are_not_compared() -> None:
    on_gold()
    on_gold("South Dental")
    bill_on(MAY)
    one, other = Bill.objects.order_by("pk")

    with pytest.raises(Unexplained, match="different customers"):
        bridge_to(one, other)
    with pytest.raises(Unexplained, match="name another"):
        bridge_to(one, one)


def second_bill_of(customer: Customer) -> Bill:
    bill_on(MAY)
    present(customer, "PC-2 #>", start=MAY)
    bill_on(JUNE)
    print_bills([newest().pk], now=moment(JUNE))
    return newest()


@pytest.mark.parametrize(
    ("language", "title", "reason"),
    [
        ("en", "Why this bill differs from the last", "Computers: 1 new"),
        ("de", "Warum diese Rechnung von der letzten abweicht", "Computer: 1 hinzugekommen"),
    ],
)
def test_a_provider_may_have_it_on_paper_and_in_the_mail(language: str, title: str, reason: str) -> None:
    change_provider(get_provider(), bridge_on_paper=True, bridge_in_mail=True, by=BY, now=NOW)
    bill = second_bill_of(on_gold(language=language))

    paper = text(printed_pdf(bill.pk, now=moment(JUNE)))
    mail = Message.objects.order_by("-pk")[0].body

    for told in (paper, mail):
        assert title in told
        assert reason in told
        assert "PC-2" in told
    assert title not in text(printed_pdf(Bill.objects.order_by("pk")[0].pk, now=moment(JUNE)))


@pytest.mark.parametrize("was_on", [True, False])
def test_a_copy_says_why_if_the_print_does_whatever_is_set_since(was_on: bool) -> None:
    change_provider(get_provider(), bridge_on_paper=was_on, by=BY, now=NOW)
    bill = second_bill_of(on_gold())
    change_provider(get_provider(), bridge_on_paper=not was_on, by=BY, now=NOW)

    copies = text(consolidated_pdf(bill.customer, Period(MAY, date(2026, 7, 1)), now=moment(JUNE)))

    assert ("Why this bill differs from the last" in copies) == was_on
    assert ("Computers: 1 new" in copies) == was_on


def test_by_default_neither_paper_nor_mail_says_it_and_what_is_printed_stays() -> None:
    bill = second_bill_of(on_gold())
    before = printed_pdf(bill.pk, now=moment(JUNE))
    assert "differs" not in text(before)
    assert "differs" not in Message.objects.order_by("-pk")[0].body

    change_provider(get_provider(), bridge_on_paper=True, by=BY, now=NOW)

    assert printed_pdf(bill.pk, now=moment(JUNE)) == before
