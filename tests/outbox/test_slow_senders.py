"""A sender that takes its time is not taken for dead: it is alive for as long as its session holds the lock."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connections

from quarterday.outbox import sending
from tests.outbox.test_mail import NOON, open_for_mail, posted, states
from tests.worker.crew import eventually, slow_post

if TYPE_CHECKING:
    from tests.databases import Database

MUCH_LATER = datetime(2026, 3, 2, 13, tzinfo=UTC)


def test_a_sender_who_waits_an_hour_for_the_server_is_left_to_it(fresh_database: Database) -> None:
    with slow_post() as post:
        open_for_mail(post)
        posted("a@customer.example")
        post.seconds, post.begun = 3, 0
        sender = threading.Thread(target=lambda: (sending.send_due(clock=lambda: NOON), connections.close_all()))
        sender.start()
        eventually(lambda: post.begun, within=20)

        assert sending.rescue(now=MUCH_LATER) == 0
        assert sending.send_due(clock=lambda: MUCH_LATER + timedelta(minutes=1)) == {}
        sender.join(20)

    assert states() == {"a@customer.example": "sent"}
    assert len(post.taken) == 1
