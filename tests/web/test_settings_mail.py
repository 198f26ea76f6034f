"""Mail Server Settings and the outbox: bills go out only when a test mail has gone out, and what went is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from quarterday.outbox.actions import NewMessage, Ready, make_ready, post_messages
from quarterday.outbox.models import Delivery, MailServer
from quarterday.outbox.queries import mail_is_ready
from quarterday.outbox.secrets import decrypt
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.outbox.post import ScriptedPost, scripted_post
from tests.shop import NOW
from tests.web.plans_desk import counting_queries, text_of

PAGE = "/settings/mail/"
TOLD = {
    "host": "127.0.0.1",
    "port": "2525",
    "security": "none",
    "sender_name": "Shop",
    "sender_address": "bills@shop.example",
}


@pytest.fixture
def post() -> Iterator[ScriptedPost]:
    with scripted_post() as server:
        yield server


def server() -> MailServer:
    with acting(Scope.all()):
        return MailServer.objects.get()


def deliver(*states: str) -> list[Delivery]:
    """One mail per state in the outbox."""
    with acting(Scope.all()):
        for number, state in enumerate(states):
            address = f"{state}{number}@north.example"
            key = f"bill/{number}"
            made = post_messages([NewMessage(key, "bill", None, [address], not_before=NOW)], now=NOW)
            make_ready([Ready(made[key], f"Invoice {number}", "Good day")], now=NOW)
            Delivery.objects.filter(address=address).update(
                state=state, response=f"the server on {state}", sent_at=NOW if state == "sent" else None
            )
        return list(Delivery.objects.order_by("pk"))


def test_without_a_server_the_page_says_what_is_missing(sign_in):
    assert "No mail server yet" in text_of(sign_in("admin").get(PAGE))


def test_a_password_is_kept_sealed_and_never_shown(sign_in):
    client = sign_in("admin")
    client.post(PAGE, {**TOLD, "username": "shop", "password": "hush hush"})
    assert b"hush" not in bytes(server().password_encrypted or b"")
    assert decrypt(bytes(server().password_encrypted or b"")) == "hush hush"
    page = client.get(PAGE)
    assert "hush" not in page.content.decode()
    assert "One is kept, encrypted" in text_of(page)


def test_an_empty_password_keeps_the_one_that_is_there_until_it_is_to_be_forgotten(sign_in):
    client = sign_in("admin")
    client.post(PAGE, {**TOLD, "password": "hush hush"})
    client.post(PAGE, {**TOLD, "port": "2526"})
    assert decrypt(bytes(server().password_encrypted or b"")) == "hush hush"
    client.post(PAGE, {**TOLD, "forget_password": "on"})
    assert server().password_encrypted is None


def test_what_is_wrong_stands_beside_its_field(sign_in):
    page = sign_in("admin").post(PAGE, {**TOLD, "host": "smtp example", "port": "70000"})
    assert "70000 is no port" in page.content.decode() or "enter the server" in page.content.decode()
    with acting(Scope.all()):
        assert not MailServer.objects.exists()


def test_a_test_mail_that_the_server_takes_opens_the_post_room(sign_in, post):
    client = sign_in("admin")
    client.post(PAGE, {**TOLD, "port": str(post.port)})
    page = client.post("/settings/mail/test/", {"to": "ada@msp.example"}, follow=True)
    assert [address for address, _mail in post.taken] == ["ada@msp.example"]
    assert "Mail works" in text_of(page)
    assert "250 Taken" in text_of(page)
    with acting(Scope.all()):
        assert mail_is_ready()


def test_a_test_mail_that_is_refused_shows_the_server_s_words(sign_in, post):
    post.refused["ada@msp.example"] = "550 5.1.1 No such mailbox here"
    client = sign_in("admin")
    client.post(PAGE, {**TOLD, "port": str(post.port)})
    page = text_of(client.post("/settings/mail/test/", {"to": "ada@msp.example"}, follow=True))
    assert "The test mail did not go out" in page
    assert "550 5.1.1 No such mailbox here" in page
    with acting(Scope.all()):
        assert not mail_is_ready()


def test_a_server_that_is_not_there_is_told_in_words(sign_in):
    client = sign_in("admin")
    client.post(PAGE, {**TOLD, "port": "1"})
    page = text_of(client.post("/settings/mail/test/", {"to": "ada@msp.example"}, follow=True))
    assert "Nothing answers at this port of the server: check both (ConnectionRefusedError" in page


def test_a_server_whose_name_is_mistyped_is_told_in_words(sign_in):
    client = sign_in("admin")
    client.post(PAGE, {**TOLD, "host": "no.such.host.invalid"})
    page = text_of(client.post("/settings/mail/test/", {"to": "ada@msp.example"}, follow=True))
    assert "No server has this name: check how it is written (gaierror" in page


def test_changed_settings_must_be_tested_again(sign_in, post):
    client = sign_in("admin")
    client.post(PAGE, {**TOLD, "port": str(post.port)})
    client.post("/settings/mail/test/", {"to": "ada@msp.example"})
    client.post(PAGE, {**TOLD, "port": str(post.port), "sender_name": "The Shop"})
    assert "Not tested yet" in text_of(client.get(PAGE))


def test_a_test_mail_needs_an_address_and_a_server(sign_in):
    client = sign_in("admin")
    assert "Enter the e-mail address" in text_of(client.post("/settings/mail/test/", {"to": "ada"}, follow=True))
    answer = text_of(client.post("/settings/mail/test/", {"to": "ada@msp.example"}, follow=True))
    assert "No mail server is set up" in answer


@pytest.mark.parametrize("states", [["failed"], ["failed", "unclear", "sent"]])
def test_the_outbox_asks_the_database_the_same_for_one_mail_and_three(sign_in, states):
    client = sign_in("admin")
    deliver(*states)
    with counting_queries() as queries:
        page = client.get("/settings/outbox/")
    assert text_of(page).count("@north.example") >= len(states)
    assert len(queries) == 6  # session, user, role, mails, states, provider


def test_the_outbox_says_what_needs_a_person(sign_in):
    client = sign_in("clerk")
    deliver("failed", "unclear", "sent", "queued")
    trouble = text_of(client.get("/settings/outbox/", {"show": "trouble"}))
    assert "the server on failed" in trouble
    assert "the server on unclear" in trouble
    assert "the server on sent" not in trouble
    assert "Failed or unclear 2" in trouble


def test_a_failed_mail_is_sent_again_and_a_sent_one_as_a_copy(sign_in):
    client = sign_in("clerk")
    failed, sent = deliver("failed", "sent")
    client.post(f"/settings/outbox/{failed.pk}/again/", {"show": "trouble"})
    client.post(f"/settings/outbox/{sent.pk}/again/")
    with acting(Scope.all()):
        states = list(Delivery.objects.order_by("pk").values_list("address", "state"))
    assert states == [
        ("failed0@north.example", "queued"),
        ("sent1@north.example", "sent"),
        ("sent1@north.example", "queued"),
    ]


def test_a_mail_that_has_not_left_is_taken_back_and_one_that_left_is_not(sign_in):
    client = sign_in("clerk")
    queued, sent = deliver("queued", "sent")
    assert text_of(client.get("/settings/outbox/")).count("Take back") == 1

    taken = client.post(f"/settings/outbox/{queued.pk}/take-back/", {"show": "on-its-way"}, follow=True)
    late = client.post(f"/settings/outbox/{sent.pk}/take-back/", follow=True)

    assert "It will not leave." in text_of(taken)
    assert taken.redirect_chain == [("/settings/outbox/?show=on-its-way", 302)]
    assert "only a mail that has not left yet can be taken back" in text_of(late)
    with acting(Scope.all()):
        assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "sent"]


def test_a_mail_that_is_not_there_is_a_404(sign_in):
    client = sign_in("clerk")
    assert [client.post(f"/settings/outbox/999/{act}/").status_code for act in ("again", "take-back")] == [404, 404]


def test_an_auditor_sends_nothing(sign_in):
    (failed,) = deliver("failed")
    assert sign_in("auditor").post(f"/settings/outbox/{failed.pk}/again/").status_code == 403


def test_the_outbox_goes_on_over_pages(sign_in):
    client: Client = sign_in("clerk")
    deliver(*["sent"] * 51)
    first, second = client.get("/settings/outbox/"), client.get("/settings/outbox/", {"page": 2})
    assert text_of(first).count("Send a copy") == 50
    assert text_of(second).count("Send a copy") == 1
