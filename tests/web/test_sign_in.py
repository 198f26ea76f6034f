"""Coming in: a password and a lock, a link by mail, the first admin, and going out."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.utils.translation import get_language

from quarterday.accounts.actions import create_user
from quarterday.accounts.models import User
from quarterday.bills.models import Bill
from quarterday.outbox.models import Message
from quarterday.outbox.secrets import body_of
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope
from quarterday.web.sign_in import first_admin
from tests.shop import BY, NOW, a_customer, open_shop
from tests.web.test_dashboard import billed

PASSWORD = "three plain words"
SIGN_IN, ASK = "/account/login/", "/account/link/"


@pytest.fixture(autouse=True)
def _no_requests_before(database: None) -> None:
    """How often somebody asked is counted in the process's memory, which outlives a test."""
    cache.clear()


@pytest.fixture
def contact() -> User:
    """North Dental's contact, who has no password."""
    with acting(Scope.all()):
        open_shop()
        customer = a_customer("North Dental")
        return create_user(email="eva@north.example", role="contact", name="Eva", customers=[customer], by=BY, now=NOW)


@pytest.fixture
def clerk() -> User:
    with acting(Scope.all()):
        return create_user(email="clara@msp.example", role="clerk", password=PASSWORD, by=BY, now=NOW)


@pytest.fixture
def _mail_through_the_outbox(settings) -> None:
    """As in an installation; Django's tests put a mailbox in its place."""
    settings.EMAIL_BACKEND = "quarterday.web.mail.OutboxBackend"


def type_password(client: Client, password: str, *, email: str = "clara@msp.example"):
    return client.post(SIGN_IN, {"login": email, "password": password})


def links_mailed_to(email: str) -> list[str]:
    with acting(Scope.all()):
        bodies = [body_of(message) for message in Message.objects.filter(recipients__contains=[email]).order_by("pk")]
        return [re.search(r"/account/link/\S+", body).group() for body in bodies]


# A password ----------------------------------------------------------------------------------------------------------


def test_the_right_password_leads_to_the_first_page(clerk):
    client = Client()
    answer = type_password(client, PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


def test_the_address_may_be_typed_in_any_capitals(clerk):
    assert type_password(Client(), PASSWORD, email="Clara@MSP.example").status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(clerk):
    wrong = type_password(Client(), "wrong").content.decode()
    unknown = type_password(Client(), "wrong", email="nobody@msp.example").content.decode()
    message = "The email address and/or password you specified are not correct."
    assert message in wrong
    assert message in unknown


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(clerk):
    client = Client()
    assert [type_password(client, "wrong").status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    locked = type_password(client, PASSWORD)
    assert locked.status_code == 429
    assert "Try again in 15 minutes." in locked.content.decode()
    assert client.get("/").status_code == 302


def test_the_lock_holds_however_the_address_is_typed(clerk):
    client = Client()
    for _ in range(5):
        type_password(client, "wrong")
    assert type_password(client, PASSWORD, email="CLARA@msp.example").status_code == 429


@pytest.mark.parametrize(
    ("tried_from", "then_from", "status"),
    [
        ("2001:db8:1:2::{}", "2001:db8:1:2:ffff::9", 429),  # the network of one subscriber
        ("::ffff:192.0.2.1", "192.0.2.1", 429),
        ("2001:db8:1:2::{}", "2001:db8:1:3::9", 302),  # somebody else's
        ("192.0.2.1", "192.0.2.2", 302),
    ],
)
def test_the_lock_holds_for_whoever_has_a_whole_network(clerk, tried_from, then_from, status):
    for number in range(5):
        client = Client(REMOTE_ADDR=tried_from.format(number + 1))
        type_password(client, "wrong")
    assert type_password(Client(REMOTE_ADDR=then_from), PASSWORD).status_code == status


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "True-Client-IP"])
def test_the_lock_believes_nobody_who_is_no_trusted_proxy(clerk, header):
    for number in range(5):
        type_password(Client(headers={header: f"192.0.2.{number}"}), "wrong")
    assert type_password(Client(headers={header: "192.0.2.9"}), PASSWORD).status_code == 429


