"""Promise 3: around each commit, each send and each file, whoever works is killed, fails, is cut off or stands still.

The points are a list of names, and the list is held: a day on which everything happens (day.py) and one on which people
bring things in by the pages (desk.py) reach these points and no others, and every function of ours that opens a
transaction commits at one of them, or only reads.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from quarterday.audit.queries import audit
from tests.settings import ROOT
from tests.worker import day, desk
from tests.worker.crew import SlowPost, eventually, slow_post
from tests.worker.day import WEEKS_LATER, a_minute_later, live, outcome, prepare
from tests.worker.faultpoints import fault_points
from tests.worker.griever import FAULTS

if TYPE_CHECKING:
    from tests.databases import Database

COMMITS = (
    "bills/run.py:run_billing",
    "bills/run.py:_bill_chunk",
    "bills/printing.py:print_waiting",
    "outbox/sending.py:_claim",
    "outbox/sending.py:_talk",
    "outbox/actions/server.py:send_test_mail",
    "worker/jobs.py:remind",
    "worker/jobs.py:pause_ghosts",
    "worker/jobs.py:seal_trail",
    "cli/_shared.py:at_desk",
)
SENDS = ("outbox/sending.py:_send", "outbox/actions/server.py:send_test_mail")
MOVES = ("cli/_files.py:whole_file",)
PACKINGS = ("upkeep/backup/writing.py:write_backup",)
PAGES = (
    "web/customers/importing.py:upload",
    "web/customers/importing.py:preview",
    "web/inventory/upload.py:upload",
    "web/inventory/upload.py:columns",
    "web/inventory/upload.py:preview",
    "web/settings/appearance.py:logo",
    "web/payments/bank.py:bank",
    "web/payments/bank.py:decide",
    "web/customers/privacy.py:take_along",
)
"""Views; the door commits for each (web/door.py:opened)."""
WAYS_IN = (
    "web/sign_in/links.py:post_link",
    "web/sign_in/views.py:sign_in_by_link",
    "web/mail.py:send_messages",
)
FRAMEWORK = ("web/middleware.py:__call__",)
"""What sessions keep at the end of a request, named by who is around."""


def _points(**places_of: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"{side} the {what} of {place}"
        for what, places in places_of.items()
        for place in places
        for side in ("before", "after")
    )


POINTS = _points(commit=COMMITS, send=SENDS, move=MOVES, packing=PACKINGS)
AT_THE_DESK = _points(
    commit=(*PAGES, *WAYS_IN, *FRAMEWORK, "cli/_shared.py:at_desk"),
    move=MOVES,
    packing=("upkeep/privacy/portfolio.py:write_portfolio",),
)

ELSEWHERE = {
    "bills/run.py:_park_alone": "the same as _bill_chunk, for a customer alone: tests/bills/test_drafts.py",
    "bills/running.py:_keep": "what a page shows of a run that is on: tests/web/test_bills_run.py",
    "outbox/sending.py:rescue": "one statement; what it takes up are the mails of all who come to grief here",
    "bills/actions/late.py:look_back": "found again the next night: tests/bills/test_late.py",
    "web/door.py:opened": "each page in one piece; those that take in files, and the way they are used, are PAGES",
    "web/my/views.py:my_account": "one row of oneself, and its entry: tests/web/test_my_account.py",
    "web/sign_in/adapter.py:set_password": "one row, and its entry: tests/web/test_sign_in.py",
    "web/sign_in/adapter.py:post_login": "one entry; the next sign-in makes it: tests/web/test_second_factor.py",
    "web/sign_in/views.py:first_admin": "one user, or none: tests/web/test_sign_in.py",
    "worker/jobs.py:tell_admins": "one key an alarm, so that it may be done again: tests/web/test_second_factor.py",
    "upkeep/backup/restoring.py:load_backup": "one transaction into an empty database: tests/upkeep/test_backup.py",
}
READING = {
    "audit/queries.py",
    "bills/estimate.py",
    "bills/conservation/checking.py",
    "bills/whatif/replaying.py",
    "upkeep/backup/writing.py",
    "upkeep/health.py",
    "upkeep/privacy/portfolio.py",
    "accounts/queries.py",
    "upkeep/backup/restoring.py",
}
"""Files whose other transactions write nothing."""
READS = {
    "bills/printing.py:printed_pdf": "prints what print_waiting would have printed",
    "bills/printing.py:print_some": "print_waiting, once",
    "bills/printing.py:_print_possible": "a savepoint",
    "payments/actions/proposing.py:_do_or_propose": "a savepoint, within what the door commits",
    "payments/actions/proposing.py:approve_proposal": "a savepoint, within what the door commits",
    "bills/actions/mailing.py:record_download": "who fetched a bill, by a page: tests/web/test_bills_acts.py",
    "outbox/sending.py:send_due": "looks whether mail may go",
    "cli/mail.py:send": "looks whether mail may go, and what is left",
    "web/acts.py:do": "a savepoint, within what the door commits",
    "web/bills/whatif.py:replay_sum": "adds up what was tried out",
    "web/door.py:decorate": "defines opened",
    "web/door.py:page": "defines opened",
    "web/files.py:content": "a list that is made while it is sent",
    "web/files.py:csv_in_pieces": "defines content",
    "web/forms.py:try_out": "a savepoint, within what the door commits",
    "web/inventory/upload.py:_look": "a savepoint, within what the door commits",
    "web/sign_in/views.py:ask_for_link": "looks whether mail may go",
    "web/system/probes.py:metrics": "looks how the installation stands",
    "worker/jobs.py:_may_work": "looks whether bills are sent here",
}


EXPECTED = {
    "numbers": ["CN-2026-00001", "INV-2026-00001", "INV-2026-00002", "INV-2026-00003"],
    "printed": 4,
    "claims": 3,
    "bank": ["confirmed"],
    "states": ["sent"],
    "late fees": 1,
}
"""What the day ends with, in whatever pieces it was lived."""


@pytest.fixture
def post(fresh_database: Database) -> Iterator[SlowPost]:
    """The shop on the morning of that day, and its post office."""
    with slow_post() as office:
        prepare(office)
        yield office


def test_the_day_reaches_these_points_and_no_others(post: SlowPost, tmp_path: Path) -> None:
    reached: list[str] = []
    with fault_points(reached.append):
        live(tmp_path)

    assert set(reached) == set(POINTS)
    assert {name: value for name, value in outcome().items() if name in EXPECTED} == EXPECTED


def test_every_transaction_of_ours_has_its_points_or_a_reason() -> None:
    opened = {place for place in transactions() if not place.startswith(("demo/", "shared/"))}
    known = {*COMMITS, *WAYS_IN, *ELSEWHERE, *READS}
    assert {place for place in opened - known if place.partition(":")[0] not in READING} == set()
    assert (set(ELSEWHERE) | set(READS)) - opened == set()


def transactions() -> set[str]:
    """file:function of everything below src/quarterday that opens a transaction."""
    source = ROOT / "src" / "quarterday"
    found = set()
    for path in source.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                names = {
                    getattr(call.func, "attr", getattr(call.func, "id", ""))
                    for call in ast.walk(function)
                    if isinstance(call, ast.Call)
                }
                if names & {"acting", "atomic"}:
                    found.add(f"{path.relative_to(source).as_posix()}:{function.name}")
    return found


@pytest.mark.parametrize(
    ("point", "fault"),
    [
        pytest.param(
            point, fault, marks=pytest.mark.sweep if (point, fault) == (POINTS[3], "killed") else pytest.mark.prove
        )
        for point in POINTS
        for fault in FAULTS
    ],
)
def test_whoever_comes_to_grief_there_leaves_nothing_that_the_next_one_does_not_put_right(
    post: SlowPost, fresh_database: Database, tmp_path: Path, point: str, fault: str
) -> None:
    met = come_to_grief(fresh_database, tmp_path, day, point, fault)
    live(tmp_path)
    a_minute_later(tmp_path)

    assert met, "the fault was not met"
    assert {name: value for name, value in outcome().items() if name in EXPECTED} == EXPECTED
    assert [breach for kept in audit(now=WEEKS_LATER) for breach in kept.breaches] == []
    bills = [mail["Message-ID"] for address, mail in post.taken if address != "owner@shop.example"]
    # A mail of which the sender did not learn that it had arrived goes out again as the same mail.
    in_doubt = ("after the send", "before the commit of outbox/sending.py:_talk")
    assert len(bills) == len(set(bills)) or point.startswith(in_doubt) or fault == "cut off"


def come_to_grief(database: Database, folder: Path, lived: ModuleType, point: str, fault: str) -> bool:
    """Live a day in a process of its own up to the point, and meet the fault there; whether it was met.

    While that process stands still, this one lives the same day in the same database.
    """
    griever = subprocess.Popen(
        [sys.executable, "-m", "tests.worker.griever", lived.__name__.rpartition(".")[2], point, fault, str(folder)],
        cwd=ROOT,
        env={**database.environment(folder), "PYTHONPATH": f"src:{ROOT}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    mark = folder / "met"
    if fault == "stalled":
        eventually(mark.exists, within=60)
        lived.live(folder)
    griever.wait(60)
    return mark.exists()


# At the desk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(fresh_database: Database) -> None:
    """The shop on the morning on which people bring things in."""
    desk.prepare()


BROUGHT_IN = {
    "customers": [("C-1", "North", "Kiel"), ("C-2", "South", "Bonn"), ("C-3", "West", "Essen")],
    "devices": [("1", "FRONT"), ("2", "SRV"), ("3", "DESK")],
    "stays": 3,
    "logo": True,
    "bank": [("confirmed", "payment")],
    "payments": ["35.700"],
    "noted": True,
}


def test_the_day_at_the_desk_reaches_these_points_and_no_others(shop: None, tmp_path: Path) -> None:
    reached: list[str] = []
    with fault_points(reached.append):
        desk.live(tmp_path)

    assert set(reached) == set(AT_THE_DESK)
    assert desk.outcome() == BROUGHT_IN


@pytest.mark.parametrize(
    ("point", "fault"),
    [
        pytest.param(
            point, fault, marks=pytest.mark.sweep if (point, fault) == (AT_THE_DESK[9], "killed") else pytest.mark.prove
        )
        for point in AT_THE_DESK
        for fault in FAULTS
    ],
)
def test_whoever_comes_to_grief_at_the_desk_leaves_nothing_half_done(
    shop: None, fresh_database: Database, tmp_path: Path, point: str, fault: str
) -> None:
    met = come_to_grief(fresh_database, tmp_path, desk, point, fault)
    desk.live(tmp_path)

    assert met, "the fault was not met"
    assert desk.outcome() == BROUGHT_IN
    assert [breach for kept in audit(now=datetime.now(UTC)) for breach in kept.breaches] == []
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".zip", ".part")) == ["north.zip"]
