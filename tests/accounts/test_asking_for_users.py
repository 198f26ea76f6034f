"""Who somebody is, what they may see, and how people are listed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator

from quarterday.accounts.actions import close_user, create_user
from quarterday.accounts.models import User
from quarterday.accounts.queries import (
    Ability,
    Entrance,
    abilities_of,
    actor_for,
    assignments_of,
    entrance_of,
    factor_kinds,
    find_user,
    get_user,
    roles_that_may,
    user_list,
)
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, a_customer


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        yield


def a_user(name: str, role: str = "admin", customers: list[Customer] | None = None) -> User:
    return create_user(email=f"{name}@shop.example", role=role, customers=customers or [], by=BY, now=NOW)


def test_people_are_listed_by_address_all_or_those_who_may_sign_in_or_may_not() -> None:
    cora, ada, bob = a_user("cora"), a_user("ada"), a_user("bob", "clerk")
    close_user(bob, by=BY, now=NOW)

    assert list(user_list()) == [ada, bob, cora]
    assert list(user_list(active=True)) == [ada, cora]
    assert list(user_list(active=False)) == [bob]


def test_assignments_are_told_by_user_in_the_order_of_the_customers_numbers() -> None:
    first, second, third = (a_customer(name) for name in ("Zinc", "Mine", "Adit"))
    both = a_user("both", "contact", [third, first])
    one = a_user("one", "contact", [second])
    a_user("asked-by-nobody", "contact", [first])

    assert assignments_of([one, both]) == {both.pk: ["C-0001", "C-0003"], one.pk: ["C-0002"]}
    assert assignments_of([]) == {}


def test_who_comes_in_has_the_scope_of_their_role_and_assignments_and_this_is_no_copy() -> None:
    north, south = a_customer("North"), a_customer("South")
    a_user("other", "contact", [south])
    entrances = {
        "admin": entrance_of(a_user("ada")),
        "contact": entrance_of(a_user("connie", "contact", [north])),
        "nobody's": entrance_of(a_user("nils", "contact")),
    }

    assert {name: entrance.scope for name, entrance in entrances.items()} == {
        "admin": Scope.all(),
        "contact": Scope.of(north.pk),
        "nobody's": Scope.of(),
    }
    assert {entrance.is_copy for entrance in entrances.values()} == {False}


def test_a_closed_user_and_one_who_is_gone_come_upon_nothing() -> None:
    a_user("ada")
    carl, gone = a_user("carl", "clerk"), User(pk=10**6, email="gone@shop.example")
    close_user(carl, by=BY, now=NOW)

    for user in (get_user("carl@shop.example"), gone):
        assert entrance_of(user) == Entrance(Scope.of(), is_copy=False)
    assert abilities_of(get_user("carl@shop.example")) == frozenset()


def test_a_clerk_may_bill_and_may_not_change_settings() -> None:
    clerk = a_user("carl", "clerk")

    assert Ability.BILL in abilities_of(clerk)
    assert Ability.SETTINGS not in abilities_of(clerk)
    assert abilities_of(User(role="janitor")) == frozenset()
    assert abilities_of(User(role="janitor")) == frozenset()


def test_who_may_do_a_thing_is_told_with_the_most_able_first() -> None:
    assert roles_that_may("settings") == ["admin"]
    assert roles_that_may("bill") == ["admin", "clerk"]
    assert roles_that_may("read") == ["admin", "clerk", "auditor", "customer_admin", "contact"]


def test_somebody_without_a_name_is_called_by_address_and_nobody_is_found_by_another_s() -> None:
    ada = a_user("ada")

    assert actor_for(ada).name == "ada@shop.example"
    assert find_user("bob@shop.example") is None


def test_the_second_factors_that_somebody_has_are_told_by_kind() -> None:
    ada, bob = a_user("ada"), a_user("bob")
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=ada, type=kind, data={})

    assert sorted(factor_kinds(ada.pk)) == ["recovery_codes", "totp"]
    assert factor_kinds(bob.pk) == []
