"""A day on which everything happens: what the worker does, and what people do beside it. It may be lived twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quarterday.bills.models import Bill, BillIssue, BillPrint, PeriodClaim
from quarterday.cli import _shared
from quarterday.outbox.models import Delivery, MailServer, Message
from quarterday.payments.models import Allocation, BankLine, LateFee, Payment
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.worker import jobs
from tests.bills.ledger import present
from tests.cli.terminal import run
from tests.payments.bank import camt, details, ntry
from tests.shop import a_customer, a_plan, a_subscription, open_shop

MORNING = datetime(2026, 5, 1, 7, tzinfo=UTC)
WEEKS_LATER = MORNING + timedelta(days=30)
CUSTOMERS = 3


def prepare(post: Any) -> None:
    """A shop with three customers who are due today: one will pay, one is credited, one is reminded."""
    with acting(Scope.all()):
        open_shop(mail_hour=0)
        Provider.objects.update(late_fee_days=5, late_fee_amount=Decimal("5.00"), late_fee_since=date(2026, 4, 1))
        MailServer.objects.update(host="127.0.0.1", port=post.port, security="none")
        plan = a_plan()
        for n in range(CUSTOMERS):
            customer = a_customer(f"Customer {n}", emails=[f"customer{n}@shop.example"])
            a_subscription(customer, plan, review_first_bill=False)
            present(customer, "PC-1 #>", start=date(2026, 4, 1))


def live(folder: Path, *, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Bill, print, mail, seal, look back; take in the bank's file, credit, remind; export and back up.

    Weeks later somebody else may have to go on: a payment that nobody took in by then costs its bill a late fee.
    """
    _do(folder, MORNING, _work, _at_the_desk)
    if goes_on():
        _do(folder, WEEKS_LATER, _work, _keep)


def a_minute_later(folder: Path) -> None:
    """What any worker then does."""
    _do(folder, WEEKS_LATER + timedelta(minutes=1), _work)


def _do(folder: Path, at: datetime, *deeds: Callable[[Path], None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "clock", lambda: at)
        patch.setattr(jobs, "_call", lambda job: None)
        patch.setattr(_shared, "clock", lambda: at)
        for deed in deeds:
            deed(folder)


def _work(folder: Path) -> None:
    for job in (
        *(jobs.bill, jobs.print_bills, jobs.remind, jobs.rescue_mail, jobs.send_mail, jobs.tell_admins),
        *(jobs.pause_ghosts, jobs.look_back, jobs.seal_trail),
    ):
        job.func(timestamp=0)


def _at_the_desk(folder: Path) -> None:
    """What people do: a second time it is refused, or changes nothing."""
    with acting(Scope.all()):
        first = BillIssue.objects.order_by("sequence").values_list("number", flat=True).first()
    statement = folder / "statement.xml"
    statement.write_bytes(camt(ntry("35.70", details=details(f"{first}", name="Customer 0"))))
    run("payments", "import", str(statement), "--confirm-sure")
    run("bills", "credit", "INV-2026-00002", "--reason", "goodwill")
    run("mail", "test", "--to", "owner@shop.example")


def _keep(folder: Path) -> None:
    run("bills", "export", "--out", str(folder / "bills.csv"))
    run("backup", str(folder / "backup.zip"))


def outcome() -> dict[str, Any]:
    """What is there in the end, however often it was begun."""
    with acting(Scope.all()):
        return {
            "numbers": sorted(BillIssue.objects.values_list("number", flat=True)),
            "totals": sorted(Bill.objects.values_list("kind", "total")),
            "printed": BillPrint.objects.count(),
            "claims": PeriodClaim.objects.count(),
            "mails": sorted(Message.objects.values_list("key", flat=True)),
            "states": sorted(set(Delivery.objects.values_list("state", flat=True))),
            "payments": sorted(Payment.objects.values_list("amount", flat=True)),
            "settled": sorted(Allocation.objects.values_list("amount", flat=True)),
            "bank": sorted(BankLine.objects.values_list("state", flat=True)),
            "late fees": LateFee.objects.count(),
        }
