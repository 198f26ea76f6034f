"""What a reader is told when a part of a page takes long or does not come, and how a menu follows the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from quarterday.accounts.actions import create_user
from quarterday.bills.run import run_billing
from quarterday.demo.build import PASSWORD, SIGN_INS
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.browser.conftest import Console, serve
from tests.databases import pointing_django_at
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

PROOF = "**/billing/bills/1/proof/"


@pytest.fixture(scope="module")
def console(chromium: Browser, page_assets: Path, database_server: Any, django_db_blocker: Any) -> Iterator[Console]:
    """A shop with one bill, for all tests of this file: none changes anything."""
    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy):
            with acting(Scope.all()):
                open_shop()
                a_subscription(a_customer(), a_plan(flat_fee="5.00"), review_first_bill=False)
                role, email, name, _ = SIGN_INS[0]
                create_user(email=email, role=role, name=name, password=PASSWORD, by=BY, now=datetime.now(UTC))
            [billed] = run_billing(at=datetime(2026, 5, 1, 7, tzinfo=UTC), by=BY).bills
            assert not billed.holds
            yield from serve(chromium)
        database_server.drop(copy)


@pytest.fixture
def bill(console: Console) -> Iterator[Page]:
    """A bill's page, whose "Recompute" fetches a part of it."""
    page = console.as_role("admin")
    page.goto(f"{console.address}/billing/bills/1/")
    yield page
    page.context.close()


def recompute(page: Page) -> None:
    page.get_by_role("link", name="Recompute").click()


TROUBLES = [
    pytest.param(None, "The server cannot be reached", id="the server is away"),
    pytest.param(
        403, "your role may not do it, or you have signed in or out since", id="refused", marks=pytest.mark.prove
    ),
    pytest.param(404, "This is not there any more", id="gone", marks=pytest.mark.prove),
    pytest.param(429, "That was too often", id="too often", marks=pytest.mark.prove),
    pytest.param(500, "Something broke, and nothing was half done", id="broken", marks=pytest.mark.sweep),
    pytest.param(502, "Something broke, and nothing was half done", id="a proxy's own error", marks=pytest.mark.prove),
    pytest.param(503, "The database cannot be reached", id="the database is away", marks=pytest.mark.prove),
]


@pytest.mark.parametrize(("status", "words"), TROUBLES)
def test_a_part_that_does_not_come_says_why_in_its_place_until_it_comes(
    bill: Page, status: int | None, words: str
) -> None:
    def answer(route: Route) -> None:
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, body="<h1>not to be shown</h1>")

    bill.route(PROOF, answer)
    recompute(bill)
    alert = bill.locator("#proof").locator("xpath=preceding-sibling::*[1][@role='alert']")
    expect(alert).to_contain_text(words)
    expect(bill.get_by_text("not to be shown")).to_have_count(0)
    recompute(bill)
    expect(bill.locator(".q-trouble")).to_have_count(1)  # said once, however often it fails

    bill.unroute(PROOF)
    recompute(bill)
    expect(bill.locator("#proof")).to_contain_text("It comes out the same, to the byte.")
    expect(bill.locator(".q-trouble")).to_have_count(0)


def test_whoever_was_signed_out_signs_in_and_is_back_on_the_page(bill: Page, console: Console) -> None:
    bill.context.clear_cookies()
    recompute(bill)
    bill.wait_for_url("**/account/login/?next=%2Fbilling%2Fbills%2F1%2F")
    bill.fill("input[name=login]", console.emails["admin"])
    bill.fill("input[name=password]", console.password)
    bill.get_by_role("button", name="Sign in", exact=True).click()
    bill.wait_for_url("**/billing/bills/1/")


def test_what_takes_long_says_that_it_loads_without_moving(bill: Page) -> None:
    on_its_way: list[Route] = []
    bill.route(PROOF, lambda route: on_its_way.append(route))  # Playwright marks its handler
    works = bill.locator("#works")
    assert works.get_attribute("role") == "status"
    recompute(bill)
    expect(works).to_have_text("Loading …")
    expect(bill.locator("#proof")).to_have_attribute("aria-busy", "true")
    assert bill.locator("#proof").evaluate("each => getComputedStyle(each).opacity") == "1", "legible while it waits"
    assert bill.evaluate("document.getAnimations().filter(each => each.playState === 'running').length") == 0
    on_its_way.pop().continue_()
    expect(bill.locator("#proof")).to_contain_text("It comes out the same, to the byte.")
    expect(works).to_have_text("")
    expect(bill.locator("#proof")).not_to_have_attribute("aria-busy", "true")


def test_a_rows_menu_closes_with_escape_and_when_the_keyboard_has_gone_on(bill: Page, console: Console) -> None:
    bill.goto(f"{console.address}/billing/bills/")
    menu = bill.locator("table details.q-actions").first
    summary = menu.locator("summary")
    summary.focus()
    bill.keyboard.press("Enter")
    bill.keyboard.press("Tab")
    expect(menu.get_by_role("link").first).to_be_focused()
    bill.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    bill.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    bill.keyboard.press("Shift+Tab")
    expect(menu).not_to_have_attribute("open", "")
