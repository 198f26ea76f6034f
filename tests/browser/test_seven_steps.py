"""From an empty installation to a corrected plan, in a real browser, by what stands on the screen: the seven steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from quarterday.bills.printing import print_some
from quarterday.outbox.sending import send_due
from quarterday.web.sign_in import first_admin
from tests.browser.conftest import Console
from tests.outbox.post import ScriptedPost, scripted_post

expect.set_options(timeout=15_000)


@pytest.fixture
def post() -> Iterator[ScriptedPost]:
    with scripted_post() as server:
        yield server


def press(page: Page, name: str) -> None:
    """Press the button or follow the link of this name."""
    page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("link", name=name, exact=True)).first.click()


def said(page: Page, words: str) -> None:
    expect(page.locator("#messages")).to_contain_text(words)


def test_the_seven_steps_of_the_model(empty_console: Console, post: ScriptedPost, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    page = _first_admin(empty_console)
    _who_we_are(page, empty_console)
    _customers_and_devices(page, empty_console, tmp_path, since=first.isoformat())

    # 1. Admin > Customers > Billing opens with the tabs Service Plan and Billing.
    page.goto(f"{empty_console.address}/billing/")
    tabs = page.get_by_role("navigation", name="Billing").get_by_role("link")
    expect(tabs).to_have_text(["Service Plan", "Billing"])

    # 2. Add Service Plan.
    press(page, "Add Service Plan")
    page.fill("[name=name]", "Gold")
    page.fill("[name=effective_on]", first.isoformat())
    page.fill("[name='unit_price.computer']", "30.00")
    page.fill("[name='unit_price.server']", "90.00")
    press(page, "Add Service Plan")
    said(page, "Gold is added")

    # 3. Associate Service Plan; without a mail server it leads to Mail Server Settings.
    press(page, "Associate Service Plan")
    expect(page.get_by_text("Bills could not reach anybody yet")).to_be_visible()
    _mail_server(page, empty_console, post)
    page.goto(f"{empty_console.address}/billing/associate/")
    page.select_option("[name=plan]", index=1)
    page.fill("[name=starts_on]", first.isoformat())
    page.fill("[name=billed_from]", first.isoformat())
    page.wait_for_load_state("networkidle")  # the list of customers follows the plan
    page.get_by_label("North Dental").first.check()
    page.wait_for_load_state("networkidle")  # and the preview the choice
    expect(page.get_by_text("150.00").first).to_be_visible()
    page.get_by_role("button", name="Associate with 1 customer").click()
    said(page, "Gold is associated with 1 customer")

    # 4. Billing: the dry run first, then the run; the first bill waits for review, is released, paid, downloaded.
    page.goto(f"{empty_console.address}/billing/bills/")
    press(page, "Generate bills now")
    expect(page.locator("main")).to_contain_text("North Dental")
    expect(page.locator("main")).to_contain_text("178.50")
    press(page, "Generate these bills")
    expect(page.get_by_text("The run is over")).to_be_visible()
    page.get_by_role("link", name="Draft").click()
    press(page, "Release")
    said(page, "is issued")
    work()
    assert [address for address, _ in post.taken] == ["ada@msp.example", "ap@north.example"]
    press(page, "Record a payment")
    page.fill("[name=amount]", "178.50")
    press(page, "Record the payment")
    said(page, "owes nothing")

    # 5. Modify: the effect is shown first.
    page.goto(f"{empty_console.address}/billing/")
    page.locator("summary").filter(has_text="Actions").first.click()
    press(page, "Modify")
    page.fill("[name=effective_on]", (today + timedelta(days=1)).isoformat())
    page.fill("[name='unit_price.computer']", "32.00")
    press(page, "Show the effect")
    expect(page.locator("main")).to_contain_text("North Dental")
    press(page, "Save the new prices")
    said(page, "Gold is modified")

    # 6. Disassociate Plan: what is billed or credited is shown first.
    page.goto(f"{empty_console.address}/billing/disassociate/")
    page.select_option("[name=plan]", index=1)
    press(page, "Show its customers")
    page.get_by_label("North Dental").first.check()
    page.fill("[name=last_day]", today.isoformat())
    press(page, "Show what will be billed or credited")
    page.get_by_role("button", name="Disassociate from 1 customer").click()
    said(page, "Gold is disassociated from 1 customer")

    # 7. Dates that could be misread name the customer's zone.
    page.goto(f"{empty_console.address}/customers/")
    page.get_by_role("link", name="North Dental", exact=True).click()
    expect(page.locator("main")).to_contain_text("Europe/Berlin")

    _a_keyboard_skips_to_the_content_and_sees_where_it_is(page, empty_console)
    assert empty_console.foreign_requests == []


def work() -> None:
    """What a worker does, once: bill, print, mail."""
    now = datetime.now(UTC)
    connections.close_all()
    while print_some(now=now):
        pass
    send_due(clock=lambda: now + timedelta(days=1))
    connections.close_all()


def _first_admin(console: Console) -> Page:
    page = console.visitor().new_page()
    page.goto(f"{console.address}/first/")
    page.fill("[name=code]", first_admin.code())
    page.fill("[name=name]", "Ada Admin")
    page.fill("[name=email]", "ada@msp.example")
    page.fill("[name=password]", "a long enough password")
    page.fill("[name=again]", "a long enough password")
    press(page, "Begin")
    page.wait_for_url("**/start/")
    return page


def _who_we_are(page: Page, console: Console) -> None:
    page.goto(f"{console.address}/settings/provider/")
    page.fill("[name=name]", "Bright MSP")
    page.select_option("[name=country]", "DE")
    page.fill("[name=vat_id]", "DE136695976")
    page.select_option("[name=time_zone]", "Europe/Berlin")
    page.locator("main form button[type=submit], main form button:not([type])").last.click()
    said(page, "")


def _customers_and_devices(page: Page, console: Console, folder: Path, *, since: str) -> None:
    page.goto(f"{console.address}/customers/add/")
    page.fill("[name=name]", "North Dental")
    page.select_option("[name=country]", "DE")
    page.fill("[name=time_zone]", "Europe/Berlin")
    page.fill("[name=currency]", "EUR")
    page.fill("[name=emails]", "ap@north.example")
    press(page, "Add the customer")
    said(page, "North Dental is added")

    file = folder / "devices.csv"
    file.write_text(
        "Customer,Device ID,Name,Class\n"
        "North Dental,1,PC-1,computer\nNorth Dental,2,PC-2,computer\nNorth Dental,3,SRV,server\n"
    )
    page.goto(f"{console.address}/inventory/upload/")
    page.set_input_files("[name=file]", file)
    page.fill("[name=source]", "export")
    press(page, "On to its columns")
    page.fill("[name=present_since]", since)
    press(page, "Show what would change")
    press(page, "Apply this")


def _mail_server(page: Page, console: Console, post: ScriptedPost) -> None:
    page.goto(f"{console.address}/settings/mail/")
    page.fill("[name=host]", "127.0.0.1")
    page.fill("[name=port]", str(post.port))
    page.locator("[name=security][value=none]").check()
    page.fill("[name=sender_address]", "bills@msp.example")
    press(page, "Save")
    page.fill("[name=to]", "ada@msp.example")
    press(page, "Send Test Mail")
    expect(page.get_by_text("Mail works")).to_be_visible()
    assert [address for address, _ in post.taken] == ["ada@msp.example"]


def _a_keyboard_skips_to_the_content_and_sees_where_it_is(page: Page, console: Console) -> None:
    page.goto(f"{console.address}/customers/add/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") > 0, "it is seen once it has the focus"
    page.keyboard.press("Enter")
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name"))
        assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2, reached[-1]
    assert reached[:3] == ["name", "number", "street"], "from the link on it is the form's fields, in their order"
