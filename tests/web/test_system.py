"""The installation's own pages: status, audit trail, and what machines ask."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr

import quarterday
from quarterday.customers.actions import change_customer
from quarterday.provider.models import Restoration
from quarterday.provider.queries import restored_copy
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope
from quarterday.upkeep.actions import note_drill
from quarterday.web.system import auditing
from quarterday.web.system.words import ACTS, PROMISES
from tests.payments.conftest import customer
from tests.shop import BY, NOW, a_customer, open_shop
from tests.web.conftest import SignIn
from tests.web.plans_desk import counting_queries, text_of


def drilled(at: datetime, *problems: str) -> None:
    with acting(Scope.all()):
        note_drill(taken_at=at, digest="0" * 64, row_count=1234, seconds=9, problems=problems, by=BY, now=at)


def restored_from_a_backup() -> None:
    with acting(Scope.all()):
        Restoration.objects.create(taken_at=NOW, digest="0" * 64, restored_at=NOW, restored_by=BY.name)


def test_the_status_says_what_is_missing_for_bills_to_go_out_by_themselves(sign_in):
    shown = text_of(sign_in("admin").get("/system/"))

    assert "Nothing is billed or mailed by itself: start one with “quarterday worker”" in shown
    assert "A backup that was never restored is a hope" in shown


def test_a_proven_restore_is_shown_until_a_drill_fails(sign_in):
    client = sign_in("admin")
    now = datetime.now(UTC)
    drilled(now - timedelta(hours=2))
    assert "A backup that was never restored" not in text_of(client.get("/system/"))

    drilled(now - timedelta(hours=1), "bills_bill is not what was written")
    shown = text_of(client.get("/system/"))

    assert "bills_bill is not what was written" in shown
    assert "A backup that was never restored" in shown


def test_the_dashboard_reminds_of_a_drill_that_is_long_ago(sign_in):
    client = sign_in("admin")
    assert "without a proven restore" not in text_of(client.get("/"))
    drilled(datetime.now(UTC) - timedelta(days=40))

    assert "40 days without a proven restore" in text_of(client.get("/"))


def test_the_trail_shows_before_and_after_and_filters(sign_in):
    with acting(Scope.all()):
        open_shop()
        north = a_customer()
        change_customer(north, city="Kiel", street="Hafen 1", by=BY, now=NOW)
        change_customer(north, city="Bremen", by=BY, now=NOW)
    client = sign_in("auditor")

    assert "city: Kiel → Bremen" in text_of(client.get("/system/trail/"))
    assert "Kiel → Bremen" not in text_of(client.get("/system/trail/?what=added"))
    assert "Kiel → Bremen" in text_of(client.get(f"/system/trail/?customer={north.number}&since=2026-04-10"))
    assert "Nobody did such a thing" in text_of(client.get("/system/trail/?customer=C-9999"))
    assert "Nobody did such a thing" in text_of(client.get("/system/trail/?until=2026-04-09"))
    assert "9999-12-31 is out of bounds" in text_of(client.get("/system/trail/?until=9999-12-31"))
    exported = b"".join(client.get("/system/trail.csv?what=changed").streaming_content).decode()
    assert len(exported.splitlines()) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_ask_the_same_number_of_queries_at_any_size(sign_in, rows: int) -> None:
    with acting(Scope.all()):
        for number in range(rows):
            a_customer(f"Customer {number}")
    client = sign_in("admin")

    with counting_queries() as asked:
        client.get("/system/trail/")
    assert len(asked) == 6, asked
    with counting_queries() as asked:
        client.get("/system/")
    assert len(asked) == 7, asked


@pytest.mark.parametrize(
    ("role", "code"), [("clerk", 403), ("customer_admin", 403), ("contact", 403), ("auditor", 200)]
)
def test_only_admins_and_auditors_read_everybodys_trail(sign_in, role: str, code: int) -> None:
    client = sign_in(role)
    assert [client.get(address).status_code for address in ("/system/", "/system/trail/")] == [code, code]


def test_every_page_of_a_copy_says_so_until_an_admin_makes_it_the_real_one(sign_in):
    restored_from_a_backup()
    client = sign_in("admin")
    for address in ("/", "/customers/", "/billing/", "/inventory/", "/settings/", "/system/"):
        assert "This is a restored copy" in text_of(client.get(address)), address

    answer = client.post("/system/resume/", follow=True)

    assert "This is the real installation now" in text_of(answer)
    assert "This is a restored copy" not in text_of(client.get("/"))
    with acting(Scope.all()):
        assert restored_copy() is None
        assert AuditEntry.objects.filter(verb="resumed work after", actor_name="Admin").count() == 1


def test_an_auditor_cannot_make_a_copy_the_real_one(sign_in):
    restored_from_a_backup()

    assert sign_in("auditor").post("/system/resume/").status_code == 403


def test_an_audit_entry_carries_the_requests_id_and_address(sign_in):
    restored_from_a_backup()

    answer = sign_in("admin").post("/system/resume/", REMOTE_ADDR="203.0.113.9", HTTP_X_REQUEST_ID="proxy-request-1")

    assert answer["X-Request-ID"] == "proxy-request-1"
    with acting(Scope.all()):
        entry = AuditEntry.objects.get(verb="resumed work after")
    assert (entry.address, entry.request_id) == ("203.0.113.9", "proxy-request-1")


@pytest.mark.parametrize("given", ["", "x", "a" * 37, "bad id\nwith: a line", "<script>"])
def test_a_request_that_is_not_named_well_gets_a_name(database: None, given: str) -> None:
    named = Client().get("/health/", headers={"x-request-id": given})["X-Request-ID"]

    assert named != given
    assert len(named) == 32


def test_health_asks_nothing_and_ready_asks_for_the_tables(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    with counting_queries() as asked:
        assert client.get("/health/").json() == {"alive": True}
    assert asked == []
    assert client.get("/ready/").json() == {"ready": True}

    monkeypatch.setattr("quarterday.web.system.probes._missing_migrations", lambda: [1, 2])
    answer = client.get("/ready/")

    assert (answer.status_code, answer.json()["because"]) == (503, "2 migrations are not applied")


def test_an_unreachable_database_is_alive_and_not_ready(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away() -> list[object]:
        raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr("quarterday.web.system.probes._missing_migrations", away)
    answer = Client().get("/ready/")

    assert answer.status_code == 503
    assert "10.0.0.7" not in answer.content.decode()


def test_the_figures_are_for_this_machine_alone_unless_there_is_a_token(
    database: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    client = Client()
    assert client.get("/metrics/").status_code == 200
    assert client.get("/metrics/", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics/", HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 404, "a proxy asked for somebody"

    before = settings.QUARTERDAY
    settings.QUARTERDAY = before.model_copy(update={"public_address": "https://billing.example.com"})
    assert client.get("/metrics/").status_code == 404, "a proxy on this machine may ask without saying for whom"
    settings.QUARTERDAY, settings.TRUSTED_PROXIES = before, ["127.0.0.1"]
    assert client.get("/metrics/").status_code == 404

    settings.QUARTERDAY = before.model_copy(update={"metrics_token": SecretStr("a long token")})

    assert client.get("/metrics/").status_code == 404
    assert client.get("/metrics/", headers={"authorization": "Bearer wrong"}).status_code == 404
    told = client.get("/metrics/", headers={"authorization": "Bearer a long token"}, REMOTE_ADDR="203.0.113.9")
    assert told.status_code == 200
    assert told["Content-Type"].startswith("text/plain; version=0.0.4")


def test_the_figures_name_nobody_and_prometheus_can_read_them(database: None) -> None:
    with acting(Scope.all()):
        open_shop()
        a_customer("Canary Dental")
    told = Client().get("/metrics/").content.decode()

    lines = told.splitlines()
    assert "Canary" not in told
    assert 'quarterday_mails{state="unclear"} 0' in lines
    assert "quarterday_workers_alive 0" in lines
    assert "quarterday_queue_age_seconds 0" in lines
    assert "quarterday_is_copy 0" in lines
    samples = [line for line in lines if not line.startswith("#")]
    assert all(float(line.rpartition(" ")[2]) >= 0 for line in samples)
    named = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert {line.partition("{")[0].split()[0] for line in samples} <= named


def test_a_requests_log_line_has_its_id_and_nothing_of_anybody(sign_in, capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    from quarterday.config import logs

    client = sign_in("admin")
    with acting(Scope.all()):
        number = a_customer("Canary Dental").pk
    logs.configure(level="INFO", form="json")
    # The loggers that were made under pytest write where pytest put them.
    monkeypatch.setattr(logging.getLogger("quarterday"), "propagate", True)
    try:
        client.get(f"/customers/{number}/?q=canary@person.example", HTTP_X_REQUEST_ID="request-number-7")
        client.get("/customers/?q=Canary")
    finally:
        logs.configure(level="INFO", form="console")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]

    (first, second) = [line for line in lines if line["event"] == "request"]
    assert (first["request_id"], first["page"], first["method"], first["status"]) == (
        "request-number-7",
        "customer",
        "GET",
        200,
    )
    assert second["page"] == "customers"
    assert second["request_id"] != first["request_id"]
    assert "canary" not in json.dumps(lines).lower()


def test_every_act_that_a_room_records_is_said_in_the_readers_language():
    recorded = set()
    for file in Path(quarterday.__file__).parent.rglob("*.py"):
        recorded |= set(re.findall(r'\b(?:record|entry)\(\s*[\w.]+,\s*"([^"]+)"', file.read_text(encoding="utf-8")))
    assert len(recorded) > 50
    assert recorded - set(ACTS) == set()


def test_the_books_are_audited_at_the_press_of_a_button(database: None, sign_in: SignIn) -> None:
    with acting(Scope.all()):
        open_shop()
        a_customer("North Dental")
    client = sign_in("admin")

    assert "Every device-day is in exactly one bucket." in text_of(client.get("/system/audit/"))
    assert "Every promise holds." in text_of(client.post("/system/audit/"))

    with acting(Scope.all()):
        customer("South Dental")  # planted: nobody wrote down who added it
    broken = text_of(client.post("/system/audit/"))
    assert "1 promise is broken." in broken
    assert "broken Every change has an audit entry with its actor. South Dental" in broken


def test_every_promise_of_the_audit_is_said_in_the_readers_language() -> None:
    assert {each.name: each.sentence for each in auditing.PROMISES} == PROMISES
