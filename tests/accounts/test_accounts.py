"""Who may sign in, what they may do, and whose rows they see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from quarterday.accounts.actions import (
    LARGEST_UPLOAD,
    assign,
    change_user,
    close_user,
    create_user,
    forget_upload,
    keep_upload,
    reopen_user,
    set_password,
    set_upload_options,
    unassign,
)
from quarterday.accounts.models import Upload, User
from quarterday.accounts.queries import (
    abilities_of,
    actor_for,
    assignments_of,
    entrance_of,
    find_upload,
    find_user,
    get_user,
    user_list,
)
from quarterday.customers.queries import customer_list
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Actor, Scope
from tests.shop import BY, NOW, a_customer

PASSWORD = "a long and quiet evening"


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        yield


def a_user(email: str = "ada@shop.example", role: str = "admin", **fields: Any) -> User:
    return create_user(email=email, role=role, by=BY, now=NOW, **fields)


@pytest.mark.parametrize(
    ("role", "abilities"),
    [
        ("admin", {"read", "bill", "plan", "customers", "inventory", "settings", "trail"}),
        ("clerk", {"read", "bill", "plan", "customers", "inventory"}),
        ("auditor", {"read", "trail"}),
        ("customer_admin", {"read"}),
        ("contact", {"read"}),
    ],
)
def test_each_role_may_do_its_work_and_no_more(role: str, abilities: set[str]) -> None:
    user = a_user(role=role)

    assert {ability.value for ability in abilities_of(user)} == abilities


@pytest.mark.parametrize("role", ["admin", "clerk", "auditor"])
def test_the_providers_own_people_see_all_customers(role: str) -> None:
    assert entrance_of(a_user(role=role)).scope == Scope.all()


@pytest.mark.parametrize("role", ["customer_admin", "contact"])
def test_others_see_the_customers_that_are_assigned_to_them_from_the_next_request(role: str) -> None:
    north, south, east = (a_customer(name) for name in ("North", "South", "East"))
    user = a_user(role=role, customers=[north])
    assert entrance_of(user).scope == Scope.of(north.pk)

    assign(user, [north, south], by=BY, now=NOW)
    assert entrance_of(user).scope == Scope.of(north.pk, south.pk)
    unassign(user, [north, east], by=BY, now=NOW)
    assert entrance_of(user).scope == Scope.of(south.pk)
    assert assignments_of([user]) == {user.pk: ["C-0002"]}

    with acting(entrance_of(user).scope):
        assert list(customer_list()) == [south]
    assert [entry.verb for entry in AuditEntry.objects.filter(subject_kind="accounts.User").order_by("pk")] == [
        "added",
        "assigned to",
        "assigned to",
        "unassigned from",
    ]


def test_a_scope_is_found_without_one(database: None) -> None:
    customer = a_customer()
    user = a_user(role="contact", customers=[customer])

    with acting(Scope.of()):
        assert entrance_of(user).scope == Scope.of(customer.pk)
        assert not customer_list(), "the outer scope is back"


def test_a_closed_user_sees_and_may_do_nothing() -> None:
    a_user()
    clerk = a_user("carl@shop.example", "clerk")
    close_user(clerk, by=BY, now=NOW)

    assert entrance_of(clerk).scope == Scope.of()
    assert abilities_of(clerk) == frozenset()
    assert list(user_list(active=False)) == [clerk]
    reopen_user(clerk, by=BY, now=NOW)
    assert entrance_of(clerk).scope == Scope.all()


def test_the_last_admin_stays() -> None:
    ada = a_user()

    with pytest.raises(Refused, match="it is the last admin"):
        close_user(ada, by=BY, now=NOW)
    with pytest.raises(Refused, match="it is the last admin"):
        change_user(ada, role="clerk", by=BY, now=NOW)
    a_user("bob@shop.example")
    change_user(ada, role="clerk", by=BY, now=NOW)
    assert get_user("ada@shop.example").role == "clerk"


def test_whoever_sees_all_needs_no_assignment() -> None:
    customer = a_customer()
    with pytest.raises(Refused, match="sees all customers already"):
        assign(a_user(), [customer], by=BY, now=NOW)

    user = a_user("c@shop.example", "customer_admin", customers=[customer])
    change_user(user, role="auditor", by=BY, now=NOW)
    assert assignments_of([user]) == {}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "nobody"}, "email: 'nobody' is not an e-mail address"),
        ({"email": "ADA@shop.example"}, "has a user already"),
        ({"role": "king"}, "role: 'king' is not one of admin, clerk, auditor, customer_admin, contact"),
        ({"password": "short"}, "password: This password is too short"),
        ({"password": "123456789012"}, "password: .*too common|entirely numeric"),
        ({"password": "new@shop.example"}, "password: The password is too similar"),
        ({"language": "tlh"}, "language: "),
    ],
)
def test_a_wrong_user_is_refused_in_words(fields: dict[str, Any], words: str) -> None:
    a_user()

    with pytest.raises(Refused, match=words):
        a_user(**{"email": "new@shop.example", **fields})
    assert User.objects.count() == 1


def test_passwords_are_kept_as_hashes_and_none_is_unusable() -> None:
    user = a_user(password=PASSWORD)
    assert user.check_password(PASSWORD)
    assert PASSWORD not in user.password

    without = a_user("b@shop.example")
    assert not without.has_usable_password()
    set_password(without, password=PASSWORD, by=BY, now=NOW)
    assert User.objects.get(pk=without.pk).check_password(PASSWORD)
    assert PASSWORD not in str(list(AuditEntry.objects.values()))


def test_people_are_named_in_the_trail() -> None:
    user = a_user(name="Ada Admin")

    assert actor_for(user) == Actor("person", "Ada Admin", user.pk)
    assert find_user(" ADA@shop.example ") == user
    with pytest.raises(NotFound, match=r"user: 'x@y\.example' is not known"):
        get_user("x@y.example")


def test_an_uploaded_file_is_its_users_alone_and_stays_for_a_day():
    ada = create_user(email="ada@msp.example", role="admin", by=BY, now=NOW)
    bob = create_user(email="bob@msp.example", role="admin", by=BY, now=NOW)
    kept = keep_upload(ada, purpose="devices", name="devices.csv", content=b"a;b", now=NOW)
    set_upload_options(kept, {"delimiter": ";"})

    def found(user, *, purpose="devices", hours=0):
        return find_upload(kept.key, user=user, purpose=purpose, now=NOW + timedelta(hours=hours))

    assert (bytes(found(ada, hours=23).content), found(ada).options) == (b"a;b", {"delimiter": ";"})
    assert found(bob) is None
    assert found(ada, purpose="customers") is None
    assert found(ada, hours=24) is None
    forget_upload(kept)
    assert found(ada) is None


def test_an_old_upload_is_thrown_away_when_the_next_comes():
    ada = create_user(email="ada@msp.example", role="admin", by=BY, now=NOW)
    keep_upload(ada, purpose="devices", name="old.csv", content=b"a", now=NOW)
    keep_upload(ada, purpose="devices", name="new.csv", content=b"b", now=NOW + timedelta(days=1))
    assert [upload.name for upload in Upload.objects.all()] == ["new.csv"]


def test_an_empty_or_huge_upload_is_refused():
    ada = create_user(email="ada@msp.example", role="admin", by=BY, now=NOW)
    for content, words in ((b"", "is empty"), (b"x" * (LARGEST_UPLOAD + 1), "is too large")):
        with pytest.raises(Refused, match=words):
            keep_upload(ada, purpose="devices", name="devices.csv", content=content, now=NOW)


@pytest.mark.parametrize("name", ["Hanna Brook", " hanna  BROOK ", "Ｈanna Brook", "hanna@shop.example"])
def test_who_sees_everything_does_not_go_by_the_name_of_another(name: str) -> None:
    a_user("hanna@shop.example", name="Hanna Brook")
    clara = a_user("clara@shop.example", "clerk", name="Clara Clerk")

    with pytest.raises(Refused, match="is another user's name, or address"):
        change_user(clara, name=name, by=BY, now=NOW)
    with pytest.raises(Refused, match="is another user's name, or address"):
        a_user("new@shop.example", "auditor", name=name)
    a_user("nora@north.example", "contact", name=name)
    with pytest.raises(Refused, match="is another user's name, or address"):
        change_user(get_user("nora@north.example"), role="clerk", by=BY, now=NOW)

    # Their own stays theirs, and customers' people learn of nobody.
    change_user(get_user("hanna@shop.example"), name="hanna brook", by=BY, now=NOW)
    a_user("noah@south.example", "contact", name=name)
