"""What opened a door before somebody was closed, or got another address, opens none afterwards."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client

from quarterday.accounts.actions import change_user, close_user, create_user, reopen_user
from quarterday.accounts.models import User
from quarterday.outbox.models import Message
from quarterday.outbox.secrets import body_of
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, a_customer, open_shop

PASSWORD, ANOTHER = "three plain words", "quite other words"
SIGN_IN, ASK, FORGOTTEN = "/account/login/", "/account/link/", "/account/password/reset/"
EVA, NEW = "eva@north.example", "eva@new.example"


@pytest.fixture(autouse=True)
def _as_in_an_installation(database: None, settings) -> None:
    """Mails go through the outbox, and nobody asked for any before."""
    settings.EMAIL_BACKEND = "quarterday.web.mail.OutboxBackend"
    cache.clear()


@pytest.fixture
def eva() -> User:
    with acting(Scope.all()):
        open_shop()
        customer = a_customer("North Dental")
        return create_user(
            email=EVA, role="customer_admin", name="Eva", password=PASSWORD, customers=[customer], by=BY, now=NOW
        )


def mailed_to(address: str, pattern: str) -> list[str]:
    with acting(Scope.all()):
        bodies = [body_of(message) for message in Message.objects.filter(recipients=[address]).order_by("pk")]
    return [found.group() for body in bodies if (found := re.search(pattern, body))]


def reset_links(address: str) -> list[str]:
    return mailed_to(address, r"/account/password/reset/key/[^/\s]+/")


def choose_anew(link: str, password: str = ANOTHER) -> bool:
    """Follow a link about a forgotten password to its end; whether it gave the user another one."""
    client = Client()
    form = client.get(link, follow=True).redirect_chain
    if form:
        client.post(form[-1][0], {"password1": password, "password2": password})
    with acting(Scope.all()):
        return User.objects.get(name="Eva").check_password(password)


def signs_in(email: str, password: str = PASSWORD) -> bool:
    return Client().post(SIGN_IN, {"login": email, "password": password}).status_code == 302


def close(user: User) -> None:
    with acting(Scope.all()):
        close_user(user, by=BY, now=NOW)


def reopen(user: User) -> None:
    with acting(Scope.all()):
        reopen_user(user, by=BY, now=NOW)


def move(user: User) -> None:
    with acting(Scope.all()):
        change_user(User.objects.get(pk=user.pk), email=NEW, by=BY, now=NOW)


def test_the_address_of_before_opens_nothing(eva: User) -> None:
    assert signs_in(EVA)
    Client().post(FORGOTTEN, {"email": EVA})
    (before,) = reset_links(EVA)
    move(eva)

    Client().post(FORGOTTEN, {"email": EVA})

    assert reset_links(EVA) == [before], "whoever reads the mailbox of before is mailed no way in"
    assert not choose_anew(before)
    assert (signs_in(EVA), signs_in(NEW)) == (False, True)


def test_addresses_that_were_noted_already_are_forgotten_by_a_migration(eva: User) -> None:
    EmailAddress.objects.create(user=eva, email=EVA)
    EmailAddress.objects.create(user=eva, email="eva@before.example")
    (forget,) = import_module(
        "quarterday.accounts.migrations.0006_addresses_of_before_are_forgotten"
    ).Migration.operations

    with acting(Scope.all()), connection.cursor() as cursor:
        cursor.execute(forget.sql)

    assert [noted.email for noted in EmailAddress.objects.all()] == [EVA]
    assert not signs_in("eva@before.example")


def test_who_has_an_address_after_somebody_else_is_mailed_their_own_way_in_alone(eva: User) -> None:
    Client().post(FORGOTTEN, {"email": EVA})
    move(eva)
    with acting(Scope.all()):
        create_user(email=EVA, role="contact", name="Evan", by=BY, now=NOW)
    cache.clear()

    Client().post(FORGOTTEN, {"email": EVA})

    assert len(reset_links(EVA)) == 2, "one of before, one of the new user"
    assert not choose_anew(reset_links(EVA)[-1])


def test_a_closed_user_chooses_no_password(eva: User) -> None:
    Client().post(FORGOTTEN, {"email": EVA})
    (link,) = reset_links(EVA)
    close(eva)

    assert not choose_anew(link)


def test_a_link_of_before_somebody_was_closed_stays_dead_when_they_are_let_in_again(eva: User) -> None:
    Client().post(FORGOTTEN, {"email": EVA})
    Client().post(ASK, {"email": EVA})
    (forgotten,), (by_mail,) = reset_links(EVA), mailed_to(EVA, r"/account/link/\S+")
    close(eva)
    reopen(eva)

    assert not choose_anew(forgotten)
    assert Client().post(by_mail).status_code == 410
    assert signs_in(EVA)


def test_a_link_about_a_forgotten_password_works_once_and_not_after_a_sign_in(eva: User) -> None:
    Client().post(FORGOTTEN, {"email": EVA})
    (link,) = reset_links(EVA)

    assert choose_anew(link)
    assert not choose_anew(link, "words of a third kind")
    cache.clear()
    Client().post(FORGOTTEN, {"email": EVA})
    assert signs_in(EVA, ANOTHER)
    assert not choose_anew(reset_links(EVA)[-1], "words of a third kind")