def test_the_lock_opens_when_its_time_is_over(clerk):
    from axes.models import AccessAttempt

    client = Client()
    for _ in range(5):
        type_password(client, "wrong")
    AccessAttempt.objects.update(attempt_time=datetime.now(UTC) - timedelta(minutes=10))
    assert "Try again in 5 minutes." in type_password(client, PASSWORD).content.decode()
    AccessAttempt.objects.update(attempt_time=datetime.now(UTC) - timedelta(minutes=16))
    assert type_password(client, PASSWORD).status_code == 302


def test_trying_while_locked_does_not_make_the_lock_longer(clerk):
    from axes.models import AccessAttempt

    client = Client()
    for _ in range(5):
        type_password(client, "wrong")
    AccessAttempt.objects.update(attempt_time=datetime.now(UTC) - timedelta(minutes=10))
    type_password(client, "wrong")
    assert "Try again in 5 minutes." in type_password(client, "wrong").content.decode()


def test_one_person_s_lock_is_not_another_s(clerk):
    with acting(Scope.all()):
        create_user(email="ann@msp.example", role="auditor", password=PASSWORD, by=BY, now=NOW)
    for _ in range(5):
        type_password(Client(), "wrong")
    assert type_password(Client(), PASSWORD, email="ann@msp.example").status_code == 302


def test_a_closed_user_does_not_come_in_and_learns_why(clerk):
    clerk.is_active = False
    clerk.save()
    answer = Client().post(SIGN_IN, {"login": clerk.email, "password": PASSWORD}, follow=True)
    assert "This account is closed" in answer.content.decode()


def test_signing_out_ends_the_session(clerk):
    client = Client()
    type_password(client, PASSWORD)
    assert client.post("/account/logout/").status_code == 302
    assert client.get("/").status_code == 302


@pytest.mark.usefixtures("_mail_through_the_outbox")
def test_a_forgotten_password_is_chosen_anew_by_a_link_from_the_outbox(clerk):
    Client().post("/account/password/reset/", {"email": clerk.email})
    with acting(Scope.all()):
        message = Message.objects.get(recipients=[clerk.email])
    address = re.search(r"http://testserver(/account/password/reset/key/\S+)", body_of(message)).group(1)
    client = Client()
    form = client.get(address)["Location"]
    client.post(form, {"password1": "four other plain words", "password2": "four other plain words"})

    assert type_password(Client(), PASSWORD).status_code == 200
    assert type_password(Client(), "four other plain words").status_code == 302
    with acting(Scope.all()):
        assert AuditEntry.objects.get(verb="set the password of").user_id == clerk.pk


@pytest.mark.usefixtures("_mail_through_the_outbox")
def test_a_mailed_link_leads_to_our_address_whatever_the_request_calls_this_host(clerk, contact, settings):
    settings.QUARTERDAY = settings.QUARTERDAY.model_copy(update={"public_address": "https://billing.example.com"})
    theirs: dict[str, Any] = {"HTTP_HOST": "testserver:6666"}
    Client().post("/account/password/reset/", {"email": clerk.email}, **theirs)
    Client().post(ASK, {"email": contact.email}, **theirs)

    with acting(Scope.all()):
        bodies = [body_of(Message.objects.get(recipients=[user.email])) for user in (clerk, contact)]
    assert "https://billing.example.com/account/password/reset/key/" in bodies[0]
    assert "https://billing.example.com/account/link/" in bodies[1]
    assert [body for body in bodies if "testserver" in body or "6666" in body] == []


@pytest.mark.usefixtures("_mail_through_the_outbox")
def test_nobody_is_mailed_at_an_address_that_is_unknown():
    answer = Client().post("/account/password/reset/", {"email": "nobody@msp.example"})
    assert answer["Location"] == "/account/password/reset/done/"
    with acting(Scope.all()):
        assert Message.objects.count() == 0


# A link by mail ------------------------------------------------------------------------------------------------------


