"""Other charges and discounts: every form that there is, and those that there are not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment, archive_customer, cancel_adjustment
from quarterday.subscriptions.models import Adjustment
from quarterday.subscriptions.queries import adjustment_list
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

APRIL = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


def add(**fields: Any) -> Adjustment:
    customer = fields.pop("customer", None) or a_customer()
    return add_adjustment(customer, **{"text": "Onboarding", "starts_on": APRIL, "by": BY, "now": NOW, **fields})


@pytest.mark.parametrize(
    "form",
    [
        {"amount": Decimal("100.00")},
        {"amount": Decimal("-25.50"), "times": 3},
        {"percent": Decimal("-5"), "times": None},
        {"percent": Decimal("2.5"), "until": date(2027, 1, 1), "times": None},
        {"quantity": Decimal(4), "unit_price": Decimal("6.125"), "times": 12},
    ],
)
def test_every_form_is_kept_as_it_was_said(form: dict[str, Any]) -> None:
    kept = Adjustment.objects.get(pk=add(**form).pk)

    assert {name: getattr(kept, name) for name in form} == form
    assert (kept.currency, kept.created_by, kept.tax_code) == ("EUR", "Clara Clerk", "standard")


def test_a_price_without_a_quantity_is_for_one() -> None:
    assert add(unit_price=Decimal(7)).quantity == 1


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({}, "amount", "exactly one of"),
        ({"amount": Decimal(1), "percent": Decimal(1)}, "amount", "exactly one of"),
        ({"amount": Decimal(0)}, "amount", "is 0"),
        ({"amount": Decimal("0.005")}, "amount", "more than the 2 decimals of EUR"),
        ({"amount": Decimal("1e15")}, "amount", "too large"),
        ({"amount": 1.5}, "amount", "is a float"),
        ({"percent": Decimal(-101)}, "percent", "-100 to 900"),
        ({"quantity": Decimal(4), "amount": Decimal(1)}, "unit_price", "is missing"),
        ({"quantity": Decimal(0), "unit_price": Decimal(1)}, "quantity", "is 0"),
        ({"unit_price": Decimal("0.0000001")}, "unit_price", "too fine"),
        ({"amount": Decimal(1), "times": 0}, "times", "out of bounds"),
        ({"amount": Decimal(1), "until": APRIL}, "until", "is not after the start"),
        ({"amount": Decimal(1), "text": ""}, "text", "is missing"),
        ({"amount": Decimal(1), "text": "x" * 301}, "text", "too long"),
        ({"amount": Decimal(1), "tax_code": "books"}, "tax_code", "is no tax code"),
        ({"amount": Decimal(1), "starts_on": "soon"}, "starts_on", "is not a day"),
    ],
)
def test_a_wrong_charge_is_refused_in_words(fields: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Refused) as error:
        add(**fields)

    assert [(problem.field, words in problem.message) for problem in error.value.problems] == [(field, True)]
    assert not Adjustment.objects.exists()


def test_a_charge_for_another_customers_subscription_is_refused() -> None:
    foreign = a_subscription(a_customer("South"), a_plan())

    with pytest.raises(Refused, match="subscription: is not one of North Dental's"):
        add(amount=Decimal(1), subscription=foreign)


def test_the_table_itself_refuses_a_foreign_subscription() -> None:
    from django.db import IntegrityError, connection, transaction

    foreign = a_subscription(a_customer("South"), a_plan())
    adjustment = add(amount=Decimal(1))

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="same_customer"), transaction.atomic():
        Adjustment.objects.filter(pk=adjustment.pk).update(subscription=foreign)


def test_an_archived_customer_is_charged_nothing_more() -> None:
    customer = a_customer()
    archive_customer(customer, on=APRIL, by=BY, now=NOW)
    customer.refresh_from_db()

    with pytest.raises(Refused, match="customer: North Dental is archived"):
        add(customer=customer, amount=Decimal(1))


def test_a_cancelled_charge_waits_no_longer() -> None:
    adjustment = add(amount=Decimal(1))
    cancel_adjustment(adjustment, by=BY, now=NOW)

    assert list(adjustment_list()) == []
    assert list(adjustment_list(cancelled=True)) == [adjustment]
    with pytest.raises(Refused, match="was cancelled before"):
        cancel_adjustment(adjustment, by=BY, now=NOW)
    assert [entry.verb for entry in AuditEntry.objects.filter(subject_kind="subscriptions.Adjustment")] == [
        "added",
        "cancelled",
    ]
