"""Hostile names on their way from the inventory file to the customer's mailbox and the accounts office stay text.

And hostile surroundings: a disk that is full, a database that is gone.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from psycopg import errors

from quarterday.audit.queries import audit
from quarterday.bills.export import cell, csv_of_bills, rows_as_text
from quarterday.bills.models import Bill, BillFacts, BillIssue, BillPrint, PeriodClaim
from quarterday.bills.packing import unpack
from quarterday.bills.printing import print_waiting
from quarterday.cli import _shared
from quarterday.config.logs import formatter
from quarterday.customers.models import Customer
from quarterday.inventory.models import Device
from quarterday.outbox.models import Delivery, MailServer, Message
from quarterday.outbox.sending import send_due
from quarterday.plans.models import Plan
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from tests.cli.terminal import Answer, process, run
from tests.documents.reading import pages
from tests.documents.test_hostile_names import HOSTILE
from tests.outbox.post import scripted_post
from tests.payloads import PAYLOADS
from tests.settings import ROOT
from tests.shop import a_customer, a_plan, a_subscription, open_shop

pytestmark = pytest.mark.sweep

APRIL_LAST = datetime(2026, 4, 30, 12, 0, tzinfo=UTC)
MAY_FIRST = datetime(2026, 5, 1, 7, 0, tzinfo=UTC)
EVIL_CUSTOMER = '=HYPERLINK("http://x") <script>alert(1)</script> #set page(width: 1pt) שלום'
EVIL_PLAN = "@SUM(1+1)*cmd|' /C calc'!A0 *bold* $x^2$ <label> @ref"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "|")


@pytest.fixture
def shop(database: None, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """A customer and a plan with hostile names, associated since April."""
    with acting(Scope.all()):
        open_shop()
        customer = a_customer(EVIL_CUSTOMER)
        a_subscription(customer, a_plan(EVIL_PLAN, flat_fee="5.00"), review_first_bill=False)
    monkeypatch.setattr(_shared, "clock", lambda: APRIL_LAST)
    return customer


def import_devices(folder: Path, customer: str, names: list[str]) -> Answer:
    """One computer for each name, present since the first of April."""
    file = folder / "devices.csv"
    with file.open("w", encoding="utf-8", errors="surrogateescape", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["Customer", "Device ID", "Name", "Class", "Serial"])
        for number, name in enumerate(names):
            rows.writerow([customer, f"id-{number}", name, "computer", ""])
    return run("inventory", "import", str(file), "--present-since", "2026-04-01", "--as-of", "2026-04-30")


def writable(name: str) -> str:
    """The name without what a text file cannot hold: half of a pair of surrogates, and NUL."""
    return name.encode("utf-8", "replace").decode().replace("\0", "")


def test_hostile_names_end_as_text_on_a_bill_in_a_mail_and_in_the_accounts(shop: Customer, tmp_path: Path) -> None:
    names = [writable(name) for name in (*HOSTILE, *PAYLOADS)]

    imported = import_devices(tmp_path, EVIL_CUSTOMER, names)
    assert imported.code == 0, imported.err
    with acting(Scope.all()):
        assert Device.objects.count() == len(names)
    billed = run("bill", "--confirm", "--at", MAY_FIRST.isoformat())
    assert billed.code == 0, billed.err
    assert "INV-2026-00001" in billed.out
    with scripted_post() as post:
        with acting(Scope.all()):
            MailServer.objects.update(host="127.0.0.1", port=post.port, security="none")
        assert print_waiting(clock=lambda: MAY_FIRST).failures == {}
        assert send_due(clock=lambda: MAY_FIRST)["sent"] == 1

    with acting(Scope.all()):
        pdf = bytes(BillPrint.objects.get().content)
        exported = "".join(csv_of_bills([Bill.objects.get().pk]))
    _is_legible(pages(pdf), count=len(names))
    ((_, mail),) = post.taken
    (attached,) = [part.get_payload(decode=True) for part in mail.iter_attachments()]
    assert attached == pdf
    assert mail["Subject"] == "Shop: invoice INV-2026-00001"
    assert "Bcc" not in mail
    _is_defused(exported)
    assert [breach for kept in audit(now=MAY_FIRST) for breach in kept.breaches] == []


def _is_legible(read: list[str], *, count: int) -> None:
    """The bill charges every device, shows what can be shown of each name, and keeps to its pages."""
    bill = " ".join(read)
    net = 30 * count + 5
    assert f"EUR {net * 119 / 100:,.2f}" in bill
    assert "<script>alert(1)</script>" in bill
    assert "#set page(width: 1pt)" in bill
    assert "A" * 20 in bill
    assert "…" in bill
    assert not any(ord(character) < 32 or character in "\u202e\u2066\u200b" for character in bill)
    assert len(read) <= 12


def _is_defused(exported: str) -> None:
    """No cell would be run by a spreadsheet; numbers below zero are numbers."""
    rows = list(csv.reader(StringIO(exported)))
    assert len(rows) == 3
    cells = [cell for row in rows[1:] for cell in row]
    assert [cell for cell in cells if cell.startswith(FORMULAS) and not _is_number(cell)] == []
    assert f"'{EVIL_CUSTOMER}" in cells


def test_no_payload_is_a_formula_in_any_cell_or_breaks_a_line_of_the_log() -> None:
    cells = [cell(name) for name in PAYLOADS]
    assert [text for text in cells if text.startswith(FORMULAS)] == []
    read = next(csv.reader(StringIO(rows_as_text([cells]))))
    assert [text.removeprefix("'") for text in read] == [text.removeprefix("'") for text in cells]
    for form in ("console", "json"):
        for name in PAYLOADS:
            record = logging.LogRecord("quarterday", logging.INFO, "", 0, "device %s", (name,), None)
            line = formatter(form).format(record)
            assert not [character for character in line if ord(character) < 32 or ord(character) == 127], (form, name)


def _is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdigit()


def test_a_file_with_a_nul_is_refused_as_a_whole_and_names_the_line(shop: Customer, tmp_path: Path) -> None:
    answer = import_devices(tmp_path, EVIL_CUSTOMER, ["PC-1", "PC\0-2"])

    assert answer.code == 2
    assert "line 3, Name: there is a NUL character in this cell" in answer.err
    with acting(Scope.all()):
        assert Device.objects.count() == 0


@pytest.mark.parametrize("command", [("devices", "list"), ("customers", "list"), ("plans", "list"), ("bills", "list")])
def test_no_list_moves_the_cursor_or_is_filled_by_one_name(
    shop: Customer, tmp_path: Path, command: tuple[str, str]
) -> None:
    import_devices(tmp_path, EVIL_CUSTOMER, [writable(name) for name in HOSTILE])
    run("bill", "--confirm", "--at", MAY_FIRST.isoformat())

    shown, listed = run(*command), run(*command, "--json")

    assert shown.code == listed.code == 0
    assert not any(ord(character) < 32 and character != "\n" for character in shown.out)
    assert len(shown.out) < 20_000
    assert listed.json


def test_every_name_is_the_same_name_in_the_stored_facts_and_in_each_list_as_json(
    shop: Customer, tmp_path: Path
) -> None:
    names = [writable(name) for name in (*HOSTILE, *PAYLOADS)]
    import_devices(tmp_path, EVIL_CUSTOMER, names)
    with acting(Scope.all()):
        for name in PAYLOADS:
            with suppress(Refused):
                a_customer(name)
            with suppress(Refused):
                a_plan(name)
        kept = {
            room: set(rows.objects.values_list("name", flat=True))
            for room, rows in (("devices", Device), ("customers", Customer), ("plans", Plan))
        }
    assert {room: len(found) > 180 for room, found in kept.items()} == dict.fromkeys(kept, True)
    assert run("bill", "--confirm", "--at", MAY_FIRST.isoformat()).code == 0
    with acting(Scope.all()):
        facts = unpack(bytes(BillFacts.objects.get().data))

    listed = {room: run(room, "list", "--json") for room in (*kept, "bills")}

    assert {room: {row["name"] for row in listed[room].json} for room in kept} == kept
    assert [row["customer"] for row in listed["bills"].json] == [EVIL_CUSTOMER]
    assert kept["devices"] <= set(_texts(json.loads(facts)))
    for written in (facts.decode(), *(answer.out for answer in listed.values())):
        assert not [character for character in written if ord(character) < 32 and character != "\n"]


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, and every name of a member."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from (name, *_texts(part))
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


@pytest.mark.parametrize(
    ("name", "words"), [("Evil\x1b[2J Ltd", "name"), ("A" * 10_000, "name"), ("", "name"), ("half\x00", "name")]
)
def test_a_customer_that_cannot_be_put_on_paper_is_refused_in_words(shop: Customer, name: str, words: str) -> None:
    answer = run("customers", "add", name, "--country", "DE", "--zone", "Europe/Berlin", "--currency", "EUR")

    assert answer.code in (1, 2)
    assert words in answer.err
    assert "Traceback" not in answer.err
    with acting(Scope.all()):
        assert Customer.objects.count() == 1


@pytest.fixture
def fleet(shop: Customer, tmp_path: Path) -> Customer:
    """The hostile customer with two devices of ordinary names."""
    assert import_devices(tmp_path, EVIL_CUSTOMER, ["PC-1", "PC-2"]).code == 0
    return shop


def disk_full(*_: Any, **__: Any) -> None:
    """What Django raises when PostgreSQL has no space left."""
    raise OperationalError("could not extend file: No space left on device") from errors.DiskFull("no space left")


@pytest.mark.parametrize(
    "step",
    [
        "quarterday.bills.settling.insert_staged",
        "quarterday.bills.numbering.insert_staged",
        "quarterday.bills.writing.post_messages",
    ],
)
def test_a_full_disk_in_the_middle_of_a_run_leaves_nothing_behind_and_the_next_run_bills(
    fleet: Customer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(step, disk_full)
        failed = run("bill", "--confirm", "--at", MAY_FIRST.isoformat())

    assert failed.code == 1
    assert "The database server's disk is full" in failed.err
    with acting(Scope.all()):
        left = [rows.objects.count() for rows in (Bill, BillIssue, PeriodClaim, Message, Delivery)]
    assert left == [0, 0, 0, 0, 0]

    assert "INV-2026-00001" in run("bill", "--confirm", "--at", MAY_FIRST.isoformat()).out


def test_a_full_disk_in_the_middle_of_a_print_keeps_the_bill_waiting(
    fleet: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("bill", "--confirm", "--at", MAY_FIRST.isoformat())
    with monkeypatch.context() as patched:
        patched.setattr("quarterday.bills.printing.make_ready", disk_full)
        failures = print_waiting(clock=lambda: MAY_FIRST).failures

    assert list(failures.values()) == ["OperationalError: could not extend file: No space left on device"]
    with acting(Scope.all()):
        assert BillPrint.objects.count() == 0
        assert Delivery.objects.get().state == "waiting"
    assert print_waiting(clock=lambda: MAY_FIRST).count == 1


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No file can grow beyond four kilobytes, which fails in the middle of writing as a full disk does."""
    # Python would keep what it could write of a module that it compiles meanwhile, and not find the end of it later.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_cannot_be_written_whole_is_not_written_and_the_old_one_stays(
    fleet: Customer, tmp_path: Path, small_files: None
) -> None:
    run("bill", "--confirm", "--at", MAY_FIRST.isoformat())
    old = tmp_path / "consolidated.pdf"
    old.write_bytes(b"last year's")
    days = ("--since", "2026-05-01", "--until", "2026-05-31")

    answers = [
        run("bills", "consolidated", EVIL_CUSTOMER, *days, "--out", str(old)),
        run("bills", "pdf", "INV-2026-00001", "--folder", str(tmp_path)),
        run("payments", "statement", fleet.number, *days, "--out", str(tmp_path / "new.pdf")),
    ]

    assert [answer.code for answer in answers] == [1, 1, 1]
    assert all("File too large" in answer.err and str(tmp_path) in answer.err for answer in answers)
    assert old.read_bytes() == b"last year's"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["consolidated.pdf", "devices.csv"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
def test_output_to_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    scenario = '{"id": "x", "nothing": 1}\n'
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from quarterday.cli.main import main; main()", "scenario", "-"],
            input=scenario,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "src"},
            timeout=60,
            check=False,
        )

    assert done.returncode != 0
    assert "The disk is full" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_gone_is_told_in_words_and_nothing_is_written(tmp_path: Path) -> None:
    answer = process(
        *("bill", "--at", MAY_FIRST.isoformat()),
        DATABASE_URL="postgresql://quarterday_login:secret@127.0.0.1:9/quarterday",
        QUARTERDAY_DATA_FOLDER=str(tmp_path),
        QUARTERDAY_SECRET_KEYS="a signing key that is used by tests and nowhere else",
        QUARTERDAY_ENCRYPTION_KEYS=os.environ["QUARTERDAY_ENCRYPTION_KEYS"],
    )

    assert answer.code == 1
    assert "cannot be" in answer.err
    assert "secret" not in answer.err
    assert "Traceback" not in answer.err
    assert list(tmp_path.iterdir()) == []
