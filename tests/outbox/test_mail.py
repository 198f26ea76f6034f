"""Mail against a real SMTP server: "sent" means that the server said 250 for that recipient, and nothing gets lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from quarterday.outbox import actions, queries, sending
from quarterday.outbox.models import Delivery, MailServer, Message
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Actor, Scope
from tests.outbox.post import ScriptedPost

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLERK = Actor("person", "Clara Clerk")


def at(moment: datetime) -> sending.Clock:
    return lambda: moment


def set_up(post: ScriptedPost, **changes: Any) -> None:
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": post.port,
        "security": "none",
        "sender_address": "bills@msp.example",
    }
    with acting(Scope.all()):
        actions.configure_mail(**{**settings, **changes}, now=NOON, by=CLERK)


def open_for_mail(post: ScriptedPost) -> None:
    set_up(post)
    assert actions.send_test_mail(to="owner@msp.example", now=NOON, by=CLERK).state == "sent"
    post.taken.clear()


def posted(*recipients: str, kind: str = "bill", key: str = "bill/1", ready: bool = True) -> int:
    with acting(Scope.all()):
        message = actions.NewMessage(key, kind, None, recipients, not_before=NOON)
        number = actions.post_messages([message], now=NOON)[key]
        if ready:
            pdf = actions.Enclosure("INV-2026-00001.pdf", b"%PDF-1.7 bill")
            actions.make_ready([actions.Ready(number, "Bill INV-2026-00001", "Dear customer", [pdf])], now=NOON)
    return number


def states() -> dict[str, str]:
    with acting(Scope.all()):
        return dict(Delivery.objects.order_by("address").values_list("address", "state"))


def test_nothing_is_sent_before_a_test_mail_has_gone_out(database, post):
    set_up(post)
    posted("a@customer.example")

    assert not sending.send_due(clock=at(NOON))
    assert (post.taken, states()) == ([], {"a@customer.example": "queued"})


def test_a_test_mail_opens_the_post_room_and_a_changed_setting_closes_it(database, post):
    set_up(post)
    answer = actions.send_test_mail(to="owner@msp.example", now=NOON, by=CLERK)

    assert (answer.state, answer.text) == ("sent", "250 Taken")
    with acting(Scope.all()):
        assert queries.mail_is_ready()
    set_up(post, sender_name="MSP")
    with acting(Scope.all()):
        assert not queries.mail_is_ready()


def test_a_refused_test_mail_tells_the_servers_words_and_opens_nothing(database, post):
    set_up(post)
    post.answers["*"] = "550 5.7.1 Relaying denied"
    answer = actions.send_test_mail(to="owner@msp.example", now=NOON, by=CLERK)

    assert (answer.state, answer.text) == ("failed", "550 5.7.1 Relaying denied")
    with acting(Scope.all()):
        assert not queries.mail_is_ready()


def test_a_bill_arrives_with_its_pdf_and_is_sent_only_then(database, post):
    open_for_mail(post)
    posted("a@customer.example")
    assert sending.send_due(clock=at(NOON)) == {"sent": 1}

    [(address, mail)] = post.taken
    [pdf] = mail.iter_attachments()
    assert (address, mail["Subject"], mail["From"]) == (
        "a@customer.example",
        "Bill INV-2026-00001",
        "bills@msp.example",
    )
    assert (pdf.get_filename(), pdf.get_content()) == ("INV-2026-00001.pdf", b"%PDF-1.7 bill")
    with acting(Scope.all()):
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.sent_at, delivery.response) == ("sent", NOON, "250 Taken")
        assert delivery.header_id == mail["Message-ID"]
        # Filters distrust a Message-ID whose domain is not the sender's.
        assert delivery.header_id.endswith("@msp.example>")


def test_a_message_waits_for_its_print_and_for_its_hour(database, post):
    open_for_mail(post)
    posted("a@customer.example", ready=False)
    assert not sending.send_due(clock=at(NOON))
    assert states() == {"a@customer.example": "waiting"}

    posted("b@customer.example", key="bill/2")
    assert not sending.send_due(clock=at(NOON - timedelta(minutes=1)))
    assert sending.send_due(clock=at(NOON)) == {"sent": 1}


def test_one_refused_recipient_fails_and_the_other_is_sent(database, post):
    open_for_mail(post)
    post.refused["gone@customer.example"] = "550 No such user"
    posted("a@customer.example", "gone@customer.example")
    sending.send_due(clock=at(NOON))

    assert states() == {"a@customer.example": "sent", "gone@customer.example": "failed"}
    with acting(Scope.all()):
        assert [d.response for d in Delivery.objects.filter(state="failed")] == ["550 No such user"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [("451 Try later", "deferred"), ("554 Spam", "failed"), ("drop", "deferred"), ("hang", "deferred")],
)
def test_a_servers_fault_never_loses_a_bill_and_never_calls_it_sent(database, post, answer, state):
    open_for_mail(post)
    posted("a@customer.example")
    post.answers["*"] = answer
    sending.send_due(clock=at(NOON), timeout=1)

    assert (states(), post.taken) == ({"a@customer.example": state}, [])


def test_a_deferred_bill_goes_later_with_the_same_message_id(database, post):
    open_for_mail(post)
    posted("a@customer.example")
    post.answers["*"] = "drop"
    sending.send_due(clock=at(NOON))
    with acting(Scope.all()):
        before = Delivery.objects.get()
        assert before.next_at == NOON + timedelta(minutes=1)
    post.answers.clear()

    assert not sending.send_due(clock=at(NOON + timedelta(seconds=59)))
    assert sending.send_due(clock=at(NOON + timedelta(minutes=1))) == {"sent": 1}
    assert post.taken[0][1]["Message-ID"] == before.header_id


def test_a_reminder_in_doubt_is_held_as_unclear(database, post):
    open_for_mail(post)
    posted("a@customer.example", kind="reminder", key="reminder/1")
    post.answers["*"] = "drop"
    assert sending.send_due(clock=at(NOON)) == {"unclear": 1}
    assert not sending.send_due(clock=at(NOON + timedelta(days=9)))


def test_an_unreachable_server_defers_with_longer_and_longer_waits_and_fails_in_the_end(database, post):
    open_for_mail(post)
    posted("a@customer.example")
    with acting(Scope.all()):
        MailServer.objects.update(port=1)
    moment, waits = NOON, []
    while sending.send_due(clock=at(moment)) == {"deferred": 1}:
        with acting(Scope.all()):
            next_at = Delivery.objects.get().next_at
        assert next_at is not None
        waits.append(next_at - moment)
        moment = next_at

    assert waits == sending.BACKOFF
    assert states() == {"a@customer.example": "failed"}


def test_a_sender_that_died_is_rescued_bills_again_and_reminders_as_unclear(database, post):
    open_for_mail(post)
    posted("a@customer.example")
    posted("r@customer.example", kind="reminder", key="reminder/1")
    sending._claim(NOON)  # and then the process is gone

    assert sending.rescue(now=NOON + timedelta(seconds=5)) == 0
    assert sending.rescue(now=NOON + timedelta(seconds=30)) == 2
    assert states() == {"a@customer.example": "queued", "r@customer.example": "unclear"}


def test_a_mail_whose_key_is_lost_waits_and_holds_up_no_other(database, post, settings):
    open_for_mail(post)
    link = posted("a@customer.example", kind="link", key="link/1", ready=False)
    posted("r@customer.example", kind="reminder", key="reminder/1")
    with acting(Scope.all()):
        actions.make_ready([actions.Ready(link, "Sign in", "/account/link/", is_secret=True)], now=NOON)
    other = SecretStr(Fernet.generate_key().decode())
    settings.QUARTERDAY = settings.QUARTERDAY.model_copy(update={"encryption_keys": (other,)})

    assert sending.send_due(clock=at(NOON)) == {"deferred": 1, "sent": 1}
    with acting(Scope.all()):
        assert "put that key back" in Delivery.objects.get(address="a@customer.example").response


def test_a_key_is_posted_once(database, post):
    open_for_mail(post)
    posted("a@customer.example")
    posted("a@customer.example")
    assert sending.send_due(clock=at(NOON)) == {"sent": 1}


def test_a_message_sent_again_by_hand_is_a_second_message_and_the_first_stays(database, post):
    open_for_mail(post)
    number = posted("a@customer.example")
    sending.send_due(clock=at(NOON))
    with acting(Scope.all()):
        again = actions.send_again(Message.objects.get(pk=number), now=NOON, by=CLERK, to=["b@customer.example"])
        assert again.key == "bill/1/again/1"
    assert sending.send_due(clock=at(NOON)) == {"sent": 1}
    assert states() == {"a@customer.example": "sent", "b@customer.example": "sent"}
    assert [address for address, _ in post.taken] == ["a@customer.example", "b@customer.example"]


def test_a_mail_that_is_taken_back_does_not_leave_and_the_others_do(database, post):
    open_for_mail(post)
    number = posted("a@customer.example", "b@customer.example")
    with acting(Scope.all()):
        actions.take_back(Delivery.objects.get(address="a@customer.example").pk, now=NOON, by=CLERK)
        assert Message.objects.get(pk=number).cancelled_at is None

    assert sending.send_due(clock=at(NOON)) == {"sent": 1}

    assert [address for address, _ in post.taken] == ["b@customer.example"]
    with acting(Scope.all()):
        with pytest.raises(Refused, match="only a mail that has not left yet"):
            actions.take_back(Delivery.objects.get(address="b@customer.example").pk, now=NOON, by=CLERK)
        with pytest.raises(NotFound, match="There is no delivery 999"):
            actions.take_back(999, now=NOON, by=CLERK)
        assert AuditEntry.objects.get(verb="took back mail").details == {"address": "a@customer.example"}


def test_a_message_that_nobody_gets_any_more_is_cancelled_though_its_bill_is_printed_later(database, post):
    open_for_mail(post)
    with acting(Scope.all()):
        message = actions.NewMessage("bill/1", "bill", None, ["a@customer.example"], NOON)
        number = actions.post_messages([message], now=NOON)["bill/1"]
        actions.take_back(Delivery.objects.get().pk, now=NOON, by=CLERK)
        actions.make_ready([actions.Ready(number, "Your bill", "Here it is.")], now=NOON)
        assert Message.objects.get().cancelled_at == NOON
    assert not sending.send_due(clock=at(NOON))
    assert states() == {"a@customer.example": "cancelled"}


def test_the_password_is_sealed_at_rest_and_kept_when_other_settings_change(database, post):
    set_up(post, username="msp", password="s3cret-pass")
    set_up(post, username="msp")
    with acting(Scope.all()):
        assert b"s3cret" not in bytes(MailServer.objects.get().password_encrypted or b"")
        assert actions.load_server().password == "s3cret-pass"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"host": "mail.thief.example"}, "password: was entered for smtp.msp.example: enter the one of mail.thief.exa"),
        ({"security": "none"}, "password: was entered for a secure connection: enter it again to send it openly"),
    ],
)
def test_a_kept_password_goes_to_no_other_server_and_not_in_the_open(database, post, change, words):
    ours = {"host": "smtp.msp.example", "security": "tls", "username": "msp"}
    set_up(post, **ours, password="s3cret-pass")

    with pytest.raises(actions.MailSettingsWrong, match=words):
        set_up(post, **{**ours, **change})

    set_up(post, **{**ours, "host": "SMTP.msp.example", "port": 465})
    set_up(post, **{**ours, **change}, password="another")
    with acting(Scope.all()):
        assert actions.load_server().password == "another"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"host": ""}, "host: enter the server's name"),
        ({"host": "mail server"}, "host: enter the server's name"),
        ({"port": 0}, "port: 0 is no port"),
        ({"security": "ssl"}, "security: 'ssl' is none of none, starttls, tls"),
        ({"sender_address": "bills"}, "sender_address: 'bills' is not an e-mail address"),
        ({"reply_to": "x@"}, "reply_to: 'x@' is not an e-mail address"),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(database, post, change, words):
    with pytest.raises(actions.MailSettingsWrong, match=words):
        set_up(post, **change)


def test_a_scope_sees_only_its_customers_mail(database, post, two_customers):
    north, south = two_customers
    with acting(Scope.all()):
        for customer in (north, south):
            message = actions.NewMessage(f"bill/{customer}", "bill", customer, ["a@x.example"], not_before=NOON)
            actions.post_messages([message], now=NOON)
    with acting(Scope.of(north)):
        seen = list(Message.objects.all())
        assert [m.customer_id for m in seen] == [north]
        assert {d.customer_id for d in Delivery.objects.all()} == {north}
