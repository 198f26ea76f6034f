"""[21] A passkey, with Chromium's own authenticator: an admin's second factor, and a whole sign-in of its own."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from quarterday.accounts.actions import create_user
from quarterday.demo.build import PASSWORD
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.browser.conftest import Console
from tests.shop import BY, NOW, open_shop

EMAIL = "ada@msp.example"


class Key:
    """An authenticator in the browser that holds passkeys, and knows its owner or does not."""

    def __init__(self, page: Page) -> None:
        self._line = page.context.new_cdp_session(page)
        self._line.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = self._line.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._itself = {"authenticatorId": added["authenticatorId"]}

    def passkeys(self) -> list[dict[str, Any]]:
        """What it holds."""
        held: list[dict[str, Any]] = self._line.send("WebAuthn.getCredentials", self._itself)["credentials"]
        return held

    def recognise_owner(self, is_owner: bool) -> None:
        """Whether the next finger or PIN is the owner's."""
        self._line.send("WebAuthn.setUserVerified", {**self._itself, "isUserVerified": is_owner})


@pytest.fixture
def home(empty_console: Console, settings: Any) -> str:
    """An installation with one admin; its name is a domain, because a passkey is made for one."""
    settings.SECOND_FACTOR_FOR = ("admin", "clerk", "auditor")
    with acting(Scope.all()):
        open_shop()
        create_user(email=EMAIL, role="admin", name="Ada", password=PASSWORD, by=BY, now=NOW)
    return empty_console.address.replace("127.0.0.1", "localhost")


def type_password(page: Page, home: str) -> None:
    page.goto(f"{home}/account/login/")
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button[type=submit]")


def prove_that_it_works(page: Page) -> None:
    """The recovery codes are shown once the new passkey was used."""
    page.wait_for_url("**/webauthn/reauthenticate/**")
    page.click("#mfa_webauthn_reauthenticate")
    page.wait_for_url("**/recovery-codes/")


def dashboard_of(page: Page, home: str) -> Page:
    page.wait_for_url(f"{home}/")
    expect(page.locator("h1")).to_have_text("Dashboard")
    return page


def test_an_admin_sets_up_a_passkey_and_comes_in_with_it_alone(empty_console: Console, home: str) -> None:
    page = empty_console.visitor().new_page()
    key = Key(page)
    type_password(page, home)
    page.wait_for_url("**/account/second-factor/")

    page.click("main a:has-text('A passkey')")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/webauthn/add/")
    page.fill("input[name=name]", "Ada's laptop")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    prove_that_it_works(page)
    (passkey,) = key.passkeys()
    assert (passkey["rpId"], passkey["isResidentCredential"]) == ("localhost", True)

    page.context.clear_cookies()
    page.goto(f"{home}/account/login/")
    page.click("#passkey_login")
    dashboard_of(page, home)
    assert page.goto(f"{home}/settings/users/").status == 200  # type: ignore[union-attr]

    page.context.clear_cookies()
    type_password(page, home)
    page.wait_for_url("**/account/2fa/authenticate/")
    page.click("text=Use a security key")
    dashboard_of(page, home)

    key.recognise_owner(False)
    page.context.clear_cookies()
    page.goto(f"{home}/account/login/")
    page.click("#passkey_login")
    expect(page.locator("#passkey-trouble")).to_be_visible()
    assert page.goto(f"{home}/").url.startswith(f"{home}/account/login/")  # type: ignore[union-attr]


@pytest.mark.prove
def test_a_passkey_that_was_taken_away_opens_nothing(empty_console: Console, home: str) -> None:
    page = empty_console.visitor().new_page()
    Key(page)
    type_password(page, home)
    page.click("main a:has-text('A passkey')")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    prove_that_it_works(page)
    Authenticator.objects.all().delete()

    page.context.clear_cookies()
    page.goto(f"{home}/account/login/")
    page.click("#passkey_login")
    page.wait_for_load_state("networkidle")

    assert page.goto(f"{home}/").url.startswith(f"{home}/account/login/")  # type: ignore[union-attr]