def test_a_customer_s_contact_comes_in_by_a_mailed_link(contact):
    client = Client()
    assert client.post(ASK, {"email": "Eva@north.example"})["Location"] == "/account/link/sent/"
    (link,) = links_mailed_to("eva@north.example")

    assert "The link is good" in client.get(link).content.decode()
    assert client.get("/").status_code == 302  # opening it does nothing: mail scanners open links
    assert client.post(link)["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_link_works_once(contact):
    Client().post(ASK, {"email": contact.email})
    (link,) = links_mailed_to(contact.email)
    assert Client().post(link).status_code == 302
    second = Client()
    assert second.post(link).status_code == 410
    assert "no longer works" in second.get(link).content.decode()
    assert second.get("/").status_code == 302


def test_a_link_works_for_half_an_hour(contact):
    Client().post(ASK, {"email": contact.email})
    (link,) = links_mailed_to(contact.email)
    later = datetime.now(UTC).timestamp()
    with patch("django.core.signing.time.time", return_value=later + 29 * 60):
        assert Client().get(link).status_code == 200
    with patch("django.core.signing.time.time", return_value=later + 31 * 60):
        assert Client().post(link).status_code == 410


def test_a_forged_link_is_no_link(contact):
    assert Client().post("/account/link/abc:def:ghi/").status_code == 410


def test_known_and_unknown_addresses_get_the_same_answer_and_only_one_gets_a_mail(contact):
    known = Client().post(ASK, {"email": contact.email}, follow=True)
    unknown = Client().post(ASK, {"email": "nobody@north.example"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    assert [link for link in (links_mailed_to(contact.email), links_mailed_to("nobody@north.example")) if link] != []
    assert links_mailed_to("nobody@north.example") == []


def test_whoever_sees_all_customers_gets_no_link(clerk):
    Client().post(ASK, {"email": clerk.email})
    assert links_mailed_to(clerk.email) == []


def test_a_closed_contact_gets_no_link_and_a_link_of_before_is_dead(contact):
    Client().post(ASK, {"email": contact.email})
    (link,) = links_mailed_to(contact.email)
    User.objects.update(is_active=False)
    assert Client().post(link).status_code == 410
    Client().post(ASK, {"email": contact.email})
    assert len(links_mailed_to(contact.email)) == 1


def test_a_person_is_mailed_at_most_every_two_minutes(contact):
    for _ in range(5):
        Client().post(ASK, {"email": contact.email})
    assert len(links_mailed_to(contact.email)) <= 2  # two, when the minutes turned meanwhile


def test_a_machine_that_asks_for_many_links_is_told_to_wait(contact):
    codes = [Client().post(ASK, {"email": f"{n}@north.example"}).status_code for n in range(11)]
    assert codes == [302] * 10 + [429]


# The first admin -----------------------------------------------------------------------------------------------------

TOLD = {"name": "Ada", "email": "ada@msp.example", "password": PASSWORD, "again": PASSWORD}


def test_an_installation_without_users_leads_to_the_first_admin(database):
    assert "/first/" in Client().get(SIGN_IN).content.decode()


def test_the_code_from_the_terminal_makes_the_first_admin(database):
    client = Client()
    answer = client.post("/first/", {**TOLD, "code": first_admin.code().upper()})
    assert (answer.status_code, answer["Location"]) == (302, "/start/")
    assert client.get("/start/").status_code == 200
    assert User.objects.get().role == "admin"


def test_without_the_code_nobody_is_made(database):
    answer = Client().post("/first/", {**TOLD, "code": "0000-0000-0000"})
    assert "This is not the code" in answer.content.decode()
    assert not User.objects.exists()


def test_a_weak_password_is_refused_beside_its_field(database):
    answer = Client().post("/first/", {**TOLD, "password": "short", "again": "short", "code": first_admin.code()})
    assert "This password is too short" in answer.content.decode()
    assert not User.objects.exists()


def test_two_passwords_that_differ_are_told(database):
    answer = Client().post("/first/", {**TOLD, "again": "three plain wards", "code": first_admin.code()})
    assert "The two passwords differ" in answer.content.decode()


def test_the_page_is_gone_with_the_first_user(clerk):
    assert Client().get("/first/").status_code == 404
    assert Client().post("/first/", {**TOLD, "code": first_admin.code()}).status_code == 404
    assert User.objects.count() == 1


# Inside --------------------------------------------------------------------------------------------------------------


def test_pages_are_in_the_language_that_the_user_chose(sign_in):
    client = sign_in("admin")
    User.objects.update(language="de")
    answer = client.get("/", headers={"accept-language": "en"})
    assert '<html lang="de"' in answer.content.decode()
    assert answer.headers["Content-Language"] == "de"
    assert get_language() == "en"  # whoever comes next to this thread is not greeted in German


def test_a_session_ends_with_the_password_that_began_it(clerk):
    client = Client()
    type_password(client, PASSWORD)
    clerk.set_password("another plain password")
    clerk.save()
    assert client.get("/").status_code == 302


def test_who_came_by_a_link_sees_their_own_customer_s_bills_and_no_other(time_machine):
    time_machine.move_to(datetime(2026, 6, 10, 9, tzinfo=UTC))
    north, south = billed(2)
    with acting(Scope.all()):
        create_user(email="eva@north.example", role="contact", customers=[north], by=BY, now=NOW)
        own, foreign = (Bill.objects.get(customer=customer).pk for customer in (north, south))
    client = Client()
    client.post(ASK, {"email": "eva@north.example"})
    (link,) = links_mailed_to("eva@north.example")
    client.post(link)

    listed = client.get("/billing/bills/").content.decode()
    assert f"/billing/bills/{own}/" in listed
    assert f"/billing/bills/{foreign}/" not in listed
    assert [client.get(f"/billing/bills/{pk}/pdf/").status_code for pk in (own, foreign, 999_999)] == [200, 404, 404]
    assert [client.get(f"/customers/{row.pk}/").status_code for row in (north, south)] == [200, 404]
    assert [client.get(page).status_code for page in ("/settings/", "/start/", "/settings/outbox/")] == [403] * 3


def a_passkeys_answer(**parts: bytes) -> str:
    """JSON as a browser sends it, around the parts of the authenticator's own answer."""
    said = {
        "clientDataJSON": b'{"type": "webauthn.get", "challenge": "YQ", "origin": "https://x.example"}',
        "authenticatorData": bytes(37),
        "attestationObject": b"\xa0",
        "signature": b"s",
        "userHandle": b"1",
        **parts,
    }
    coded = {name: urlsafe_b64encode(part).decode().rstrip("=") for name, part in said.items()}
    return json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": coded})


NO_ANSWERS = [
    *("[]", "7", "null", "no JSON", "{}", '{"id": null}', '{"response": []}', '{"response": {"userHandle": 7}}'),
    pytest.param("[" * 100_000, id="a deep one"),
    pytest.param(a_passkeys_answer(authenticatorData=b"short"), id="too short"),
    pytest.param(
        a_passkeys_answer(authenticatorData=bytes(32) + b"\x80" + bytes(4)), id="extensions that are not there"
    ),
    pytest.param(a_passkeys_answer(authenticatorData=bytes(32) + b"\x80" + bytes(4) + b"\x81" * 9_999), id="deep ones"),
    pytest.param(a_passkeys_answer(authenticatorData=bytes(32) + b"\x40" + bytes(22)), id="a key that is not there"),
    pytest.param(a_passkeys_answer(attestationObject=b""), id="no attestation"),
    pytest.param(a_passkeys_answer(attestationObject=b"\x81" * 9_999), id="a deep attestation"),
    pytest.param(a_passkeys_answer(clientDataJSON=b"[]"), id="client data of another kind"),
]


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_what_no_passkey_said_makes_no_passkey_and_is_no_error(sign_in, answer: str):
    admin = sign_in("admin")
    admin.post("/account/reauthenticate/", {"password": "a long password"})
    assert admin.get("/account/2fa/webauthn/add/").status_code == 200
    sent = admin.post("/account/2fa/webauthn/add/", {"name": "Mine", "credential": answer})
    assert sent.status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_what_no_passkey_said_opens_nothing_and_is_no_error(database: None, answer: str):
    client = Client()
    client.get("/account/2fa/webauthn/login/")
    sent = client.post("/account/2fa/webauthn/login/", {"credential": answer})
    assert (sent.status_code, sent["Location"]) == (302, SIGN_IN)
