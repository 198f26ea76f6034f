"""Each page that somebody can reach: accessible, quiet on the network, readable on a phone, in light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Console
from tests.browser.crawl import pages_reachable


@pytest.fixture(scope="module")
def pages(demo_console: Console) -> dict[str, str]:
    page = demo_console.as_role("admin")
    found = pages_reachable(page, demo_console.address)
    page.context.close()
    return found


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA: rule, how many, and the first place."""
    # Evaluated by the debugger's protocol, so the page's own policy stays as strict as it is.
    page.evaluate(axe)
    found: Any = page.evaluate(
        "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [f"{rule['id']} x{len(rule['nodes'])}: {rule['nodes'][0]['html'][:160]}" for rule in found["violations"]]


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)], ids=["desktop-light", "phone-dark"])
def test_axe_finds_nothing_on_any_page(
    demo_console: Console, page_assets: Path, pages: dict[str, str], size: tuple[int, int], dark: bool
) -> None:
    axe = (page_assets / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    page = demo_console.as_role("admin", size=size, dark=dark)
    found = {}
    for name, path in pages.items():
        page.goto(demo_console.address + path)
        if wrong := violations(page, axe):
            found[f"{name} ({path})"] = wrong
    page.context.close()
    assert found == {}


def test_no_page_is_wider_than_a_phone(demo_console: Console, pages: dict[str, str]) -> None:
    page = demo_console.as_role("admin", size=PHONE)
    wide = {}
    for name, path in pages.items():
        page.goto(demo_console.address + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE[0]:
            wide[f"{name} ({path})"] = width
    page.context.close()
    assert wide == {}


def test_no_page_writes_an_error_to_the_console_or_leaves_its_origin(
    demo_console: Console, pages: dict[str, str]
) -> None:
    page = demo_console.as_role("admin")
    errors: list[str] = []
    page.on(
        "console", lambda message: errors.append(f"{page.url}: {message.text}") if message.type == "error" else None
    )
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    for path in pages.values():
        page.goto(demo_console.address + path)
    page.context.close()
    assert errors == []
    assert demo_console.foreign_requests == []


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


def test_screenshots_are_kept_when_asked_for(
    screenshots: Path | None, demo_console: Console, pages: dict[str, str]
) -> None:
    if screenshots is None:
        pytest.skip("only with --screenshots")
    screenshots.mkdir(parents=True, exist_ok=True)
    for kind, size, dark in (("desktop", DESKTOP, False), ("phone-dark", PHONE, True)):
        page = demo_console.as_role("admin", size=size, dark=dark)
        for name, path in pages.items():
            page.goto(demo_console.address + path)
            page.screenshot(path=screenshots / f"{name.replace(':', '-')}-{kind}.png", full_page=True)
        page.context.close()
