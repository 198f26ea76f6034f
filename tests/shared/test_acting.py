"""`acting(scope)`: what is put on for the time of a transaction, and taken off again."""

from __future__ import annotations

import pytest
from django.db import connection

from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from tests.shop import a_customer

NOTHING_ON = ("none", "")
ALL_ON = ("quarterday_staff", "")


def on_now() -> tuple[str, str]:
    """The role that PostgreSQL checks rights for, and the customers whose rows it shows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), coalesce(current_setting('quarterday.customer_ids', true), '')")
        role, customers = cursor.fetchone()
        return role, customers


@pytest.fixture
def two_customers(database: None) -> list[int]:
    with acting(Scope.all()):
        return [a_customer("North").pk, a_customer("South").pk]


def seen() -> list[str]:
    return list(Customer.objects.order_by("name").values_list("name", flat=True))


@pytest.mark.database
def test_all_is_the_staff_s_role_and_a_few_customers_are_the_scoped_role_with_their_ids() -> None:
    with acting(Scope.all()):
        assert on_now() == ALL_ON
    with acting(Scope.of(31, 4, 15)):
        assert on_now() == ("quarterday_scoped", "{4,15,31}")
    with acting(Scope.of()):
        assert on_now() == ("quarterday_scoped", "{}")
    assert on_now() == NOTHING_ON


def test_each_scope_reads_its_customers_and_an_empty_one_nobody(two_customers: list[int]) -> None:
    north, south = two_customers
    names = {}
    for scope in (Scope.all(), Scope.of(south), Scope.of(south, north), Scope.of()):
        with acting(scope):
            names[scope] = seen()

    assert list(names.values()) == [["North", "South"], ["South"], ["North", "South"], []]


def test_a_scope_inside_another_ends_where_it_began(two_customers: list[int]) -> None:
    north, south = two_customers

    with acting(Scope.of(north)):
        with acting(Scope.of(south)):
            assert seen() == ["South"]
            with acting(Scope.all()):
                assert seen() == ["North", "South"]
            assert seen() == ["South"]
        assert seen() == ["North"]


def test_an_error_takes_back_what_was_done_and_what_was_put_on(two_customers: list[int]) -> None:
    def break_off() -> None:
        with acting(Scope.all()):
            Customer.objects.update(name="West")
            raise ZeroDivisionError

    with acting(Scope.of(two_customers[0])):
        with pytest.raises(ZeroDivisionError):
            break_off()
        assert seen() == ["North"]


def test_a_scope_holds_its_customers_or_everybody() -> None:
    assert [Scope.of(3, 5).contains(number) for number in (3, 4, 5)] == [True, False, True]
    assert Scope.all().contains(4)
    assert not Scope.of().contains(4)
    assert not Scope().everything


def test_an_actor_is_called_by_name() -> None:
    assert str(Actor("person", "Ada", 7)) == "Ada"
