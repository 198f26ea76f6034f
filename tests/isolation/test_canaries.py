"""[5] No word of another customer reaches a customer admin or a contact, and not even that there is another one.

Canaries: every text of the second customer has its mark, which is searched in whatever the first one's people get.
Twin worlds: what they get is the same to the byte before the second customer's life and after it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any, Literal

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from quarterday.config.logs import formatter
from quarterday.customers.models import Customer
from quarterday.outbox.models import Attachment, Message
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.documents.reading import text
from tests.isolation.addresses import ADDRESSES
from tests.isolation.world import FOREIGN, OWN, TODAY, Life, World, live, open_world, people
from tests.web.visitor import signed_in

if TYPE_CHECKING:
    from tests.databases import Server

OPEN = [name for name, address in ADDRESSES.items() if "contact" in address.opens and not address.only_acts]
ASKED_DIFFERENTLY = {
    "customers": ["?q=e", "?sort=-name", "?archived=yes"],
    "customer_options": ["?q=e", f"?q={FOREIGN}"],
    "bills": ["?q=e", f"?q={FOREIGN}", "?state=open", "?status=overdue", "?sort=-total", "?page=2"],
    "export_bills": ["?q=e", "?kind=bills"],
    "devices": ["?q=e", f"?q={FOREIGN}", "?page=2"],
    "billing": ["?q=e", "?archived=yes"],
    "dashboard": ["?month=3"],
}


def addresses(own: Life, foreign: Life | None) -> Iterator[str]:
    """Every page that they may open: their own, with what can be asked of it, and with foreign and missing ids."""
    for name in OPEN:
        address = ADDRESSES[name]
        for life in (own, *([foreign] if foreign else [])):
            kwargs = {key: getattr(life, attribute) for key, attribute in address.names.items()}
            path = reverse(name, kwargs=kwargs)
            yield path
            if not kwargs:
                yield from (path + query for query in ASKED_DIFFERENTLY.get(name, ()))
                if foreign:
                    yield f"{path}?customer={foreign.customer}"
                break


def read(client: Client, path: str) -> tuple[int, bytes]:
    """Status and body, without the token that is another one each time."""
    with transaction.atomic():
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    if answer.headers.get("Content-Type", "").startswith("application/pdf") and answer.status_code == 200:
        body = text(body).encode()
    return answer.status_code, re.sub(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', rb"\1", body)


def client_of(user: Any) -> Client:
    return signed_in(user, raise_request_exception=False)


@pytest.mark.parametrize("role", [pytest.param("customer_admin", marks=pytest.mark.prove), "contact"])
def test_no_page_file_log_or_error_names_another_customer(
    world: World, role: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    client = client_of(world.users[role])
    answers = {path: read(client, path) for path in addresses(world.own, world.foreign)}

    assert [path for path, (status, _) in answers.items() if status not in (200, 302, 404)] == []
    # What was asked for may be repeated: it is the reader's own word.
    found = [path for path, (_, body) in answers.items() if FOREIGN.encode() in body and FOREIGN not in path]
    found += [path for path, (_, body) in answers.items() if f"{FOREIGN.lower()}.example".encode() in body]
    assert found == []
    assert sum(OWN.encode() in body for _, body in answers.values()) > 20, "the search looks at the right pages"
    written = caplog.text + "".join(capfd.readouterr())
    assert FOREIGN not in re.sub(rf"\?q={FOREIGN}", "", written)


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_error_page_or_trace_names_another_customer_or_shows_a_secret(
    world: World, form: Literal["console", "json"], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        with acting(Scope.all()):
            name = Customer.objects.get(pk=world.foreign.customer).name
        password = settings.QUARTERDAY.encryption_keys[0].get_secret_value()
        raise RuntimeError(f"a row could not be read: {len(name + password)} letters")

    monkeypatch.setattr("quarterday.web.customers.views.find_customer", broken)
    # An application of its own: this logging must not outlive the test.
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(formatter(form))
    logging.getLogger("django.request").addHandler(handler)
    try:
        status, body = read(client_of(world.users["contact"]), f"/customers/{world.own.customer}/")
    finally:
        logging.getLogger("django.request").removeHandler(handler)

    assert status == 500
    assert "RuntimeError" in lines.getvalue()
    for shown in (body.decode(), lines.getvalue()):
        assert FOREIGN not in shown
        assert settings.QUARTERDAY.encryption_keys[0].get_secret_value() not in shown


def test_no_mail_or_file_to_a_customer_names_another(world: World) -> None:
    low = OWN.lower()
    with acting(Scope.all()):
        mails = list(Message.objects.filter(recipients__0__endswith=f"{low}.example"))
        files = [
            bytes(content) for content in Attachment.objects.filter(message__in=mails).values_list("content", flat=True)
        ]
    texts = [part for mail in mails for part in (mail.subject, mail.body)] + [text(pdf) for pdf in files]
    sent = [message.as_string() for address, message in world.own.mails if address.endswith(f"{low}.example")]

    assert len(mails) >= 3
    assert len(files) >= 2
    assert len(sent) >= 2
    assert [each for each in texts + sent if FOREIGN in each] == []


@pytest.mark.prove
def test_the_world_before_another_customer_came_answered_the_same_to_the_byte(
    database_server: Server, django_db_blocker: Any, time_machine: Any
) -> None:
    from django.core.cache import cache

    from tests.databases import pointing_django_at

    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy):
            time_machine.move_to(TODAY, tick=False)
            open_world()
            own = live(OWN)
            users = people(own)
            asked = list(addresses(own, None))
            before = _answers(users, asked)
            live(FOREIGN)
            cache.clear()
            after = _answers(users, asked)
        database_server.drop(copy)

    assert [key for key in before if before[key] != after[key]] == []
    assert len(before) > 60


def _answers(users: dict[str, Any], asked: list[str]) -> dict[tuple[str, str], tuple[int, bytes]]:
    clients = {role: client_of(users[role]) for role in ("customer_admin", "contact")}
    return {(role, path): read(client, path) for role, client in clients.items() for path in asked}
