"""Nobody comes in by mistake: every page has a door, and the door asks anew at each request."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from quarterday.accounts.models import User
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope

FOREIGN = ("allauth.", "django.")


def views(resolver: URLResolver | None = None):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from views(entry)
        elif isinstance(entry, URLPattern):
            yield entry.name, entry.callback


def test_every_page_says_who_may_open_it():
    open_ones = [
        name for name, view in views() if not view.__module__.startswith(FOREIGN) and not hasattr(view, "needs")
    ]
    assert open_ones == []


def test_a_stranger_is_led_to_the_sign_in_and_back(database):
    answer = Client().get("/?month=3")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=%2F%3Fmonth%3D3")


def test_a_disabled_user_is_out_at_the_next_request(sign_in):
    client = sign_in("admin")
    assert client.get("/").status_code == 200
    User.objects.update(is_active=False)
    assert client.get("/").status_code == 302


def test_nobody_signs_up_by_themselves(database):
    assert b"closed" in Client().get("/account/signup/").content.lower()


def test_every_response_forbids_foreign_and_inline_scripts(sign_in):
    policy = sign_in("admin").get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_every_page_has_a_state_for_an_empty_installation(sign_in, role):
    client, pages = sign_in(role), [name for name, view in views() if is_list(name, view)]
    assert len(pages) > 40
    answers = {name: client.get(reverse(name)).status_code for name in pages}
    assert {name: status for name, status in answers.items() if status not in (200, 302, 403, 405)} == (
        # What a provider that there is not has uploaded, and would print.
        {"settings_logo": 404, "settings_preview_pdf": 404} if role == "admin" else {}
    )


def test_a_page_that_needs_the_provider_leads_to_the_first_steps_until_there_is_one(sign_in):
    said = sign_in("admin").get("/billing/conservation/").content.decode()
    assert "Say who you are first" in said
    assert 'href="/start/"' in said


def is_list(name, view):
    """Whether a view is a page of ours whose address names nothing in particular."""
    if not isinstance(getattr(view, "needs", None), str):
        return False
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False


def test_a_form_that_another_site_sends_changes_nothing(sign_in):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = sign_in("admin").cookies
    told = {"name": "Elsewhere", "country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR"}

    assert browser.post("/customers/add/", told).status_code == 403
    with acting(Scope.all()):
        assert Customer.objects.count() == 0


def test_a_browser_sends_no_session_along_with_another_sites_form(sign_in):
    sign_in("admin")
    told = {"login": "admin@msp.example", "password": "a long password"}
    cookie = Client().post("/account/login/", told).cookies["sessionid"]
    assert (cookie["samesite"], cookie["httponly"]) == ("Lax", True)
