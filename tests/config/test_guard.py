"""[24] What a service does not start with, what every response carries, and whom it believes about the client."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from quarterday.config.environment import SettingsError, load
from quarterday.config.guard import refuse_unsafe
from quarterday.web.headers import HEADERS
from quarterday.web.proxies import BehindProxies
from tests.settings import ROOT

if TYPE_CHECKING:
    from tests.databases import Database

SAFE = {
    "QUARTERDAY_SECRET_KEYS": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "QUARTERDAY_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "QUARTERDAY_PUBLIC_ADDRESS": "https://billing.example.com",
    "QUARTERDAY_TRUSTED_PROXIES": "10.0.0.0/8,127.0.0.1",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("QUARTERDAY_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    for name, value in {**SAFE, "QUARTERDAY_DATA_FOLDER": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


# What it does not start with -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("QUARTERDAY_SECRET_KEYS", "short", "fewer than 32"),
        ("QUARTERDAY_SECRET_KEYS", "k" * 60, "can be guessed"),
        ("QUARTERDAY_SECRET_KEYS", "django-insecure-9f86d081884c7d659a2feaa0c55ad015", "can be guessed"),
        ("QUARTERDAY_ENCRYPTION_KEYS", "abc", "not 32 bytes"),
        ("QUARTERDAY_PUBLIC_ADDRESS", "billing.example.com", "is no site"),
        ("QUARTERDAY_TRUSTED_PROXIES", "proxy.example", "no address or network"),
        ("QUARTERDAY_TRUSTED_PROXIES", "", "name the proxy that has the certificate"),
        ("QUARTERDAY_PUBLIC_ADDRESS", "", "links in mails lead there"),
    ],
)
def test_weak_or_half_settings_are_refused_in_words(
    environment: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    environment.setenv("QUARTERDAY_ALLOWED_HOSTS", "localhost,billing.example.com")
    environment.setenv(name, value)
    with pytest.raises(SettingsError, match=words) as refused:
        load()
    assert "django-insecure" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "words"), [("QUARTERDAY_DEBUG", "DEBUG is on"), ("QUARTERDAY_DEMO", "everybody knows")]
)
def test_a_site_that_others_reach_has_no_debug_pages_and_no_demo_password(
    environment: pytest.MonkeyPatch, database: None, name: str, words: str
) -> None:
    refuse_unsafe(load())
    environment.setenv(name, "true")
    with pytest.raises(SettingsError, match=words):
        refuse_unsafe(load())


def test_the_demo_s_way_in_is_refused_for_real_data(environment: pytest.MonkeyPatch, database: None) -> None:
    for name in ("QUARTERDAY_PUBLIC_ADDRESS", "QUARTERDAY_TRUSTED_PROXIES"):
        environment.delenv(name)
    environment.setenv("QUARTERDAY_DEMO", "true")
    with pytest.raises(SettingsError, match="not the demo's"):
        refuse_unsafe(load())


@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS"])
def test_a_login_that_sees_every_row_is_refused(
    environment: pytest.MonkeyPatch, fresh_database: Database, power: str
) -> None:
    role = f"strong_{os.getpid()}"
    with psycopg.connect(fresh_database.superuser, autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {role} {power}")
        try:
            superuser.execute(f"GRANT {role} TO quarterday_login")
            with pytest.raises(SettingsError, match=f"may become {role}.*roles.sql"):
                refuse_unsafe(load())
        finally:
            superuser.execute(f"DROP ROLE {role}")


def test_check_deploy_is_clean(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("QUARTERDAY_", "DJANGO_"))},
            **SAFE,
            "DATABASE_URL": "postgresql://quarterday_login@127.0.0.1:9/quarterday",
            "QUARTERDAY_DATA_FOLDER": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "quarterday.config.settings",
            "PYTHONPATH": "src",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


# What every response carries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 302),
        ("/account/login/", 200),
        ("/customers/1/", 302),
        ("/no/such/page/", 404),
        ("/static/web/quarterday.css", 200),
        ("/static/nothing.css", 404),
        ("/health/", 200),
        ("/first/", 200),
    ],
)
def test_every_response_carries_the_headers(database: None, path: str, status: int) -> None:
    answer = Client().get(path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_error_carries_the_headers_too(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterday.web.sign_in.views.user_list", lambda: 1 / 0)
    answer = Client(raise_request_exception=False).get("/first/")
    assert answer.status_code == 500
    assert set(HEADERS) | {"Content-Security-Policy"} <= set(answer.headers)


def test_a_foreign_host_is_refused_with_the_headers_on(database: None) -> None:
    answer = Client(raise_request_exception=False).get("/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert set(HEADERS) <= set(answer.headers)


def test_by_https_it_says_that_it_stays_so_and_cookies_go_nowhere_else(database: None, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 31_536_000, True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    answer = Client().get("/account/login/", secure=True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.cookies["csrftoken"]["secure"] is True
    assert Client().get("/account/login/")["Location"] == "https://testserver/account/login/"


# Whom it believes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "said", "seen"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("203.0.113.7", "6.6.6.6", "203.0.113.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        # Some proxies tell the port too, and one that tells nothing usable is not passed over for what a client wrote.
        ("10.0.0.1", "6.6.6.6, 203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, [2001:db8::1]:4711, 10.0.0.2:80", "2001:db8::1"),
        ("10.0.0.1", "6.6.6.6, unknown", "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, ", "10.0.0.1"),
    ],
)
def test_the_client_is_who_a_trusted_proxy_says_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch, peer: str, said: str, seen: str
) -> None:
    monkeypatch.setattr(settings, "TRUSTED_PROXIES", ["10.0.0.0/8"])
    found: list[tuple[str, bool]] = []

    def view(request: Any) -> HttpResponse:
        found.append((request.META["REMOTE_ADDR"], request.is_secure()))
        assert not any(name.startswith("HTTP_X_FORWARDED") for name in request.META)
        return HttpResponse()

    headers: dict[str, Any] = {"HTTP_X_FORWARDED_FOR": said, "HTTP_X_FORWARDED_PROTO": "https"}
    BehindProxies(view)(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))
    assert found == [(seen, peer.startswith("10."))]


def test_the_lock_counts_by_the_client_s_own_address(database: None, settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]

    def attempt(client: str) -> int:
        told = {"login": "ada@msp.example", "password": "wrong"}
        return Client().post("/account/login/", told, HTTP_X_FORWARDED_FOR=client).status_code

    assert [attempt("203.0.113.9") for _ in range(5)][-1] == 429
    assert attempt("203.0.113.10") == 200
