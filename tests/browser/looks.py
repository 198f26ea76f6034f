"""How a page may look, and what must hold in each look: accessible, and no wider than its screen."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE

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

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults(page: Page, axe: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA (rule, how often, first place), and a page wider than its screen."""
    # Evaluated by the debugger's protocol, so the page's own policy stays as strict as it is.
    page.evaluate(axe)
    found: Any = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    told = [f"{rule['id']} x{len(rule['nodes'])}: {rule['nodes'][0]['html'][:160]}" for rule in found["violations"]]
    width, screen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return [*told, f"{width} px wide"] if width > screen else told


def faults_of_one_of_each_kind(page: Page, address: str, axe: str) -> dict[str, list[str]]:
    """In turn as a desktop in the light and as a phone in the dark; `make prove` has every page in every look."""
    found = {}
    for path, look in zip(ONE_OF_EACH_KIND, cycle(("desktop-light", "phone-dark")), strict=False):
        show(page, look)
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.status == 200, path
        if wrong := faults(page, axe):
            found[f"{path} ({look})"] = wrong
    return found


def show(page: Page, look: str) -> None:
    """Change a page's look while it is open."""
    (width, height), dark = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    # Without motion no colour is measured on its way to another one.
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
