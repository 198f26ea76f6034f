"""[24] What opens something is planted, and then searched wherever words leave the house: logs, pages, files, facts."""

from __future__ import annotations

import logging
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.urls import NoReverseMatch, reverse

from quarterday.accounts.actions import create_user
from quarterday.bills.models import Bill, BillFacts
from quarterday.bills.packing import unpack
from quarterday.config.logs import formatter
from quarterday.outbox.actions import configure_mail
from quarterday.outbox.models import Message
from quarterday.outbox.secrets import body_of
from quarterday.outbox.sending import send_due
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on
from tests.bills.ledger import present
from tests.cli.terminal import run
from tests.isolation.addresses import ADDRESSES
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop
from tests.web.visitor import signed_in

APRIL = datetime(2026, 4, 1, tzinfo=UTC).date()
MAY = datetime(2026, 5, 1, tzinfo=UTC).date()
SHOWN_ON_PURPOSE = {"mfa_view_recovery_codes", "mfa_download_recovery_codes", "mfa_activate_totp"}
"""Pages that show the user's own second factor to the user alone."""


class Planted:
    """Every secret by its name, and the words that were found where they must not be."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}

    def found_in(self, words: str | bytes) -> list[str]:
        """The names of the secrets in a text."""
        text = words if isinstance(words, str) else words.decode("latin-1")
        return [name for name, secret in self.secrets.items() if secret in text]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[StringIO]]:
    """Whatever any logger says, in both of our forms."""
    caplog.set_level(logging.INFO)
    lines = [StringIO(), StringIO()]
    handlers = []
    for form, written in zip(("console", "json"), lines, strict=True):
        handler = logging.StreamHandler(written)
        handler.setFormatter(formatter(form))  # type: ignore[arg-type]
        logging.getLogger().addHandler(handler)
        handlers.append(handler)
    yield lines
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


@pytest.fixture
def planted(fresh_database: Any, logged: list[StringIO], monkeypatch: pytest.MonkeyPatch) -> Iterator[Planted]:
    """An installation that bills, with an admin whose every secret is known."""
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "quarterday.web.mail.OutboxBackend")
    own = Planted()
    with acting(Scope.all()):
        open_shop()
        customer = a_customer(emails=["ap@north.example"])
        a_subscription(customer, a_plan(), review_first_bill=False)
        present(customer, "PC-1 #>", start=APRIL)
        admin = create_user(
            email="ada@msp.example", role="admin", name="Ada", password="planted words of Ada", by=BY, now=_noon()
        )
        create_user(
            email="eva@north.example", role="contact", name="Eva", password="planted words of Eva", by=BY, now=_noon()
        )
        configure_mail(
            host="127.0.0.1",
            port=9,
            security="starttls",
            username="shop",
            password="planted smtp password",
            sender_address="bills@shop.example",
            by=BY,
            now=_noon(),
        )
    bill_on(MAY)
    TOTP.activate(admin, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(admin).get_unused_codes()
    connections["default"].settings_dict["PASSWORD"] = "planted database password"
    keys = settings.QUARTERDAY
    own.secrets = {
        "user's password": "planted words of Ada",
        "contact's password": "planted words of Eva",
        "mail password": "planted smtp password",
        "database password": "planted database password",
        "signing key": settings.SECRET_KEY,
        "encryption key": keys.encryption_keys[0].get_secret_value(),
        "second factor": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        **{f"recovery code {number}": code for number, code in enumerate(codes)},
    }
    yield own
    connections["default"].settings_dict["PASSWORD"] = ""


def _noon() -> datetime:
    return datetime.now(UTC)


def sign_in(planted: Planted) -> Client:
    """The admin's browser, after links were mailed; its session's key and the links' tokens are secrets, too."""
    visitor = Client()
    assert visitor.post("/account/link/", {"email": "eva@north.example"}).status_code == 302
    assert visitor.post("/account/password/reset/", {"email": "ada@msp.example"}).status_code == 302
    with acting(Scope.all()):
        bodies = [body_of(message) for message in Message.objects.filter(kind="notice")]
    links = [link for body in bodies for link in re.findall(r"https?://\S+", body)]
    for name, start in (("mailed sign-in link", "/account/link/"), ("mailed reset link", "/password/reset/key/")):
        (token,) = {link.rstrip("/").rpartition("/")[2] for link in links if start in link}
        assert len(token) > 20
        planted.secrets[name] = token
    client = signed_in(_admin(), raise_request_exception=False)
    planted.secrets["session"] = client.session.session_key or ""
    return client


