"""Each page that somebody can reach: accessible, no wider than its screen, quiet on the console and on the network.

All pages in all looks take minutes, so they belong to `make prove`; `make test` has one page of each kind, as a desktop
in the light and as a phone in the dark, which differ in everything that a look can differ in.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Console
from tests.browser.crawl import pages_reachable

LOOKS = {
    "desktop-light": (DESKTOP, False),
    "phone-dark": (PHONE, True),
    "desktop-dark": (DESKTOP, True),
    "phone-light": (PHONE, False),
}
# A list, a form, a chart, a page beside its paper, a timeline, an upload, a consequence, a section of the settings...
ONE_OF_EACH_KIND = [
    *("/", "/customers/", "/customers/1/", "/billing/", "/billing/plans/1/", "/billing/plans/add/"),
    *("/billing/associate/", "/billing/bills/?paid=overdue", "/billing/bills/1/", "/billing/bills/run/"),
    *("/inventory/", "/inventory/devices/1/", "/inventory/upload/", "/settings/mail/"),
]

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
SHOWN = re.compile(r"\]\(images/(\w+)-desktop\.png\)")
# The guide shows what is beside the paper, which has a picture of its own in the README.
PARTS = {"bill": ".q-bill > :not(.q-paper)"}
HIGHEST = 1500

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def pages(demo_console: Console) -> dict[str, str]:
    page = demo_console.as_role("admin")
    found = pages_reachable(page, demo_console.address)
    page.context.close()
    assert len(found) > 50, f"only {sorted(found)} were found by following links"
    return found


def faults(page: Page, axe: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA (rule, how often, first place), and a page wider than its screen."""
    # Evaluated by the debugger's protocol, so the page's own policy stays as strict as it is.
    page.evaluate(axe)
    found: Any = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    told = [f"{rule['id']} x{len(rule['nodes'])}: {rule['nodes'][0]['html'][:160]}" for rule in found["violations"]]
    width, screen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return [*told, f"{width} px wide"] if width > screen else told


def test_a_page_of_each_kind_is_accessible_and_fits_its_screen(demo_console: Console, page_assets: Path) -> None:
    axe = (page_assets / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    page = demo_console.as_role("admin")
    found = {}
    for path in ONE_OF_EACH_KIND:
        show(page, "desktop-light")
        answer = page.goto(demo_console.address + path)
        assert answer is not None
        assert answer.status == 200, path
        for look in ("desktop-light", "phone-dark"):
            show(page, look)
            if wrong := faults(page, axe):
                found[f"{path} ({look})"] = wrong
    page.context.close()
    assert found == {}
    assert demo_console.foreign_requests == []


def test_a_keyboard_skips_to_the_content_and_sees_where_it_is(demo_console: Console) -> None:
    page = demo_console.as_role("admin")
    page.goto(demo_console.address + "/customers/add/")
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
    page.context.close()


def show(page: Page, look: str) -> None:
    """Change a page's look while it is open."""
    (width, height), dark = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    # Without motion no colour is measured on its way to another one.
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")


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
        page.goto(demo_console.address + pages[name])
        page.wait_for_load_state("networkidle")
        picture = screenshots / f"{name}-desktop.png"
        if part := PARTS.get(name):
            page.locator(part).screenshot(path=picture)
        else:
            height = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
            page.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": DESKTOP[0], "height": height})
    page.context.close()
