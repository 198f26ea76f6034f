"""[21] Two factors for whoever sees all customers; sessions end at once; other admins learn of what is dangerous."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.test import Client
from pydantic import SecretStr

from quarterday.accounts.actions import (
    assign,
    change_user,
    close_user,
    create_user,
    forget_second_factor,
    reopen_user,
    set_password,
    unassign,
)
from quarterday.accounts.models import User
from quarterday.accounts.queries import factor_kinds
from quarterday.accounts.roles import SEES_EVERYTHING
from quarterday.bills.models import Bill
from quarterday.config import settings as installed
from quarterday.outbox.actions import configure_mail
from quarterday.outbox.models import MailServer, Message
from quarterday.outbox.secrets import body_of, decrypt
from quarterday.provider.actions import change_provider
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.scope import COMMAND_LINE, Actor, Scope
from quarterday.shared.trail import record
from quarterday.web.sign_in.alarms import post_alarms
from tests.cli.terminal import run
from tests.shop import BY, NOW, a_customer, open_shop
from tests.web.test_my_account import code_of

PASSWORD = "three plain words"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _as_in_an_installation(settings: Any, database: None) -> None:
    """Tests that are about something else ask nobody for a second factor."""
    settings.SECOND_FACTOR_FOR = ("admin", "clerk", "auditor")
    cache.clear()


def a_user(role: str = "admin", email: str = "ada@msp.example", **fields: Any) -> User:
    with acting(Scope.all()):
        given = {"role": role, "name": email[:3].title(), "password": PASSWORD, **fields}
        return create_user(email=email, by=BY, now=NOW - timedelta(days=30), **given)


def with_app(user: User) -> User:
    TOTP.activate(user, SECRET)
    return user


def type_password(client: Client, email: str = "ada@msp.example") -> Any:
    return client.post("/account/login/", {"login": email, "password": PASSWORD})


def signed_in(user: User) -> Client:
    """A browser that came in with password and app."""
    client = Client()
    type_password(client, user.email)
    cache.clear()
    assert client.post("/account/2fa/authenticate/", {"code": code_of(SECRET)}).status_code == 302
    return client


# Two factors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "opens"), [("admin", 302), ("clerk", 302), ("auditor", 302), ("customer_admin", 200)])
def test_a_password_alone_opens_no_page_for_whoever_sees_all_customers(role: str, opens: int) -> None:
    a_user(role)
    client = Client()
    type_password(client)
    assert client.get("/").status_code == opens
    assert client.post("/billing/bills/run/").status_code == (302 if opens == 302 else 403)


def test_an_installation_asks_everybody_for_it_who_sees_all_customers() -> None:
    assert set(installed.SECOND_FACTOR_FOR) == SEES_EVERYTHING


def test_whoever_has_no_second_factor_is_led_to_set_one_up_and_then_proves_that_it_works() -> None:
    a_user()
    client = Client()
    type_password(client)
    assert client.get("/customers/")["Location"] == "/account/second-factor/"
    assert "A second factor first" in client.get("/account/second-factor/").content.decode()
    page = client.get("/account/2fa/totp/activate/", follow=True)
    if "password" in page.redirect_chain[-1][0] if page.redirect_chain else False:
        client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/2fa/totp/activate/")
    secret = re.search(r'value="([A-Z2-7]{32})"', page.content.decode()).group(1)  # type: ignore[union-attr]
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})

    asked = client.get("/customers/")["Location"]
    assert asked == "/account/2fa/reauthenticate/?next=%2Fcustomers%2F"
    assert client.post(asked, {"code": code_of(secret), "next": "/customers/"})["Location"] == "/customers/"
    assert client.get("/customers/").status_code == 200


def test_a_session_of_before_has_to_give_the_second_factor_too() -> None:
    user = a_user()
    stolen = Client()
    type_password(stolen)
    with_app(user)
    assert stolen.get("/")["Location"].startswith("/account/2fa/reauthenticate/")
    assert stolen.post("/account/2fa/reauthenticate/", {"code": "000000"}).status_code == 200
    assert stolen.get("/").status_code == 302


def test_a_session_of_before_cannot_take_the_second_factor_away_by_the_password() -> None:
    user = a_user()
    stolen = Client()
    type_password(stolen)
    with_app(user)
    RecoveryCodes.activate(user)

    asked = "/account/2fa/reauthenticate/"
    assert stolen.post("/account/reauthenticate/", {"password": PASSWORD})["Location"].startswith(asked)
    for page in ("totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "webauthn/add/", ""):
        assert stolen.get(f"/account/2fa/{page}")["Location"].startswith(asked)
        assert stolen.post(f"/account/2fa/{page}")["Location"].startswith(asked)
    assert stolen.post("/account/password/change/")["Location"].startswith(asked)
    assert factor_kinds(user.pk) == ["totp", "recovery_codes"]

    assert signed_in(user).get("/account/2fa/").status_code == 200
    assert stolen.post("/account/logout/")["Location"] == "/account/login/"


def test_a_page_that_htmx_asks_for_leads_there_too() -> None:
    a_user()
    client = Client()
    type_password(client)
    answer = client.get("/customers/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/account/second-factor/")


def test_a_code_works_once_also_at_another_process(settings: Any, time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 6, 10, 9, tzinfo=UTC), tick=False)  # no code ends between two sign-ins
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"},
        "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    }
    user = with_app(a_user())
    code = code_of(SECRET)
    first, second = Client(), Client()
    for client in (first, second):
        type_password(client)
    assert first.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/"
    assert second.post("/account/2fa/authenticate/", {"code": code}).status_code == 200
    assert (first.get("/").status_code, second.get("/").status_code) == (200, 302)
    assert user.is_active


def test_a_recovery_code_works_once() -> None:
    user = with_app(a_user())
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    first, second = Client(), Client()
    for client in (first, second):
        type_password(client)
        cache.clear()
    assert first.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/"
    assert second.post("/account/2fa/authenticate/", {"code": code}).status_code == 200


def test_a_session_gets_another_key_when_somebody_signs_in() -> None:
    user = with_app(a_user())
    client = Client()
    client.get("/account/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key or ""
    client.cookies["sessionid"] = planted
    type_password(client)
    client.post("/account/2fa/authenticate/", {"code": code_of(SECRET)})
    assert client.cookies["sessionid"].value != planted
    stranger = Client()
    stranger.cookies["sessionid"] = planted
    assert stranger.get("/").status_code == 302
    assert user.is_active


# Sessions end at once ------------------------------------------------------------------------------------------------


def test_a_closed_user_is_out_and_stays_out_when_let_in_again() -> None:
    user, _other = with_app(a_user()), a_user(email="bob@msp.example")
    client = signed_in(user)
    assert client.get("/").status_code == 200
    with acting(Scope.all()):
        close_user(user, by=BY, now=NOW)
    assert client.get("/").status_code == 302
    with acting(Scope.all()):
        reopen_user(user, by=BY, now=NOW)
    assert client.get("/").status_code == 302, "the session of before has come to life again"


def test_another_password_ends_every_session() -> None:
    user = with_app(a_user())
    clients = [signed_in(user), signed_in(user)]
    with acting(Scope.all()):
        set_password(user, password="four other plain words", by=BY, now=NOW)
    assert [client.get("/").status_code for client in clients] == [302, 302]


def test_taking_the_second_factor_ends_every_session_and_the_next_sign_in_sets_a_new_one_up() -> None:
    user = with_app(a_user())
    client = signed_in(user)
    with acting(Scope.all()):
        forget_second_factor(user, by=BY, now=NOW)
    assert client.get("/").status_code == 302
    again = Client()
    type_password(again)
    assert again.get("/")["Location"] == "/account/second-factor/"


def test_a_customer_is_seen_from_the_next_request_on_and_no_longer() -> None:
    with acting(Scope.all()):
        open_shop()
        customer = a_customer()
    user = a_user("customer_admin")
    client = Client()
    type_password(client)
    seen = [client.get(f"/customers/{customer.pk}/").status_code]
    for act in (assign, unassign):
        with acting(Scope.all()):
            act(user, [customer], by=BY, now=NOW)
        seen.append(client.get(f"/customers/{customer.pk}/").status_code)
    assert seen == [404, 200, 404]


# Others are told -----------------------------------------------------------------------------------------------------


def told(now: datetime | None = None) -> list[tuple[str, str]]:
    """Who is mailed what, after the worker looked twice."""
    with acting(Scope.all()):
        for _ in range(2):
            post_alarms(now=now or datetime.now(UTC))
        rows = Message.objects.order_by("pk").values_list("recipients", "subject")
        return [(recipients[0], subject.removeprefix("Quarterday: ")) for recipients, subject in rows]


def test_the_other_admins_learn_of_a_sign_in_from_a_new_browser_and_only_of_the_first() -> None:
    user = a_user()
    for name in ("bob", "cleo"):
        a_user(email=f"{name}@msp.example")
    client = Client()
    for _ in range(3):
        type_password(client)
        client.post("/account/logout/")
    expected = [(f"{name}@msp.example", "A sign-in from a new browser") for name in ("bob", "cleo")]
    assert told() == expected
    type_password(Client())
    assert told() == expected * 2
    assert user.is_active


def test_an_only_admin_learns_it_themselves() -> None:
    a_user()
    type_password(Client())
    assert told() == [("ada@msp.example", "A sign-in from a new browser")]


def test_the_other_admins_learn_of_other_bank_details_and_of_another_mail_server() -> None:
    user = a_user()
    a_user(email="bob@msp.example", language="de")
    by = Actor("person", "Ada", user.pk)
    with acting(Scope.all()):
        open_shop()
        change_provider(Provider.objects.get(), phone="030 123", by=by, now=NOW)
        change_provider(Provider.objects.get(), iban="DE89370400440532013000", by=by, now=NOW)
        configure_mail(host="mail", port=25, security="none", sender_address="a@msp.example", by=by, now=NOW)
    assert [email for email, _ in told(NOW)] == ["bob@msp.example"] * 2
    with acting(Scope.all()):
        bodies = "\n".join(Message.objects.values_list("body", flat=True))
    assert "DE89" not in bodies
    assert "Ada" in bodies
    assert told(NOW + timedelta(days=2)) == told(NOW), "what is older than a day is told no more"


def test_the_other_admins_learn_of_whatever_could_make_one_person_two() -> None:
    ada = a_user()
    a_user(email="bob@msp.example")
    by = Actor("person", "Ada", ada.pk)
    with acting(Scope.all()):
        provider = open_shop()
        for amount in (100, None):
            change_provider(provider, two_persons_above=amount, by=by, now=NOW)
        create_user(email="eve@msp.example", role="clerk", by=by, now=NOW)
        reader = create_user(email="rea@msp.example", role="auditor", by=by, now=NOW)
        change_user(reader, name="Rea", by=by, now=NOW)
        change_user(reader, role="clerk", by=by, now=NOW)
        record(COMMAND_LINE, "approved", Bill(pk=7), at=NOW)
        record(by, "approved", Bill(pk=8), at=NOW)

    changed, approver, command = (
        "The amount above which it takes two persons was changed",
        "A user may approve what takes two persons",
        "A command approved what takes two persons",
    )
    of_ada = [("bob@msp.example", subject) for subject in (changed, changed, approver, approver)]
    assert told(NOW) == [*of_ada, ("ada@msp.example", command), ("bob@msp.example", command)]
    with acting(Scope.all()):
        bodies = "\n".join(Message.objects.values_list("body", flat=True))
    assert "Ada let eve@msp.example decide about bills" in bodies
    assert "Ada let rea@msp.example decide about bills" in bodies
    assert "A command approved bill 7" in bodies


def test_of_the_first_admin_there_is_nobody_to_tell() -> None:
    with acting(Scope.all()):
        create_user(email="ada@msp.example", role="admin", by=COMMAND_LINE, now=NOW)
    assert told(NOW) == []


# Kept sealed ---------------------------------------------------------------------------------------------------------


def test_a_new_key_seals_everything_anew_and_the_old_one_can_go(settings: Any) -> None:
    user = with_app(a_user())
    RecoveryCodes.activate(user)
    with acting(Scope.all()):
        open_shop()
        configure_mail(
            host="mail", port=25, security="none", sender_address="a@msp.example", password="hunter2", by=BY, now=NOW
        )
    Client().post("/account/link/", {"email": a_user("contact", "eva@north.example").email})
    before = _sealed()
    assert not any(word in text for text in before for word in (SECRET, "hunter2", "/account/link/"))
    old, new = settings.QUARTERDAY.encryption_keys, SecretStr(Fernet.generate_key().decode())
    settings.QUARTERDAY = settings.QUARTERDAY.model_copy(update={"encryption_keys": (new, *old)})

    answer = run("rotate-keys")

    assert "4 secrets are sealed with the newest key" in answer.out
    assert not set(before) & set(_sealed())
    settings.QUARTERDAY = settings.QUARTERDAY.model_copy(update={"encryption_keys": (new,)})
    with acting(Scope.all()):
        assert decrypt(bytes(MailServer.objects.get().password_encrypted or b"")) == "hunter2"
        assert "/account/link/" in body_of(Message.objects.get(is_sealed=True))
    assert signed_in(user).get("/").status_code == 200


def _sealed() -> list[str]:
    with acting(Scope.all()):
        kept = [bytes(MailServer.objects.get().password_encrypted or b"").decode(), *_mailed()]
    data = Authenticator.objects.values_list("data", flat=True)
    return kept + [row[name] for row in data for name in ("secret", "seed") if name in row]


def _mailed() -> list[str]:
    return list(Message.objects.filter(is_sealed=True).values_list("body", flat=True))
