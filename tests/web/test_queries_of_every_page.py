"""How many queries each page takes: a literal count, the same at one row and at three, and at most twelve.

Every address that answers a GET is visited as the administrator, and every consequence that is shown before an act is
asked for: in a shop with three customers' lives in it (tests/isolation/world.py), and in CI also with one. An address
that is in no table fails. How lists of one thing (a plan's customers, a customer's bills) count at one row and at three
stands beside the tests of what they show.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import time_machine as clock
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.isolation.addresses import ADDRESSES
from tests.shop import a_customer
from tests.web.plans_desk import counting_queries, fields_of
from tests.web.visitor import signed_in

if TYPE_CHECKING:
    from tests.databases import Server
    from tests.isolation.world import World

MOST = 12

PAGES: dict[str, int] = {
    "dashboard": 12,
    "customers": 9,
    "customer_options": 4,
    "customer": 10,
    "customer_bills": 10,
    "customer_account": 6,
    "customer_details": 6,
    "billing": 10,
    "plan": 12,
    "subscription": 11,
    "next_bills": 7,
    "bills": 9,
    "export_bills": 6,
    "consolidated_bill": 5,
    "bills_waiting": 7,
    "bill": 12,
    "bill_pdf": 5,
    "bill_facts": 5,
    "bill_proof": 9,
    "statement_pdf": 7,
    "inventory": 10,
    "freshness": 7,
    "sync": 5,
    "mappings": 5,
    "replacements": 5,
    "exceptions": 6,
    "unbilled_devices": 9,
    "devices": 8,
    "device": 9,
    "paused_devices": 5,
    "late_truths": 6,
    "conservation": 12,
    "bill_bridge": 6,
    "ageing": 5,
    "export_ageing": 5,
    "ledger": 5,
    "export_ledger": 5,
    "write_offs": 4,
    "payments": 5,
    "proposals": 4,
    "late_fees": 5,
    "statement_csv": 6,
    "recount_past": 9,
    "replay_plan": 5,
    "export_replay": 5,
    "my_account": 4,
    "status": 7,
    "trail": 6,
    "export_trail": 7,
    "erase_customer": 6,
    "bank": 4,
    "bank_line": 6,
    "pause_reminders": 7,
    "end_pause": 5,
    "add_customer": 4,
    "import_customers": 4,
    "import_customers_preview": 5,
    "change_customer": 4,
    "change_currency": 4,
    "archive_customer": 7,
    "cancel_customer_charge": 11,
    "add_contact": 4,
    "change_contact": 5,
    "add_plan": 7,
    "modify_plan": 4,
    "withdraw_version": 4,
    "change_plan": 4,
    "associate": 5,
    "disassociate": 4,
    "change_subscription": 4,
    "restart_subscription": 4,
    "agree_prices": 4,
    "uplift_prices": 4,
    "withdraw_prices": 6,
    "add_subscription_charge": 5,
    "cancel_charge": 5,
    "generate_bills": 12,
    "billing_run": 9,
    "add_charge": 4,
    "record_payment": 4,
    "discard_bill": 4,
    "charge_draft": 5,
    "credit_bill": 10,
    "resend_bill": 4,
    "pay_bill": 5,
    "write_off_bill": 5,
    "undo_write_off": 4,
    "proposal": 4,
    "refund_payment": 5,
    "withdraw_payment": 4,
    "let_late_fee_go": 6,
    "waive_missed": 6,
    "upload_devices": 5,
    "upload_columns": 5,
    "upload_preview": 4,
    "mapping": 5,
    "customer_of_mapping": 5,
    "end_exception": 5,
    "add_device": 4,
    "move_device": 4,
    "set_device_class": 4,
    "retire_device": 4,
    "reinstate_device": 4,
    "replace_device": 5,
    "except_device": 4,
    "correct_device": 4,
    "outbox": 6,
    "start": 5,
    "settings": 3,
    "settings_provider": 5,
    "settings_bank": 4,
    "settings_appearance": 4,
    "settings_logo": 4,
    "settings_preview": 3,
    "settings_preview_pdf": 4,
    "settings_numbering": 7,
    "settings_taxes": 5,
    "settings_tax_code": 6,
    "settings_classes": 4,
    "settings_class": 4,
    "settings_billing": 4,
    "mail_settings": 6,
    "settings_reminders": 5,
    "settings_letter": 4,
    "settings_users": 5,
    "settings_add_user": 4,
    "settings_user": 9,
    "replay_sum": 5,
    "audit": 3,
}

PREVIEWS: dict[str, tuple[dict[str, str], int, int]] = {
    "modify_plan": ({}, 9, 3),
    "restart_subscription": ({"on": "2026-07-20"}, 8, 4),
    "agree_prices": ({"effective_on": "2026-08-01", "unit_price.computer": "25"}, 9, 3),
    "uplift_prices": ({"effective_on": "2026-08-01", "percent": "3"}, 9, 3),
    "add_subscription_charge": ({"text": "Cable", "value": "5"}, 10, 2),
    "cancel_charge": ({}, 10, 2),
    "cancel_customer_charge": ({}, 9, 2),
    "write_off_bill": ({"reason": "Insolvent"}, 12, 3),
    "end_pause": ({}, 11, 4),
    "end_exception": ({"on": "2026-04-15"}, 11, 4),
    "add_device": ({"customer": "C-0001", "name": "PC9", "on": "2026-07-05"}, 12, 7),
    "move_device": ({"customer": "Target", "on": "2026-07-05"}, 10, 7),
    "set_device_class": ({"device_class": "server"}, 10, 6),
    "retire_device": ({}, 9, 6),
    "except_device": ({"reason": "Spare", "agreed_by": "The boss"}, 11, 3),
    "correct_device": (
        {"first_day": "2026-07-02", "last_day": "2026-07-03", "where": "nowhere", "reason": "Was away"},
        10,
        6,
    ),
    "charge_draft": ({"text": "Cable", "value": "5"}, 31, 15),
    "credit_bill": ({"reason": "Goodwill"}, 54, 15),
}
"""What is filled in, and how often the preview reads and writes: it does the act and takes it back (bills/estimate.py).

