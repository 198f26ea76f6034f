"""A real Chromium on the real pages: a server on loopback, a database of its own, the demo's first months in it.

Where there is no Chromium these tests skip with one visible line; in CI that is a failure.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# Playwright keeps an event loop in the thread of the test, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
MISSING = "There is no Chromium on this machine: the browser tests are left out (Debian: apt-get install chromium)."
DESKTOP, PHONE = (1280, 900), (390, 844)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a browser; pictures are taken only where a folder for them is named."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
    if config.getoption("--screenshots") is None:
        items[:] = [item for item in items if not item.get_closest_marker("screenshots")]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Console:
    """The pages as somebody sees them: `as_role` signs in, `look` opens an address and waits until it has settled."""

    address: str
    browser: Browser
    password: str
    emails: dict[str, str]
    foreign_requests: list[str] = field(default_factory=list)

    def visitor(
        self, *, size: tuple[int, int] = DESKTOP, dark: bool = False, javascript: bool = True
    ) -> BrowserContext:
        """A browser of somebody who has not signed in."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        context.on("request", self._note)
        return context

    def as_role(self, role: str, **options: Any) -> Page:
        """A page on which a user of a role has just signed in."""
        page = self.visitor(**options).new_page()
        page.goto(f"{self.address}/account/login/")
        page.fill("input[name=login]", self.emails[role])
        page.fill("input[name=password]", self.password)
        page.click("form button[type=submit]")
        page.wait_for_url(lambda url: "/account/login/" not in url)
        return page

    def _note(self, request: Any) -> None:
        # What shows a PDF is part of the browser, and speaks to the browser.
        if not request.url.startswith((self.address, "data:", "blob:", "chrome-extension:", "chrome:", "about:")):
            self.foreign_requests.append(request.url)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def page_assets() -> Path:
    """Tabler and axe-core, fetched once by the lock file."""
    from django.conf import settings

    from quarterday.web.assets import AssetsMissing, fetch

    try:
        fetch(settings.ASSETS)
    except AssetsMissing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"The page assets could not be fetched: {missing}")
    return Path(settings.ASSETS)


def serve(chromium: Browser) -> Iterator[Console]:
    """The pages of the database that Django points at, for the demo's sign-ins."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    from quarterday.demo.build import PASSWORD, SIGN_INS

    # Other tests of this process go on asking for "testserver".
    before = settings.ALLOWED_HOSTS
    settings.ALLOWED_HOSTS = [*before, "127.0.0.1"]
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield Console(address, chromium, PASSWORD, {role: email for role, email, _, _ in SIGN_INS})
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        settings.ALLOWED_HOSTS = before


@pytest.fixture(scope="module")
def demo_console(
    chromium: Browser,
    page_assets: Path,
    database_server: Any,
    django_db_blocker: Any,
    tmp_path_factory: Any,
    screenshots: Path | None,
) -> Iterator[Console]:
    """The demo's first four months, for tests that only look; all of it until today, for pictures."""
    from quarterday.demo.build import build, story_start
    from tests.databases import pointing_django_at

    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy):
            today = datetime.now(UTC).date() if screenshots else date(2026, 11, 24)
            start = story_start(today)
            last = None if screenshots else date(start.year + (start.month + 3) // 12, (start.month + 3) % 12 + 1, 2)
            build(tmp_path_factory.mktemp("demo"), today=today, stage=last)
            yield from serve(chromium)
        database_server.drop(copy)


@pytest.fixture
def empty_console(chromium: Browser, page_assets: Path, fresh_database: Any) -> Iterator[Console]:
    """An installation on its first day."""
    yield from serve(chromium)
