"""Short words for the tests of plans and associations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import NOW, open_shop

DOOR = ("SAVEPOINT", "RELEASE", "ROLLBACK TO", "SELECT set_config", "SELECT current_setting")
"""What opening a page's transaction costs, the same for every page."""


@contextmanager
def counting_queries() -> Iterator[list[str]]:
    """The queries of a page, without what opening its transaction costs."""
    asked: list[str] = []
    with CaptureQueriesContext(connection) as context:
        yield asked
    asked += [query["sql"] for query in context.captured_queries if not query["sql"].startswith(DOOR)]


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name:
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                value = given.get("value", "on" if is_box else "")
                if given.get("type") == "checkbox" and name in self.fields:
                    self.fields[name] = [*_listed(self.fields[name]), value]
                else:
                    self.fields[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data.lstrip("\n")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def fields_of(answer: Any) -> dict[str, Any]:
    """What a browser would send from the page's forms, as they stand."""
    parser = _Fields()
    parser.feed(answer.content.decode())
    return {name: value for name, value in parser.fields.items() if name not in ("csrfmiddlewaretoken", "everyone")}


def text_of(answer: Any) -> str:
    """The words of a page, with single spaces."""
    words: list[str] = []
    parser = HTMLParser()
    parser.handle_data = words.append  # type: ignore[method-assign, assignment]  # all that is wanted of it
    parser.feed(answer.content.decode())
    return " ".join(" ".join(words).replace("\N{NO-BREAK SPACE}", " ").split())


@dataclass(slots=True)
class Desk:
    """A billing clerk at the console on 10 April 2026, in a shop whose mail server is tested."""

    client: Client

    def get(self, address: str, **data: Any) -> Any:
        """Open a page."""
        return self.client.get(address, data)

    def post(self, address: str, **data: Any) -> Any:
        """Send a form; names with a point are given as `fields`."""
        return self.client.post(address, {**data.pop("fields", {}), **data})

    def look_then_agree(self, address: str, fields: dict[str, Any]) -> tuple[Any, Any]:
        """Look at the consequence of a form, then press the button below it."""
        shown = self.client.post(address, {**fields, "look": "yes"})
        return shown, self.client.post(address, {**fields, "shown": fields_of(shown)["shown"], "agree": "yes"})


def at_desk(sign_in: Callable[..., Client], time_machine: Any, role: str = "clerk", **options: Any) -> Desk:
    """Sit down at the console; the shop is opened if nobody has."""
    time_machine.move_to(NOW, tick=False)
    with acting(Scope.all()):
        open_shop()
    return Desk(sign_in(role, **options))