What a preview writes is the act's own; what it reads keeps to the limit.
"""

MAKES_A_BILL = {"charge_draft", "credit_bill"}
"""These write a whole bill, as the run does, which is the consequence that they show; the credit of the one is set off
at once, which here takes back a write-off, too."""


@pytest.fixture(
    scope="module", params=[pytest.param(1, marks=pytest.mark.sweep), 3], ids=["with one row", "with three rows"]
)
def counted(
    request: pytest.FixtureRequest, database_server: Server, django_db_blocker: Any
) -> Iterator[dict[str, tuple[int, int]]]:
    """Address or preview -> how often it reads and writes, in a shop with one life or with three."""
    from tests.databases import pointing_django_at
    from tests.isolation.world import FOREIGN, OWN, TODAY, make_world

    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy), clock.travel(TODAY, tick=False):
            world = make_world(copy, lives=(OWN, FOREIGN, "Thirdmark")[: request.param])
            with acting(Scope.all()):
                a_customer("Target")
            yield _count(world)
        database_server.drop(copy)


def _count(world: World) -> dict[str, tuple[int, int]]:
    client = signed_in(world.users["admin"])
    found = {}
    for name, address in ADDRESSES.items():
        if address.only_acts or "admin" not in address.opens:
            continue
        found[name] = _asked(client, "get", _path(name, world), {})
        if name in PREVIEWS:
            fields = {**fields_of(client.get(_path(name, world))), **PREVIEWS[name][0], "look": "yes"}
            found[f"{name}: preview"] = _asked(client, "post", _path(name, world), fields)
    return found


def _path(name: str, world: World) -> str:
    names = ADDRESSES[name].names
    if name == "restart_subscription":  # of one that has not ended
        names = {"pk": "subscription"}
    values = {key: getattr(world, of) if hasattr(world, of) else getattr(world.own, of) for key, of in names.items()}
    return reverse(name, kwargs=values)


def _asked(client: Client, method: str, path: str, data: dict[str, Any]) -> tuple[int, int]:
    """How often a request reads and writes; what it changes is taken back, and nothing is remembered from before."""
    cache.clear()
    with transaction.atomic():
        with counting_queries() as asked:
            answer = getattr(client, method)(path, data)
            if answer.streaming:
                b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    if method == "post":
        assert answer.status_code == 200, (path, answer.status_code)
        assert "shown" in fields_of(answer), (path, answer.content.decode()[-3000:])
    writes = sum(any(f"{verb} " in query for verb in ("INSERT INTO", "UPDATE", "DELETE FROM")) for query in asked)
    return len(asked) - writes, writes


def test_every_page_is_in_the_table(counted: dict[str, tuple[int, int]]) -> None:
    pages = {name: sum(asked) for name, asked in counted.items() if ": " not in name}
    assert {name: count for name, count in pages.items() if name not in PAGES} == {}
    assert set(PAGES) - set(pages) == set()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_takes_so_many_queries(counted: dict[str, tuple[int, int]], name: str) -> None:
    assert sum(counted[name]) == PAGES[name]
    assert PAGES[name] <= MOST


@pytest.mark.parametrize("name", PREVIEWS)
def test_a_preview_takes_so_many(counted: dict[str, tuple[int, int]], name: str) -> None:
    _, reads, writes = PREVIEWS[name]
    assert counted[f"{name}: preview"] == (reads, writes)
    assert reads <= MOST or name in MAKES_A_BILL
