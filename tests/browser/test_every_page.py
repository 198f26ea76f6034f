"""Each page that somebody can reach: accessible, no wider than its screen, quiet on the console and on the network.

All pages in all looks take minutes, so they belong to `make prove`; CI has one page of each kind.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import resolve, reverse
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, Console
from tests.browser.crawl import pages_reachable
from tests.browser.looks import LOOKS, faults, faults_of_one_of_each_kind

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
SHOWN = re.compile(r"\]\(images/(\w+)-desktop\.png\)")
# The guide shows what is beside the paper, which has a picture of its own in the README.
PARTS = {"bill": ".q-bill > :not(.q-paper)"}
HIGHEST = 1500
ASKED = {"replay_plan": "?price.computer=32&months=12"}
"""What a page is asked for its picture, where it would be an empty form otherwise."""

OF_AN_OVERDUE_BILL = {
    "pause_reminders": {"reason": "Two laptops came back in October"},
    "write_off_bill": {"reason": "Insolvent"},
}
"""Forms that no link of the first bill leads to, and what is entered before the picture."""


@pytest.fixture(scope="module")
def pages(demo_console: Console) -> dict[str, str]:
    page = demo_console.as_role("admin")
    found = pages_reachable(page, demo_console.address)
    page.context.close()
    assert len(found) > 50, f"only {sorted(found)} were found by following links"
    return found


@pytest.mark.sweep
def test_one_page_of_each_kind_is_accessible_and_fits_its_screen(demo_console: Console, page_assets: Path) -> None:
    axe = (page_assets / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    page = demo_console.as_role("admin")
    assert faults_of_one_of_each_kind(page, demo_console.address, axe) == {}
    page.context.close()
    assert demo_console.foreign_requests == []


@pytest.mark.prove
@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_and_fits_its_screen(
    demo_console: Console, page_assets: Path, pages: dict[str, str], look: str
) -> None:
    axe = (page_assets / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    size, dark = LOOKS[look]
    page = demo_console.as_role("admin", size=size, dark=dark)
    errors: list[str] = []
    page.on(
        "console", lambda message: errors.append(f"{page.url}: {message.text}") if message.type == "error" else None
    )
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    found = {}
    for name, path in pages.items():
        page.goto(demo_console.address + path)
        if wrong := faults(page, axe):
            found[f"{name} ({path})"] = wrong
    page.context.close()
    assert found == {}
    assert errors == []
    assert demo_console.foreign_requests == []


@pytest.mark.prove
def test_every_page_reads_without_javascript(demo_console: Console, pages: dict[str, str]) -> None:
    page = demo_console.as_role("admin", javascript=False)
    without_heading = []
    for name, path in pages.items():
        answer = page.goto(demo_console.address + path)
        assert answer is not None
        assert answer.status == 200, path
        if not page.locator("h1").first.is_visible():
            without_heading.append(name)
    page.context.close()
    assert without_heading == []


@pytest.mark.screenshots
def test_the_guides_pictures_show_the_pages_of_today(
    screenshots: Path, demo_console: Console, pages: dict[str, str]
) -> None:
    """Each page that a guide shows is taken again: NAME-desktop.png is the page of that URL name, in the light."""
    shown = {name for guide in GUIDE.glob("*.md") for name in SHOWN.findall(guide.read_text(encoding="utf-8"))}
    assert shown, f"no picture is shown in {GUIDE}"
    page = demo_console.as_role("admin", size=DESKTOP)
    for name in sorted(shown):
        if entered := OF_AN_OVERDUE_BILL.get(name):
            _fill_in(page, demo_console.address, name, entered)
        else:
            page.goto(demo_console.address + pages[name] + ASKED.get(name, ""))
        page.wait_for_load_state("networkidle")
        picture = screenshots / f"{name}-desktop.png"
        if part := PARTS.get(name):
            page.locator(part).screenshot(path=picture)
        else:
            height = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
            page.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": DESKTOP[0], "height": height})
    page.context.close()


def _fill_in(page: Page, address: str, name: str, entered: dict[str, str]) -> None:
    """A form of the overdue bill that is listed first, with what it would do where it shows that first."""
    page.goto(f"{address}/billing/bills/?paid=overdue")
    bill = page.locator("th[scope=row] a").first.get_attribute("href")
    assert bill is not None
    page.goto(address + reverse(name, args=[resolve(bill).kwargs["pk"]]))
    for field, value in entered.items():
        page.fill(f"[name={field}]", value)
    if page.locator("button[name=look]").count():
        page.click("button[name=look]")
    page.evaluate("document.activeElement.blur()")
