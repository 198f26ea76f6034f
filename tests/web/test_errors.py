"""What a reader sees when nothing is there, something breaks, or the database is away; in the language of the pages."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.test import Client

from quarterday.accounts.models import User

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}


def asks(client: Client, path: str, **headers: str) -> tuple[int, str]:
    client.raise_request_exception = False
    answer = client.get(path, **headers)  # type: ignore[arg-type]
    return answer.status_code, answer.content.decode()


def failing(monkeypatch: pytest.MonkeyPatch, where: str, error: Exception) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(where, fail)


def test_what_is_not_there_is_not_there_in_the_users_language(sign_in: Any) -> None:
    client = sign_in("admin")
    User.objects.update(language="de")
    status, page = asks(client, "/customers/4711/")
    assert status == 404
    assert '<html lang="de"' in page
    assert "Hier ist nichts, was Sie sehen können" in page


def test_a_broken_page_says_that_nothing_was_half_done(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in("admin")
    failing(monkeypatch, "quarterday.web.customers.views.customer_list", RuntimeError("broken"))
    status, page = asks(client, "/customers/")
    assert status == 500
    assert "Nothing was half done" in page
    assert "broken" not in page

    User.objects.update(language="de")
    status, page = asks(client, "/customers/")
    assert status == 500
    assert '<html lang="de"' in page
    assert "Nichts blieb halb getan" in page


def test_the_address_of_a_button_opened_as_a_page_says_what_it_is(sign_in: Any) -> None:
    client = sign_in("admin")
    status, page = asks(client, "/settings/mail/test/")
    assert status == 405
    assert "This address is a button, not a page" in page
    assert client.get("/settings/mail/test/").headers["Allow"] == "POST"

    User.objects.update(language="de")
    assert "Diese Adresse ist ein Knopf, keine Seite" in asks(client, "/settings/mail/test/")[1]


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("django.contrib.auth.middleware.get_user", id="before the page knows who asks"),
        pytest.param("quarterday.web.customers.views.customer_list", id="in a page"),
    ],
)
def test_an_unreachable_database_gives_a_page(sign_in: Any, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    client = sign_in("admin")
    failing(monkeypatch, where, OperationalError("connection refused"))
    status, page = asks(client, "/customers/")
    assert status == 503
    assert "The database cannot be reached" in page
    assert "refused" not in page


def test_while_the_database_is_away_the_browsers_language_is_spoken(
    sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in("admin")
    failing(monkeypatch, "django.contrib.auth.middleware.get_user", OperationalError("connection refused"))
    status, page = asks(client, "/customers/", **GERMAN)
    assert status == 503
    assert "Die Datenbank ist nicht erreichbar" in page


def test_a_form_of_before_somebody_signed_in_says_so_and_did_nothing(sign_in: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = sign_in("admin").cookies
    answer = browser.post("/customers/add/", {"name": "Late"})
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()
    assert "Nothing was done" in answer.content.decode()


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("/settings/", "You are signed in as “Auditor”. These roles may: Admin. Ask one of them to do it"),
        ("/customers/add/", "You are signed in as “Auditor”. These roles may: Admin, Billing clerk. Ask one of them"),
    ],
)
def test_a_page_that_a_role_may_not_open_says_who_may_and_what_to_do(sign_in: Any, page: str, said: str) -> None:
    status, shown = asks(sign_in("auditor"), page)
    assert status == 403
    assert said in shown


def test_the_menu_leaves_out_what_a_role_may_not_open(sign_in: Any) -> None:
    entries = {
        role: re.findall(r'nav-link-title">(\w+)<', asks(sign_in(role), "/")[1].split("q-only-narrow")[0])
        for role in ("admin", "clerk", "auditor", "customer_admin", "contact")
    }
    read = ["Dashboard", "Customers", "Billing", "Inventory"]
    assert entries == {
        "admin": [*read, "Settings", "System"],
        "clerk": read,
        "auditor": [*read, "System"],
        "customer_admin": read,
        "contact": read,
    }


COMES_BACK = [
    pytest.param({}, "/customers/?q=north", id="a page"),
    pytest.param(
        {"HX-Request": "true", "HX-Current-URL": "http://testserver/billing/?q=n"}, "/billing/?q=n", id="htmx"
    ),
]


@pytest.mark.parametrize(("headers", "page"), COMES_BACK)
def test_whoever_is_signed_out_comes_back_to_the_page_and_not_to_a_part_of_it(
    database: None, headers: dict[str, str], page: str
) -> None:
    answer = Client().get("/customers/?q=north", headers=headers)
    led = answer["HX-Redirect"] if headers else answer["Location"]
    assert led == f"/account/login/?{urlencode({'next': page})}"


@pytest.mark.parametrize(
    ("came_from", "page"),
    [
        pytest.param("http://testserver/customers/1/?tab=bills#top", "/customers/1/?tab=bills", id="the form's page"),
        pytest.param("http://elsewhere.example/customers/1/", "/", id="another site"),
        pytest.param("", "/", id="nobody says"),
    ],
)
def test_a_form_that_came_too_late_leads_back_to_its_page(database: None, came_from: str, page: str) -> None:
    answer = Client().post("/customers/1/archive/", headers={"Referer": came_from})
    assert answer["Location"] == f"/account/login/?{urlencode({'next': page})}"