def _admin() -> Any:
    from quarterday.accounts.models import User

    return User.objects.get(email="ada@msp.example")


def test_no_secret_is_in_a_page_a_file_a_log_or_a_fact(
    planted: Planted, logged: list[StringIO], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    client = sign_in(planted)
    planted.secrets["bank file"] = "planted remittance words"
    bank = b"Date;Amount;Text\n2026-05-04;1.00;planted remittance words\nnot a day;x;planted remittance words\n"
    answer = client.post(reverse("bank"), {"file": SimpleUploadedFile("bank.csv", bank), "currency": "EUR"})
    assert answer.status_code == 200
    found: dict[str, list[str]] = {}

    def look(where: str, words: str | bytes, but: tuple[str, ...] = ()) -> None:
        if hits := [name for name in planted.found_in(words) if name not in but]:
            found[where] = hits

    # Pages, exports and the figures for Prometheus.
    for name in ADDRESSES:
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue
        if name in SHOWN_ON_PURPOSE or "logout" in name:
            continue
        look(path, read(client, path), but=("bank file",) if "bank" in path else ())
    look("trail as a file", read(client, reverse("export_trail")))
    look("metrics", Client().get("/metrics/").content)

    # Errors: a page that breaks with all of it at hand, a mail server that is not there.
    def broken(*_: Any, **__: Any) -> None:
        at_hand = dict(planted.secrets)
        raise RuntimeError(f"{len(at_hand)} secrets were at hand")

    with monkeypatch.context() as patched:
        patched.setattr("quarterday.web.customers.views.customer_list", broken)
        error = client.post("/customers/", {"password": planted.secrets["user's password"]})
        error = client.get("/customers/")
    assert error.status_code == 500
    look("error page", error.content)
    send_due(clock=_noon)
    with acting(Scope.all()):
        customer, facts = Bill.objects.get().customer, bytes(BillFacts.objects.get().data)
        answers = "".join(str(row) for row in _rows("outbox_delivery", "shared_auditentry"))
    look("what became of mails, and the trail", answers)
    look("facts", unpack(facts))

    # Commands, and what they write.
    for command in (
        ["doctor"],
        ["status", "--json"],
        ["trail", "--json"],
        ["mail", "show", "--json"],
        ["mail", "list"],
    ):
        told = run(*command)
        look(" ".join(command), told.out + told.err)
    told = run("mail", "test", "--to", "ada@msp.example")
    look("mail test", told.out + told.err)
    told = run("customers", "export-data", customer.number, "--out", str(tmp_path / "data.zip"))
    assert told.code == 0, told.err
    told = run("backup", str(tmp_path / "backup.zip"))
    assert told.code == 0, told.err
    look("what backup says", told.out + told.err)
    for file in ("data.zip", "backup.zip"):
        with zipfile.ZipFile(tmp_path / file) as opened:
            for member in opened.namelist():
                look(f"{file}: {member}", opened.read(member))

    for written in logged:
        look("log", written.getvalue())
    assert "RuntimeError" in logged[1].getvalue(), "the search looks at the right log"
    look("standard output", "".join(capfd.readouterr()))
    assert found == {}


def read(client: Client, path: str) -> bytes:
    """What an address answers, also one that is written while it is sent."""
    answer: Any = client.get(path)
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def _rows(*tables: str) -> list[Any]:
    rows: list[Any] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            rows += cursor.fetchall()
    return rows
