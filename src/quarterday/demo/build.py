"""Build the demo MSP, and tell what came out.

    report = build(folder, today=..., progress=...)

The same day always gives the same MSP. A build that was killed is noticed by its missing mark; whoever starts the next
one empties the database first (`check_replaceable` says whether that is allowed).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from quarterday.accounts.actions import create_user
from quarterday.bills.printing import printed_bills
from quarterday.bills.queries import drafts_to_review
from quarterday.customers.queries import customer_list, customers_named
from quarterday.demo.cast import CUSTOMERS, CustomerSketch
from quarterday.demo.events import CLERK
from quarterday.demo.mailserver import MailFolder, mail_server
from quarterday.demo.msp import PROVIDER
from quarterday.demo.story import Story
from quarterday.engine.periods import MONTHLY, boundary
from quarterday.provider.queries import find_provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope

MONTHS = 14
MARK = "built.json"
STORY = "6"
"""Another number builds every standing demo again: raise it with each change of the story."""
PASSWORD = "brightwater-demo-2026"  # noqa: S105  # printed for everybody who starts the demo on their own machine

SIGN_INS: Sequence[tuple[str, str, str, tuple[str, ...]]] = [
    ("admin", "hanna@brightwater.example", "Hanna Brook", ()),
    ("clerk", "clara@brightwater.example", "Clara Clerk", ()),
    ("auditor", "otto@brightwater.example", "Otto Auditor", ()),
    (
        "customer_admin",
        "tim@brightwater.example",
        "Tim Technician",
        ("North Dental Group GmbH", "Kanzlei Sommer & Partner"),
    ),
    ("contact", "rechnung@north-dental.example", "Nora North", ("North Dental Group GmbH",)),
]

Progress = Callable[[int, int, str], None]


class NotTheDemo(Exception):
    """The database holds somebody's real data, which the demo must not touch."""


class HeldBill(NamedTuple):
    """A draft that waits for a person, and why."""

    customer: str
    total: Decimal
    currency: str
    reasons: str


@dataclass(slots=True)
class DemoReport:
    """What the demo made: documents and totals per month and currency, what is held and why, where files are."""

    start: date
    until: date
    months: dict[str, dict[str, tuple[int, Decimal]]] = field(default_factory=dict)
    held: list[HeldBill] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    pdf_folder: Path = Path()
    mail_folder: Path = Path()


def story_start(today: date) -> date:
    """The first of the month from which the story's months are over, and billed everywhere, before today."""
    return boundary((today - timedelta(days=2)).replace(day=1), MONTHLY, -MONTHS)


def standing(folder: Path, stage: date | None) -> dict[str, date] | None:
    """The "start" and "until" of the whole build of this story and stage that stands in folder and database."""
    mark = folder / MARK
    told = json.loads(mark.read_text()) if mark.exists() else {}
    with acting(Scope.all()):
        is_empty = find_provider() is None
    if is_empty or (told.get("story"), told.get("stage")) != (STORY, str(stage)):
        return None
    return {name: date.fromisoformat(told[name]) for name in ("start", "until")}


def check_replaceable() -> None:
    """Raise NotTheDemo when the database is somebody's: anything but empty or a demo."""
    with acting(Scope.all()):
        provider = find_provider()
        strangers = customer_list(archived=None).exists() if provider is None else provider.vat_id != PROVIDER["vat_id"]
    if strangers:
        who = provider.name if provider else "customers"
        raise NotTheDemo(
            f"This database holds the data of {who}, so the demo leaves it alone. Give the demo a folder of its own:"
            " QUARTERDAY_DATA_FOLDER=demo quarterday demo (or another DATABASE_URL)."
        )


def build(
    folder: Path,
    *,
    today: date,
    stage: date | None = None,
    progress: Progress | None = None,
    customers: Sequence[CustomerSketch] = CUSTOMERS,
) -> DemoReport:
    """Live the story from its first day to `stage` or yesterday, in an empty, migrated database.

    With other `customers` (see cast.crowd) the same months pass without the events of the demo's own story.
    """
    start, until = story_start(today), today - timedelta(days=1)
    until = until if stage is None else min(stage, until)
    (folder / MARK).unlink(missing_ok=True)
    mails = folder / "mails"
    for old in mails.glob("*.eml"):
        old.unlink()
    story = Story(start, MONTHS, until, folder, customers)
    days = list(story.days())
    with mail_server(MailFolder(mails)) as port, _without_waiting_for_the_disk():
        story.open(mail_port=port)
        if customers is CUSTOMERS:
            _let_people_in(datetime(start.year, start.month, 1, 6, tzinfo=UTC))
        for done, day in enumerate(days, start=1):
            story.live(day)
            if progress:
                progress(done, len(days), f"{day:%B %Y}")
    _write_pdfs(folder / "bills")
    mark = {"story": STORY, "stage": str(stage), "start": str(start), "until": str(until)}
    (folder / MARK).write_text(json.dumps(mark))
    return report(folder, start=start, until=until)


def report(folder: Path, *, start: date, until: date) -> DemoReport:
    """What stands in the database, as the command prints it."""
    told = DemoReport(start, until)
    told.pdf_folder, told.mail_folder = folder / "bills", folder / "mails"
    with acting(Scope.all()), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT to_char(i.issued_on, 'YYYY-MM'), b.currency, count(*),
                   sum(CASE b.kind WHEN 'credit_note' THEN -b.total ELSE b.total END)
            FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id GROUP BY 1, 2 ORDER BY 1, 2
            """
        )
        months: dict[str, dict[str, tuple[int, Decimal]]] = defaultdict(dict)
        for month, currency, count, total in cursor.fetchall():
            months[month][currency] = (count, total)
        told.months = dict(months)
        for bill in drafts_to_review():
            reasons = "; ".join(hold.message for hold in bill.holds.all())
            told.held.append(HeldBill(bill.customer.name, bill.total, bill.currency, reasons))
        for name, table in (
            ("customers", "customers_customer"),
            ("devices", "inventory_device"),
            ("syncs", "inventory_syncrun"),
            ("bills", "bills_billissue"),
            ("payments", "payments_payment"),
        ):
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  # names from the lines above
            told.counts[name] = cursor.fetchone()[0]
    told.counts["mails"] = len(list(told.mail_folder.glob("*.eml")))
    return told


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """A build that is cut off is built again from nothing, so its commits need not reach the disk one by one."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


def _let_people_in(now: datetime) -> None:
    with acting(Scope.all()):
        for role, email, name, customers in SIGN_INS:
            chosen = customers_named(customers)
            create_user(email=email, role=role, name=name, password=PASSWORD, customers=chosen, by=CLERK, now=now)


def _write_pdfs(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.pdf"):
        old.unlink()
    with acting(Scope.all()):
        for number, content in printed_bills():
            (folder / f"{number}.pdf").write_bytes(content)
