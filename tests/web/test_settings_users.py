"""Users: let people in, say what they see, and let them out."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.test import Client

from quarterday.accounts.actions import create_user
from quarterday.accounts.models import Assignment, User
from quarterday.customers.models import Customer
from quarterday.outbox.models import Message
from quarterday.outbox.secrets import body_of
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, a_customer, open_shop
from tests.web.plans_desk import counting_queries, fields_of, text_of
from tests.web.visitor import signed_in

USERS = "/settings/users/"


@pytest.fixture
def admin(sign_in, settings) -> Client:
    settings.EMAIL_BACKEND = "quarterday.web.mail.OutboxBackend"
    with acting(Scope.all()):
        open_shop()
    return sign_in("admin")


def customers(*names: str) -> list[Customer]:
    with acting(Scope.all()):
        return [a_customer(name) for name in names]


def a_user(role: str = "customer_admin", *, email: str = "eva@north.example", sees: Iterable[Customer] = ()) -> User:
    with acting(Scope.all()):
        return create_user(email=email, role=role, name="Eva", customers=sees, by=BY, now=NOW)


def seen_by(user: User) -> list[str]:
    with acting(Scope.all()):
        return list(
            Assignment.objects.filter(user=user).order_by("customer__name").values_list("customer__name", flat=True)
        )


def test_a_customer_admin_is_let_in_with_a_customer_and_a_link(admin):
    (north,) = customers("North Dental")
    told = {"email": "Eva@north.example", "name": "Eva", "role": "customer_admin", "language": "de"}
    answer = admin.post(USERS + "add/", {**told, "customer": north.number, "mail_link": "on"})
    user = User.objects.get(email="eva@north.example")
    assert answer["Location"] == f"{USERS}{user.pk}/"
    assert seen_by(user) == ["North Dental"]
    with acting(Scope.all()):
        assert "/account/password/reset/key/" in body_of(Message.objects.get(recipients=["eva@north.example"]))


def test_what_is_wrong_with_a_new_user_stands_beside_its_field(admin):
    a_user()
    told = {"email": "eva@north.example", "role": "clerk", "language": "en"}
    assert "has a user already" in admin.post(USERS + "add/", told).content.decode()
    unknown = admin.post(USERS + "add/", {**told, "email": "a@b.example", "customer": "C-9999"})
    assert "C-9999" in text_of(unknown)
    assert User.objects.count() == 2


def test_a_clerk_needs_no_customers_and_gets_none(admin):
    (north,) = customers("North Dental")
    told = {"email": "c@msp.example", "role": "clerk", "language": "en", "customer": north.number}
    assert "sees all customers already" in admin.post(USERS + "add/", told).content.decode()
    assert not User.objects.filter(email="c@msp.example").exists()


def test_customers_are_assigned_and_hidden_and_count_at_the_next_click(admin):
    north, south = customers("North Dental", "South Legal")
    user = a_user(sees=[north])
    client = signed_in(user)
    page = f"{USERS}{user.pk}/"

    admin.post(page + "assign/", {"customer": "South Legal"})
    assert seen_by(user) == ["North Dental", "South Legal"]
    assert client.get("/").wsgi_request.scope.customer_ids == {north.pk, south.pk}

    admin.post(page + "unassign/", {"customer": north.number})
    assert seen_by(user) == ["South Legal"]
    assert client.get("/").wsgi_request.scope.customer_ids == {south.pk}


def test_an_unknown_customer_is_told_beside_the_field(admin):
    user = a_user()
    page = admin.post(f"{USERS}{user.pk}/assign/", {"customer": "Nobody Ltd"})
    assert "Nobody Ltd" in text_of(page)
    assert 'id="id_customer_error"' in page.content.decode()


def test_a_user_s_role_name_and_language_change(admin):
    user = a_user()
    page = f"{USERS}{user.pk}/"
    admin.post(page, {**fields_of(admin.get(page)), "name": "Eva North", "role": "auditor", "language": "de"})
    user.refresh_from_db()
    assert (user.name, user.role, user.language) == ("Eva North", "auditor", "de")


def test_a_closed_user_is_out_at_once_and_can_be_let_in_again(admin):
    user = a_user("auditor")
    client = signed_in(user)
    assert client.get("/").status_code == 200

    admin.post(f"{USERS}{user.pk}/close/")
    assert client.get("/").status_code == 302
    assert "closed" in text_of(admin.get(USERS))

    admin.post(f"{USERS}{user.pk}/reopen/")
    user.refresh_from_db()
    assert user.is_active


def test_the_last_admin_stays(admin):
    me = User.objects.get(role="admin")
    closed = admin.post(f"{USERS}{me.pk}/close/", follow=True)
    assert "it is the last admin" in text_of(closed)
    page = f"{USERS}{me.pk}/"
    demoted = admin.post(page, {**fields_of(admin.get(page)), "role": "clerk"})
    assert "it is the last admin" in text_of(demoted)
    me.refresh_from_db()
    assert (me.is_active, me.role) == (True, "admin")


def test_a_link_to_choose_a_password_is_mailed_on_request(admin):
    user = a_user("auditor")
    admin.post(f"{USERS}{user.pk}/link/")
    with acting(Scope.all()):
        assert Message.objects.get(recipients=[user.email]).kind == "notice"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_database_the_same_for_one_user_and_three(admin, count):
    chosen = customers("North Dental", "South Legal")
    for number in range(count):
        a_user(email=f"eva{number}@north.example", sees=chosen)
    with counting_queries() as queries:
        page = admin.get(USERS)
    assert text_of(page).count("C-0001, C-0002") == count
    assert len(queries) == 5  # session, user, role, users, assignments


@pytest.mark.parametrize("count", [1, 3])
def test_a_user_s_page_asks_the_same_for_one_customer_and_three(admin, count):
    user = a_user(sees=customers("A", "B", "C")[:count])
    with counting_queries() as queries:
        assert admin.get(f"{USERS}{user.pk}/").status_code == 200
    # Session, user, role, the user (twice), factor, assignments, customers, what the list offers.
    assert len(queries) == 9
