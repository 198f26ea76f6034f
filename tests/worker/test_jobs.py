"""Jobs by themselves: what they do on an empty installation, and what they say."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest

from quarterday.customers.models import Customer
from quarterday.outbox.models import Message
from quarterday.provider.actions import change_provider
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.worker import jobs
from tests.payments.conftest import customer, issued
from tests.shop import BY, NOW, open_shop


@pytest.mark.parametrize("name", ["bill", "print_bills", "send_mail", "remind", "rescue_mail", "check_books"])
def test_a_worker_that_is_started_before_anything_is_set_up_is_quiet(
    database: None, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    getattr(jobs, name)(timestamp=0)

    assert caplog.records == []


def test_the_nightly_audit_logs_the_row_and_no_name(database: None, caplog: pytest.LogCaptureFixture) -> None:
    with acting(Scope.all()):
        customer = Customer.objects.create(
            number="C-1", name="North", country="DE", time_zone="Europe/Berlin", currency="EUR", created_at=NOW
        )

    jobs.check_books(timestamp=0)

    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (
            logging.ERROR,
            "The audit found that a promise is broken: Every change has an audit entry with its actor."
            f" customer {customer.pk}",
        )
    ]


def test_reminders_go_out_and_name_the_fee_and_do_not_wait_for_one_that_cannot_be_charged(
    database: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "clock", lambda: NOW)
    with acting(Scope.all()):
        provider = open_shop(reminder_days_after=[14])
        fee: dict[str, Any] = {"late_fee_days": 14, "late_fee_since": date(2026, 1, 1), "late_fee_amount": "5.00"}
        change_provider(provider, by=BY, now=NOW, **fee)
        issued(customer("North"), "119.00", on=date(2026, 3, 1), due=date(2026, 3, 15))
        issued(customer("South"), "119.00", on=date(2026, 3, 1), due=date(2026, 3, 15))

    jobs.remind(timestamp=0)
    with acting(Scope.all()):
        assert ["late fee" in message.body for message in Message.objects.filter(kind="reminder")] == [True, True]
        issued(customer("East"), "119.00", on=date(2026, 3, 1), due=date(2026, 3, 15))
        Provider.objects.update(late_fee_tax_code="gone")
    jobs.remind(timestamp=0)

    with acting(Scope.all()):
        assert Message.objects.filter(kind="reminder").count() == 3
    assert "No late fee can be charged: tax_code: 'gone' is no tax code" in caplog.text


def test_a_step_that_is_enqueued_already_is_not_enqueued_twice(fresh_database: None) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    jobs.call_all()
    jobs.call_all()

    assert sorted(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [
        "bills.print",
        "bills.run",
        "outbox.rescue",
        "outbox.send",
        "payments.remind",
        "worker.rescue",
    ]
