"""Find every page that a user can reach by links, one of each kind, so that a new page is looked at by itself."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

LEFT_OUT = ("/account/logout/", "/static/")
NOT_PAGES = (".pdf", ".csv", ".json", "/pdf/", "/download/", "/facts/", "/export/")


def pages_reachable(page: Page, address: str, *, most: int = 120) -> dict[str, str]:
    """URL name -> one path of it, breadth first from the dashboard."""
    found: dict[str, str] = {}
    todo = ["/"]
    while todo and len(found) < most:
        path = todo.pop(0)
        name = _name(path)
        if name is None or name in found:
            continue
        answer = page.goto(address + path)
        if answer is None or "text/html" not in (answer.headers.get("content-type") or ""):
            continue
        found[name] = path
        links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
        todo += [own for link in links if (own := _own_path(link, path))]
    return found


def _name(path: str) -> str | None:
    bare = urlsplit(path).path
    if bare.startswith(LEFT_OUT) or any(part in bare for part in NOT_PAGES):
        return None
    try:
        return resolve(bare).view_name
    except Resolver404:
        return None


def _own_path(link: str, base: str) -> str | None:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or link.startswith("#"):
        return None
    if link.startswith("?"):
        return urlsplit(base).path + link
    return link if link.startswith("/") else None
