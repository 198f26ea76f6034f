"""The reader's own account, also of those who see one customer only; a second factor at the door."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client

from quarterday.accounts.actions import create_user
from quarterday.accounts.models import User
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW
from tests.web.plans_desk import counting_queries, fields_of, text_of

PASSWORD = "three plain words"


@pytest.fixture(autouse=True)
def _no_requests_before(database: None) -> None:
    cache.clear()


@pytest.mark.parametrize("role", ["admin", "customer_admin", "contact"])
def test_everybody_changes_their_own_name_and_language(sign_in, role):
    client = sign_in(role)
    client.post("/my/", {"name": "Ada L.", "language": "de"})
    user = User.objects.get()
    assert (user.name, user.language, user.role) == ("Ada L.", "de", role)
    assert '<html lang="de"' in client.get("/my/").content.decode()
    with acting(Scope.all()):
        assert AuditEntry.objects.get(verb="changed").actor_name == role.title()


def test_nobody_changes_their_own_role_or_address(sign_in):
    client = sign_in("auditor")
    client.post("/my/", {"name": "A", "language": "en", "role": "admin", "email": "a@b.example"})
    assert User.objects.values_list("role", "email").get() == ("auditor", "auditor@msp.example")


def test_light_or_dark_is_the_browser_s(sign_in):
    client = sign_in("clerk")
    client.post("/my/theme/", {"theme": "dark"})
    assert 'data-bs-theme="dark"' in client.get("/my/").content.decode()
    client.post("/my/theme/", {"theme": "system"})
    assert "data-bs-theme" not in client.get("/my/").content.decode()


def test_the_page_takes_four_queries(sign_in):
    client = sign_in("clerk")
    with counting_queries() as queries:
        client.get("/my/")
    assert len(queries) == 4  # session, user, role, second factors


def signed_in() -> Client:
    with acting(Scope.all()):
        create_user(email="ada@msp.example", role="admin", password=PASSWORD, by=BY, now=NOW)
    client = Client()
    client.post("/account/login/", {"login": "ada@msp.example", "password": PASSWORD})
    # What keeps the account safe is changed only by who has just typed the password again.
    assert client.get("/account/2fa/totp/activate/")["Location"].startswith("/account/reauthenticate/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_a_password_is_changed_by_who_knows_the_old_one(database):
    client = signed_in()
    page = "/account/password/change/"
    told = {"oldpassword": "wrong", "password1": "four other plain words", "password2": "four other plain words"}
    assert "Please type your current password" in text_of(client.post(page, told))
    client.post(page, {**told, "oldpassword": PASSWORD})
    assert User.objects.get().check_password("four other plain words")
    with acting(Scope.all()):
        assert AuditEntry.objects.filter(verb="set the password of").count() == 1


def test_an_authenticator_app_is_asked_for_after_the_password(database):
    client = signed_in()
    page = client.get("/account/2fa/totp/activate/")
    secret = re.search(r'value="([A-Z2-7]{32})"', page.content.decode()).group(1)
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    assert "Second factor on" in text_of(client.get("/my/"))

    cache.clear()  # a code is good once, also for signing in
    other = Client()
    answer = other.post("/account/login/", {"login": "ada@msp.example", "password": PASSWORD})
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert other.get("/").status_code == 302
    asked = other.get("/account/2fa/authenticate/")
    assert "authenticator code" in text_of(asked)
    other.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert other.get("/").status_code == 200


def test_a_passkey_can_be_added_and_used_without_inline_scripts(database):
    client = signed_in()
    for page in (client.get("/account/2fa/webauthn/add/"), Client().get("/account/login/")):
        html = page.content.decode()
        scripts = re.findall(r"<script(?P<attrs>[^>]*)>(?P<body>.*?)</script>", html, re.DOTALL)
        acting_inline = [attrs for attrs, body in scripts if body.strip() and "application/json" not in attrs]
        assert acting_inline == []
        assert "style=" not in html
        assert "mfa/js/webauthn.js" in html


@pytest.mark.parametrize(
    "page",
    [
        "/account/2fa/",
        "/account/2fa/totp/activate/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/password/change/",
        "/account/reauthenticate/",
        "/account/logout/",
    ],
)
def test_account_pages_have_our_look_and_one_heading(database, page):
    html = signed_in().get(page).content.decode()
    assert "web/quarterday.css" in html
    assert html.count("<h1") == 1
    assert " style=" not in html
    # Where one stays signed in, the way back is there.
    assert ('href="/customers/"' in html) == (page not in ("/account/reauthenticate/", "/account/logout/"))


def test_an_address_is_not_changed_at_allauth_s_page(database):
    client = signed_in()
    assert client.get("/account/email/").status_code == 404
    assert client.post("/account/email/", {"email": "x@y.example", "action_add": ""}).status_code == 404
    assert fields_of(client.get("/my/")).get("email") is None
