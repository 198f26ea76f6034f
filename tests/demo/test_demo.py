"""The demo: the same MSP for the same day, stopped where one likes, killed and built again, never over real data."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from quarterday.bills.models import Bill, BillIssue
from quarterday.customers.queries import customer_list
from quarterday.demo.build import DemoReport, NotTheDemo, build, check_replaceable, standing, story_start
from quarterday.demo.cast import crowd
from quarterday.inventory.models import SyncRun
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.databases import Database, Server, pointing_django_at
from tests.shop import a_customer, open_shop

TODAY = date(2026, 11, 24)
FIRST = date(2025, 9, 1)
SEVEN_WEEKS = date(2025, 10, 21)


@dataclass(frozen=True)
class Built:
    """What a build left behind, without the moments and random names in it."""

    report: DemoReport
    folder: Path
    bills: list[tuple[str, date, str]]
    paper: dict[str, str]
    mails: list[str]


def a_build(folder: Path, **options: Any) -> Built:
    report = build(folder, today=TODAY, **{"stage": SEVEN_WEEKS, **options})
    with acting(Scope.all()):
        issues = BillIssue.objects.select_related("bill").order_by("kind", "year", "sequence")
        bills = [(issue.number, issue.issued_on, bytes(issue.bill.content_digest).hex()) for issue in issues]
    paper = {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted((folder / "bills").glob("*.pdf"))}
    return Built(report, folder, bills, paper, [subject(path) for path in sorted((folder / "mails").glob("*.eml"))])


def subject(path: Path) -> str:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    return f"{mail['To']}: {mail['Subject'].strip()}"


@pytest.fixture(scope="module")
def seven_weeks(
    database_server: Server, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy):
            built = a_build(tmp_path_factory.mktemp("demo"))
        yield built
        database_server.drop(copy)


@pytest.mark.prove
def test_two_builds_of_the_same_day_give_the_same_bills_paper_and_mails(
    seven_weeks: Built, fresh_database: Database, tmp_path: Path
) -> None:
    again = a_build(tmp_path)

    assert len(again.bills) == 13
    assert again.bills == seven_weeks.bills
    assert again.paper == seven_weeks.paper
    assert again.mails == seven_weeks.mails


def test_the_story_stops_on_the_day_one_names(seven_weeks: Built) -> None:
    report = seven_weeks.report

    assert (report.start, report.until) == (FIRST, SEVEN_WEEKS)
    assert list(report.months) == ["2025-09", "2025-10"]
    assert {issued_on for _, issued_on, _ in seven_weeks.bills} == {
        *(FIRST, date(2025, 9, 15), date(2025, 9, 30)),
        *(date(2025, 10, 1), date(2025, 10, 15)),
    }
    assert max(path.name for path in (seven_weeks.folder / "inventory").iterdir()) == "devices-2025-10-21.csv"
    assert report.held == []


def test_every_bill_is_a_pdf_and_a_mail(seven_weeks: Built) -> None:
    numbers = [number for number, _, _ in seven_weeks.bills]

    assert list(seven_weeks.paper) == [f"{number}.pdf" for number in numbers]
    assert [number for number in numbers if not any(number in mail for mail in seven_weeks.mails)] == []
    assert "payables@pacific-film.example: Brightwater IT: payment due on September 15, 2025" in seven_weeks.mails
    assert "kaemmerei@seefeld.example: Brightwater IT: Zahlung überfällig" in seven_weeks.mails


def test_the_story_ends_yesterday_with_fourteen_months_billed() -> None:
    assert story_start(TODAY) == FIRST
    # On the second of a month, the month before is not billed everywhere in the world yet.
    assert story_start(date(2026, 12, 2)) == FIRST
    assert story_start(date(2026, 12, 3)) == date(2025, 10, 1)


@pytest.mark.sweep
def test_other_customers_make_an_msp_of_any_size(fresh_database: Database, tmp_path: Path) -> None:
    sizes = [sketch.computers for sketch in crowd(50, 2_000)]
    assert (len(sizes), sum(sizes), min(sizes)) == (50, 2_000, 10)

    built = a_build(tmp_path, customers=crowd(5, 60), stage=date(2025, 10, 2))

    assert built.report.counts["customers"] == 5
    # Some of the 60 devices come later in the story.
    assert built.report.counts["devices"] == 54
    assert [number for number, _, _ in built.bills] == [f"INV-2025-{place:05}" for place in range(1, 6)]


def test_a_database_with_real_data_is_left_alone(fresh_database: Database, tmp_path: Path) -> None:
    with acting(Scope.all()):
        open_shop(name="Real MSP", vat_id="DE111111125")
        a_customer("A real customer")

    with pytest.raises(NotTheDemo, match="the data of Real MSP"):
        check_replaceable()
    refused = demo(fresh_database, tmp_path, "--stage", "0")

    assert refused.returncode == 1
    assert "This database holds the data of Real MSP, so the demo leaves it alone." in " ".join(refused.stderr.split())
    with acting(Scope.all()):
        assert [customer.name for customer in customer_list()] == ["A real customer"]


@pytest.mark.prove
def test_a_build_that_was_killed_in_the_middle_is_built_again_and_then_stands(
    fresh_database: Database, tmp_path: Path
) -> None:
    files = tmp_path / "demo" / "inventory"
    killed = subprocess.Popen(command("--stage", "14"), env=fresh_database.environment(tmp_path), stdout=-3, stderr=-3)
    deadline = time.monotonic() + 120
    while len(list(files.glob("*.csv"))) < 12:
        assert killed.poll() is None, "the demo ended before it could be killed"
        assert time.monotonic() < deadline, "no inventory files after two minutes"
        time.sleep(0.05)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    with acting(Scope.all()):
        assert Bill.objects.exists()

    again = demo(fresh_database, tmp_path, "--stage", "0")

    assert (again.returncode, again.stderr) == (0, "")
    assert "12 customers" in again.stdout
    with acting(Scope.all()):
        # The first day only: one bill in advance, nothing left of what was killed.
        assert [bill.customer.name for bill in Bill.objects.all()] == ["Pacific Film Works"]
        assert SyncRun.objects.count() == 1
    assert standing(tmp_path / "demo", story_start(datetime.now(UTC).date()).replace(day=2)) is not None


def test_a_folder_whose_database_is_another_one_holds_no_demo(fresh_database: Database, seven_weeks: Built) -> None:
    assert standing(seven_weeks.folder, SEVEN_WEEKS) is None


def test_a_stage_that_is_neither_months_nor_a_day_is_refused(fresh_database: Database, tmp_path: Path) -> None:
    refused = demo(fresh_database, tmp_path, "--stage", "soon")

    assert refused.returncode == 2
    assert "'soon' is neither a number of months (0 to 14) nor a day like 2026-04-30" in " ".join(
        refused.stderr.split()
    )


def command(*options: str) -> list[str]:
    return [str(Path(sys.executable).with_name("quarterday")), "demo", "--no-serve", *options]


def demo(database: Database, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**database.environment(folder), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(command(*options), env=environment, capture_output=True, text=True, timeout=300)
