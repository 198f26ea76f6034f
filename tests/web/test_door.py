"""Nobody comes in by mistake: every page has a door, and the door asks anew at each request."""

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from quarterday.accounts.models import User

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
